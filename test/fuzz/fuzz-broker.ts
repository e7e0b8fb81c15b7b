import { connect as connectTls } from 'node:tls';
import { generate, type Packet } from 'mqtt-packet';
import { downBranch, upTopic } from '../../cloud-sync/protocol/topics.ts';
import { MemoryOutbox } from '../support/memory-outbox.ts';
import { mutated, seeded } from '../support/mutate.ts';
import { enrol, HubHome, startEdge, until } from '../support/sync-pair.ts';

export interface BrokerTally {
  readonly connections: number;
  readonly packets: number;
  /** The hub's memory grew by at most so many bytes. */
  readonly grownBytes: number;
  /** Records of the good gateway that were stored meanwhile, and were to be. */
  readonly stored: number;
  readonly journalled: number;
}

const ENEMY = 'enemy';
const FRIEND = 'friend';

/** Connections of an enrolled gateway gone mad, one after the other, while a good one goes on delivering. */
export async function fuzzBroker(seed: number, connections: number): Promise<BrokerTally> {
  const random = seeded(seed);
  const home = await HubHome.create();
  const { hub, stop } = await home.start();
  try {
    const enemy = await enrol(hub, ENEMY);
    const outbox = new MemoryOutbox();
    outbox.writeCatalogue();
    const edge = startEdge({ gateway: FRIEND, port: hub.port, identity: await enrol(hub, FRIEND), outbox });
    const before = process.memoryUsage().rss;
    let [packets, grownBytes] = [0, 0];
    for (let round = 0; round < connections; round++) {
      const { certificate: cert, key, ca } = enemy;
      const socket = connectTls({ port: hub.port, host: '127.0.0.1', cert, key, ca });
      socket.on('error', () => {});
      await new Promise((resolve) => socket.once('secureConnect', resolve).once('close', resolve));
      for (const bytes of attack(random, seed + round)) {
        if (socket.destroyed) break;
        packets++;
        socket.write(bytes);
      }
      outbox.writeReadings();
      await new Promise((resolve) => setTimeout(resolve, random() * 8));
      socket.destroy();
      grownBytes = Math.max(grownBytes, process.memoryUsage().rss - before);
    }
    const [epoch] = outbox.epochs();
    const journalled = epoch?.next ?? 0;
    await until('the good gateway has delivered', () => home.archive.next(FRIEND, epoch?.epoch ?? '') === journalled);
    await edge.stop();
    const stored = home.archive.rows(FRIEND, epoch?.epoch ?? '').length;
    return { connections, packets, grownBytes, stored, journalled };
  } finally {
    await stop();
    await home.remove();
  }
}

/** Mostly a good CONNECT, so that what follows is listened to; then packets of every kind, right and wrong. */
function attack(random: () => number, seed: number): Buffer[] {
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const connect = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 30 } as const;
  const packets: Packet[] = [{ ...connect, clientId: random() < 0.9 ? ENEMY : FRIEND }];
  const topics = [
    ...(['hello', 'frame', 'live', 'status', 'document', 'result'] as const).map((kind) => upTopic(ENEMY, kind)),
    ...[upTopic(FRIEND, 'frame'), downBranch(FRIEND), '#', '$SYS/x', `${upTopic(ENEMY, 'hello')}/x`, '\u0001'],
  ];
  for (let left = Math.floor(random() * 12); left > 0; left--) {
    const messageId = 1 + Math.floor(random() * 65_000);
    const payload = Buffer.alloc(Math.floor(random() * 3000), Math.floor(random() * 256));
    const qos = pick([0, 1, 2] as const);
    packets.push(
      pick<Packet>([
        { cmd: 'publish', topic: pick(topics), payload, qos, messageId, dup: random() < 0.3, retain: random() < 0.3 },
        { cmd: 'subscribe', messageId, subscriptions: [{ topic: pick(topics), qos }] },
        { cmd: 'unsubscribe', messageId, unsubscriptions: [pick(topics)] },
        { cmd: 'puback', messageId },
        { cmd: 'pubrel', messageId },
        { cmd: 'pingreq' },
        { cmd: 'disconnect' },
        { ...connect, clientId: ENEMY },
      ]),
    );
  }
  return packets.map((packet, at) => {
    const bytes = generate(packet);
    return at > 0 && random() < 0.4 ? mutated(bytes, seed + at) : bytes;
  });
}
