import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyFor } from './make-round.ts';
import { getJson, Site } from './site.ts';
import { GATEWAY } from './site-config.ts';

const EVERY_MS = 200;
/** The simulator has a second meter on the line, and a second line; the gateway has neither. */
const PLANT = `channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc, timeout: 1s }
  - { name: tcp-far, driver: modbus-tcp, port: $PORT_tcp-far, timeout: 1s }
devices:
  - { name: known, channel: tcp-plc, unitId: 1, profile: eastron/sdm120, every: ${EVERY_MS}ms }
  - { name: hidden, channel: tcp-plc, unitId: 7, profile: eastron/sdm630, every: 1s }
  - { name: far, channel: tcp-far, unitId: 3, profile: xy-md02, every: 1s }
`;
const OWN = `managed: hub
channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc, timeout: 1s }
devices:
  - { name: known, channel: tcp-plc, unitId: 1, profile: eastron/sdm120, every: ${EVERY_MS}ms }
`;

interface OrderShown {
  readonly state: string;
  readonly code?: string;
  readonly detail?: string;
  readonly progress?: { readonly done: number; readonly total: number };
  readonly body?: {
    readonly found?: readonly { readonly unitId: number; readonly likely: readonly { readonly profile: string }[] }[];
    readonly values?: readonly { readonly point: string; readonly value: number | null; readonly fault?: string }[];
  };
}

interface Deaf {
  readonly server: Server;
  readonly port: number;
}

/** Takes connections and says nothing: a scan of it goes on for minutes. */
async function listenDeaf(): Promise<Deaf> {
  const server = createServer((socket) => socket.on('error', () => {}).resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

describe('what a gateway does at once', () => {
  let site: Site;
  let key: string;
  let deaf: Deaf;
  const call = async <T>(path: string, body?: object): Promise<T> => {
    const answer = await fetch(`${site.url}/api/v1/gateways/${GATEWAY}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return (await answer.json()) as T;
  };
  const give = async (path: string, body: object) => {
    const answer = await call<{ id?: string }>(path, body);
    expect(answer).toEqual({ id: expect.any(String) });
    return answer.id as string;
  };
  const outcome = async (id: string, meanwhile?: () => Promise<unknown>): Promise<OrderShown> => {
    let shown: OrderShown | undefined;
    await site.until(async () => {
      await meanwhile?.();
      shown = await call<OrderShown>(`/orders/${id}`);
      return shown.state !== 'sent' && shown.state !== 'running';
    }, 'the order is over');
    return shown as OrderShown;
  };
  const plc = () => ({ name: 'tcp-plc', driver: 'modbus-tcp', port: site.endpoint('tcp-plc'), timeout: '1s' });

  beforeAll(async () => {
    site = await Site.start({ plant: PLANT, gatewayPlant: OWN });
    deaf = await listenDeaf();
    key = await keyFor(site, 'admin');
    await site.until(async () => (await site.latest()).has('known/voltage'), 'a value at the hub');
  });
  afterAll(async () => {
    await site?.stop();
    deaf?.server.close();
  });

  test('finds a device that is not configured, on a line that goes on being polled', async () => {
    interface Status {
      readonly channels: readonly { readonly skippedSlots: number }[];
    }
    const skipped = async () => (await getJson<Status>(`${site.gatewayUrl}/api/v1/status`)).channels[0]?.skippedSlots;
    const voltage = async () => (await site.latest()).get('known/voltage');
    const [before, beganAt] = [await skipped(), performance.now()];
    const id = await give('/scan', { line: plc(), units: '1-10' });
    const readAt = new Set<number | undefined>();
    const { state, body } = await outcome(id, async () => readAt.add((await voltage())?.at));
    const scannedMs = performance.now() - beganAt;
    expect(state).toBe('done');
    // Of the slots that passed meanwhile, most were kept: what a scan asks stands between them, not in their place.
    expect(((await skipped()) as number) - (before as number)).toBeLessThan(Math.max(10, scannedMs / EVERY_MS / 2));
    expect(body?.found?.map(({ unitId }) => unitId)).toEqual([7]);
    expect(body?.found?.[0]?.likely.map(({ profile }) => profile)).toContain('eastron/sdm630');
    expect(readAt.size, 'readings that came meanwhile').toBeGreaterThan(1);
    await site.until(async () => (await voltage())?.quality === 'good', 'it goes on being read');
  });

  test('finds devices on a line that the gateway does not have', async () => {
    const line = { name: 'far', driver: 'modbus-tcp', port: site.endpoint('tcp-far') };
    const { state, body } = await outcome(await give('/scan', { line, units: '1-5' }));
    expect([state, body?.found?.map(({ unitId }) => unitId)]).toEqual(['done', [3]]);
  });

  test('reads a device once before it is saved', async () => {
    const device = { name: 'new', channel: 'tcp-plc', unitId: 7, profile: 'eastron/sdm630' };
    const { state, body } = await outcome(await give('/read', { line: plc(), device }));
    expect(state).toBe('done');
    const voltage = body?.values?.find(({ point }) => point.startsWith('voltage'));
    expect(voltage?.value).toEqual(expect.any(Number));
  });

  test('says why where nobody answers, where a profile is unknown, and where the port is no port', async () => {
    const nobody = { name: 'new', channel: 'tcp-plc', unitId: 9, profile: 'eastron/sdm630' };
    expect(await outcome(await give('/read', { line: plc(), device: nobody }))).toMatchObject({
      state: 'failed',
      code: expect.stringMatching(/no-answer|gateway-target/),
    });
    const wrong = { name: 'new', channel: 'tcp-plc', unitId: 7, profile: 'eastron/sdm63' };
    const refused = await outcome(await give('/read', { line: plc(), device: wrong }));
    expect(refused).toMatchObject({ state: 'failed', code: 'settings-invalid' });
    expect(refused.detail).toContain('did you mean `eastron/sdm630`?');
    const line = { ...plc(), port: 'somewhere' };
    expect(await outcome(await give('/scan', { line }))).toMatchObject({ state: 'failed', code: 'settings-invalid' });
  });

  test('is cancelled, and a second one of a kind waits for nobody', async () => {
    const id = await give('/scan', { line: { name: 'x', driver: 'modbus-tcp', port: `tcp://127.0.0.1:${deaf.port}` } });
    await site.until(async () => (await call<OrderShown>(`/orders/${id}`)).state === 'running', 'it runs');
    const other = await outcome(await give('/scan', { line: plc() }));
    expect(other).toMatchObject({ state: 'refused', code: 'request-busy' });
    await call(`/orders/${id}/cancel`, {});
    expect((await outcome(id)).state).toBe('cancelled');
  });

  test('needs the gateway, and an administrator', async () => {
    const viewer = await keyFor(site, 'operator');
    const refused = await fetch(`${site.url}/api/v1/gateways/${GATEWAY}/scan`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${viewer}` },
      body: JSON.stringify({ line: plc() }),
    });
    expect(refused.status).toBe(403);
    await site.gateway.kill();
    await site.until(async () => (await site.shown()).state === 'offline', 'it is away');
    expect(await call('/scan', { line: plc() })).toMatchObject({ code: 'gateway-away', status: 409 });
  });
});
