import { once } from 'node:events';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { generate } from 'mqtt-packet';
import type { Identity } from '../../cloud-sync/edge-hub/identity.ts';
import { downBranch, type UpKind, upTopic } from '../../cloud-sync/protocol/topics.ts';
import { pause } from '../e2e/site.ts';
import type { World } from './world.ts';

const ANSWERS_WITHIN_MS = 20_000;

type Options = Partial<IClientOptions>;

/** Why it was not let in, or the client that was. Throws when there is no answer at all, which is no refusal. */
export async function tryConnect(world: World, identity: Identity, options: Options): Promise<MqttClient | string> {
  const { certificate: cert, key, ca } = identity;
  const client = mqtt.connect(`mqtts://127.0.0.1:${world.mqttPort}`, {
    ...{ clean: true, reconnectPeriod: 0, keepalive: 30, ca, connectTimeout: ANSWERS_WITHIN_MS, ...options },
    ...(cert === '' ? {} : { cert, key }),
  });
  let why = 'the connection was ended';
  client.on('error', (error) => {
    why = error.message;
  });
  const isIn = await new Promise<boolean>((resolve) => {
    client.once('connect', () => resolve(true));
    client.once('close', () => resolve(false));
  });
  // Under TLS 1.3 a refused certificate shows after the handshake.
  if (isIn) return client;
  client.end(true);
  if (/connack timeout|ECONNREFUSED|ETIMEDOUT/.test(why)) throw new Error(`no answer to a CONNECT: ${why}`);
  return why.replace(/^.*:error:\w+:SSL routines:[^:]*:/, '').replace(/:\.\.\/deps.*/s, '');
}

/** An enrolled gateway that says what it likes, and hears what it is answered. */
export class Hostile {
  readonly client: MqttClient;
  readonly heard: { readonly kind: string; readonly message: Record<string, unknown> }[] = [];
  readonly #id: string;

  private constructor(client: MqttClient, id: string) {
    this.client = client;
    this.#id = id;
    client.on('message', (topic, payload) => {
      this.heard.push({ kind: topic.split('/').at(-1) ?? '', message: JSON.parse(payload.toString('utf8')) });
    });
  }

  static async connect(world: World, id: string, identity: Identity): Promise<Hostile> {
    const client = await tryConnect(world, identity, { clientId: id });
    if (typeof client === 'string') throw new Error(`${id} is not let in: ${client}`);
    const hostile = new Hostile(client, id);
    await client.subscribeAsync(downBranch(id), { qos: 1 });
    return hostile;
  }

  /** Resolves when the broker has it, or the connection is over. */
  async say(kind: UpKind, payload: object | string | Buffer): Promise<void> {
    const bytes = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
    const sent = this.client.publishAsync(upTopic(this.#id, kind), bytes, { qos: 1 }).catch(() => {});
    await Promise.race([sent, pause(ANSWERS_WITHIN_MS)]);
  }

  /** The next answer of a kind since the one numbered `after`; undefined if none comes. */
  async answer(kind: string, after = 0, withinMs = ANSWERS_WITHIN_MS): Promise<Record<string, unknown> | undefined> {
    const end = performance.now() + withinMs;
    for (;;) {
      const found = this.heard.slice(after).find((each) => each.kind === kind);
      if (found || performance.now() > end) return found?.message;
      await pause(20);
    }
  }

  end(): void {
    this.client.end(true);
  }
}

/** A connection behind TLS, on which anything can be written. */
export async function rawSocket(world: World, { certificate: cert, key, ca }: Identity): Promise<TLSSocket> {
  const socket = connectTls({ port: world.mqttPort, host: '127.0.0.1', cert, key, ca });
  socket.on('error', () => {});
  await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')]).catch(() => {});
  return socket;
}

export function connectPacket(clientId: string): Buffer {
  return generate({
    cmd: 'connect',
    ...{ clientId, protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 30 },
  });
}

/** Milliseconds until the other side ends it; undefined if it still stands after so long. */
export async function endsWithin(socket: { readonly destroyed: boolean }, ms: number): Promise<number | undefined> {
  const began = performance.now();
  while (!socket.destroyed) {
    if (performance.now() - began > ms) return undefined;
    await pause(20);
  }
  return performance.now() - began;
}
