import { once } from 'node:events';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { generate } from 'mqtt-packet';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RefusedClient } from '../../cloud-sync/cloud-hub/hub-events.ts';
import type { Identity } from '../../cloud-sync/edge-hub/identity.ts';
import { downBranch, upTopic } from '../../cloud-sync/protocol/topics.ts';
import { enrol, HubHome, type RunningHub, until } from '../support/sync-pair.ts';

let home: HubHome;
let running: RunningHub;
let identity: Identity;
let stranger: Identity;
const clients: MqttClient[] = [];

beforeAll(async () => {
  home = await HubHome.create();
  running = await home.start({ caps: { total: 100, perAddress: 8 } });
  identity = await enrol(running.hub, 'plant-1');
  const elsewhere = await HubHome.create();
  const other = await elsewhere.start();
  stranger = await enrol(other.hub, 'plant-1');
  await other.stop();
  await elsewhere.remove();
});

afterEach(() => {
  home.refused.length = 0;
  for (const client of clients.splice(0)) client.end(true);
});

afterAll(async () => {
  await running.stop();
  await home.remove();
});

function connect(options: Partial<IClientOptions> = {}, { certificate, key, ca }: Identity = identity): MqttClient {
  const client = mqtt.connect(`mqtts://127.0.0.1:${running.hub.port}`, {
    ...{ clientId: 'plant-1', clean: true, reconnectPeriod: 0, cert: certificate, key, ca, ...options },
  });
  client.on('error', () => {});
  clients.push(client);
  return client;
}

/** Resolves with how it ended: connected, or closed. */
function outcome(client: MqttClient): Promise<'connected' | 'closed'> {
  return new Promise((resolve) => {
    client.once('connect', () => resolve('connected'));
    client.once('close', () => resolve('closed'));
  });
}

async function connected(options: Partial<IClientOptions> = {}): Promise<MqttClient> {
  const client = connect(options);
  expect(await outcome(client)).toBe('connected');
  return client;
}

/** What the rest of the hub was told of it, for the audit log. */
async function told(expected: Partial<RefusedClient>): Promise<void> {
  const row = expect.objectContaining({ address: '127.0.0.1', ...expected });
  await expect.poll(() => home.refused).toContainEqual(row);
}

const closed = (client: MqttClient) => until('closed', () => !client.connected);

function rawSocket(): TLSSocket {
  const { certificate: cert, key, ca } = identity;
  const socket = connectTls({ port: running.hub.port, host: '127.0.0.1', cert, key, ca });
  socket.on('error', () => {});
  return socket;
}

describe('the broker lets in', () => {
  test('a gateway with its own certificate and id', async () => {
    await connected();
  });

  test('nobody without a certificate', async () => {
    const client = mqtt.connect(`mqtts://127.0.0.1:${running.hub.port}`, {
      ...{ clientId: 'plant-1', reconnectPeriod: 0, ca: identity.ca },
    });
    client.on('error', () => {});
    clients.push(client);
    expect(await outcome(client)).toBe('closed');
    await told({ gateway: '', act: 'handshake', reason: 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE' });
  });

  test("nobody with another CA's certificate", async () => {
    expect(await outcome(connect({ ca: identity.ca }, { ...stranger, ca: identity.ca }))).toBe('closed');
    await told({ gateway: '', act: 'handshake', reason: 'its certificate: UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });

  test.each<[string, Partial<IClientOptions>]>([
    ['under another id than its certificate names', { clientId: 'plant-2' }],
    ['that wants its session kept', { clean: false }],
    ['that promises no sign of life', { keepalive: 0 }],
    ['that promises one in an hour', { keepalive: 3600 }],
    [
      'with a last will elsewhere',
      { will: { topic: upTopic('plant-2', 'status'), payload: Buffer.from('x'), qos: 0, retain: false } },
    ],
    [
      'with a last will that is no status',
      { will: { topic: upTopic('plant-1', 'frame'), payload: Buffer.from('x'), qos: 0, retain: false } },
    ],
  ])('nobody %s', async (_, options) => {
    expect(await outcome(connect(options))).toBe('closed');
    await told({ gateway: 'plant-1', act: 'connect' });
  });

  test('nobody whose certificate was revoked', async () => {
    const revoked = await enrol(running.hub, 'plant-9');
    expect(await outcome(connect({ clientId: 'plant-9' }, revoked))).toBe('connected');
    expect(await running.hub.revoke('plant-9')).toBe(1);
    expect(await outcome(connect({ clientId: 'plant-9' }, revoked))).toBe('closed');
    await told({ gateway: 'plant-9', act: 'connect', reason: 'the certificate was revoked, or nobody can say' });
  });

  test('nobody who is revoked while it connects', async () => {
    const late = await enrol(running.hub, 'plant-8');
    const { enrolment } = home;
    const asked = enrolment.isRevoked.bind(enrolment);
    // It is asked, answers that all is well, and is overtaken before the answer is there.
    const overtaken = vi.spyOn(enrolment, 'isRevoked').mockImplementationOnce(async (peer) => {
      const answer = await asked(peer);
      await running.hub.revoke('plant-8');
      return answer;
    });
    const client = connect({ clientId: 'plant-8' }, late);
    await new Promise<void>((resolve) => client.once('close', () => resolve()));
    expect(overtaken).toHaveBeenCalledTimes(2);
    overtaken.mockRestore();
  });
});

describe('the broker ends a connection that publishes', () => {
  test.each<[string, string, { qos?: 0 | 1 | 2; retain?: boolean }]>([
    ["in another gateway's branch", upTopic('plant-2', 'frame'), { qos: 1 }],
    ['downwards', 'sluice/v1/plant-1/down/command', { qos: 1 }],
    ['outside all branches', 'plant-1', { qos: 0 }],
    ['below its branch', 'sluice/v1/plant-1/up/frame/x', { qos: 1 }],
    ['for the system', '$SYS/x', { qos: 1 }],
    ['with QoS 2', upTopic('plant-1', 'frame'), { qos: 2 }],
    ['retained', upTopic('plant-1', 'live'), { qos: 1, retain: true }],
  ])('%s', async (_, topic, options) => {
    const client = await connected();
    client.publish(topic, 'x', options);
    await closed(client);
    await told({ gateway: 'plant-1', act: 'publish', reason: `may not publish to ${topic}` });
  });
});

describe('the broker grants', () => {
  test.each([
    'sluice/v1/plant-2/down/+',
    'sluice/v1/+/down/+',
    '#',
    '$SYS/#',
    'sluice/v1/plant-1/up/+',
    '+/+/plant-1/down/+',
  ])('no subscription to %s', async (topic) => {
    const client = await connected();
    const answer = await new Promise<number | 'error'>((resolve) => {
      client.subscribe(topic, { qos: 1 }, (error, granted) => resolve(error ? 'error' : (granted?.[0]?.qos ?? 0)));
    });
    expect([128, 'error']).toContain(answer);
    await told({ gateway: 'plant-1', act: 'subscribe', reason: `may not subscribe to ${topic}` });
  });

  test('its own downward branch', async () => {
    const client = await connected();
    const granted = await client.subscribeAsync(downBranch('plant-1'), { qos: 1 });
    expect(granted[0]?.qos).toBe(1);
  });
});

describe('the broker bounds', () => {
  test('what a CONNECT announces, before it buffers any of it', async () => {
    const socket = rawSocket();
    await once(socket, 'secureConnect');
    const before = process.memoryUsage().rss;
    // CONNECT with a remaining length of 200 MB.
    socket.write(Buffer.from([0x10, 0x80, 0x84, 0xaf, 0x5f]));
    let sent = 0;
    const chunk = Buffer.alloc(1024 * 1024);
    while (!socket.destroyed && socket.writable && sent < 200) {
      sent++;
      if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {});
    }
    await until('closed', () => socket.destroyed);
    expect(sent).toBeLessThan(100);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  });

  test('packets after it', async () => {
    const socket = rawSocket();
    await once(socket, 'secureConnect');
    const close = once(socket, 'close');
    socket.write(
      generate({
        cmd: 'connect',
        clientId: 'plant-1',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        keepalive: 30,
      }),
    );
    await once(socket, 'data');
    socket.write(Buffer.from([0x32, 0x80, 0x80, 0x80, 0x01]));
    await close;
    await told({ gateway: 'plant-1', act: 'packet' });
  });

  test('connections of one address', async () => {
    const sockets = Array.from({ length: 12 }, rawSocket);
    await until('some refused', () => sockets.filter(({ destroyed }) => destroyed).length >= 4);
    expect(sockets.filter(({ destroyed }) => !destroyed).length).toBeGreaterThan(0);
    expect(home.refused[0]).toMatchObject({ act: 'handshake', reason: 'too many connections of this address' });
    for (const socket of sockets) socket.destroy();
    await until('room again', async () => (await outcome(connect())) === 'connected');
  });
});

test('garbage in every kind of message disturbs nobody', async () => {
  const client = await connected();
  await client.subscribeAsync(downBranch('plant-1'), { qos: 1 });
  const answers: string[] = [];
  client.on('message', (topic, payload) => answers.push(`${topic.split('/').at(-1)} ${payload}`));
  for (const kind of ['hello', 'frame', 'live', 'status', 'result', 'document'] as const) {
    for (const payload of ['', '{', '{}', 'null', Buffer.alloc(100, 255)])
      await client.publishAsync(upTopic('plant-1', kind), payload, { qos: 1 });
  }
  await until('a refusal', () => answers.length > 0);
  expect(answers[0]).toMatch(/^refuse .*(message-malformed|no-session)/);
  expect(client.connected).toBe(true);
});
