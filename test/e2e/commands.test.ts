import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CountingSlave } from '../support/counting-slave.ts';
import { keyFor } from './make-round.ts';
import { pause, Site } from './site.ts';
import { GATEWAY } from './site-config.ts';

/** The simulator serves a line that nobody asks: what is written is counted by a device in this process. */
const IDLE = `channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc }
devices:
  - { name: idle, channel: tcp-plc, every: 1s, points: { v: { address: { table: holding, register: 1, type: int16 } } } }
`;
const plantOf = (port: string) => `channels:
  - { name: tcp-plc, driver: modbus-tcp, port: "${port}", timeout: 10s }
devices:
  - name: boiler
    channel: tcp-plc
    every: 200ms
    points:
      setpoint: { unit: °C, address: { table: holding, register: 40, type: int16 }, writable: true, min: 0, max: 30000, writeRate: { most: 1000, per: 1m } }
      limit: { unit: °C, address: { table: holding, register: 41, type: int16, scale: 0.1 }, writable: true, min: 20, max: 80, step: 0.5 }
      valve: { address: { table: holding, register: 42, type: uint16 }, writable: true, dangerous: true, enum: { 0: closed, 1: open } }
      slow: { address: { table: holding, register: 43, type: uint16 }, writable: true, writeRate: { most: 1, per: 1h } }
      level: { address: { table: holding, register: 44, type: uint16 } }
`;
/** SLUICE_COMMAND_TRIALS=100 for the long run. */
const TRIALS = Number(process.env.SLUICE_COMMAND_TRIALS ?? 4);

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly before: unknown;
  readonly readBack: unknown;
  readonly reason: { readonly code: string } | null;
  readonly code?: string;
}

interface TwinShown {
  readonly version: number;
  readonly points: readonly {
    readonly point: string;
    readonly state: string;
    readonly desired: { readonly value: unknown; readonly version: number; readonly command?: string } | null;
    readonly reason: { readonly code: string } | null;
  }[];
}

describe('values written from the hub', () => {
  let site: Site;
  let slave: CountingSlave;
  let key: string;
  const call = async (method: string, path: string, body: object) => {
    const answer = await fetch(`${site.url}/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Shown };
  };
  const command = (point: string, value: unknown, more: object = {}) =>
    call('POST', '/commands', { point: `${GATEWAY}/boiler/${point}`, value, expiresIn: '1m', ...more });
  const isOpen = ({ state }: Shown) => state === 'pending' || state === 'sent';
  const ended = async (id: string, ms = 20_000): Promise<Shown> => {
    let shown: Shown | undefined;
    const look = async () => {
      shown = await site.json<Shown>(`/api/v1/commands/${id}`);
      return !isOpen(shown);
    };
    await site.until(look, `command ${id} is over`, ms);
    return shown as Shown;
  };
  const done = async (point: string, value: unknown, more: object = {}) => {
    const { status, body } = await command(point, value, more);
    expect(status, JSON.stringify(body)).toBe(202);
    return ended(body.id);
  };
  const twin = () => site.json<TwinShown>(`/api/v1/twins/${GATEWAY}/boiler`);
  const twinOf = async (point: string) => (await twin()).points.find((each) => each.point === point);
  const wants = (desired: object) => call('PATCH', `/twins/${GATEWAY}/boiler`, { desired });
  const online = () => site.until(async () => (await site.shown()).state === 'online', 'the gateway is there', 40_000);

  beforeAll(async () => {
    slave = await CountingSlave.start();
    site = await Site.start({ plant: IDLE, gatewayPlant: plantOf(slave.port) });
    key = await keyFor(site, 'operator');
    await site.until(async () => (await site.latest()).has('boiler/valve'), 'a value at the hub');
  });
  afterAll(async () => {
    await site?.stop();
    await slave?.stop();
  });

  test('a command is written, read back and told', async () => {
    expect(await done('setpoint', 55)).toMatchObject({ state: 'done', before: 0, readBack: 55, reason: null });
    expect(slave.writes).toEqual([{ register: 40, value: 55 }]);
    await site.until(async () => (await site.latest()).get('boiler/setpoint')?.value === 55, 'it is on the screen');
  });

  test.each([
    ['level', 1, {}, 'not-writable'],
    ['limit', 90, {}, 'value-unfit'],
    ['limit', 50.3, {}, 'value-unfit'],
    ['limit', 'hot', {}, 'value-unfit'],
    ['valve', 7, { confirm: 7 }, 'value-unfit'],
    ['valve', 1, {}, 'write-confirm'],
    ['valve', 1, { confirm: 0 }, 'write-confirm'],
    ['nosuch', 1, {}, 'not-found'],
    ['limit', 50, { expiresIn: '9d' }, 'request-invalid'],
  ])('%s = %s %j is refused at once: %s', async (point, value, more, code) => {
    const before = slave.writes.length;
    expect((await command(point, value, more)).body).toMatchObject({ code });
    expect(slave.writes).toHaveLength(before);
  });

  test('a dangerous value is written when it is said twice', async () => {
    expect(await done('valve', 1, { confirm: 1 })).toMatchObject({ state: 'done', readBack: 1 });
  });

  test('what the device no longer holds refuses it', async () => {
    slave.registers.set(41, 300);
    expect(await done('limit', 40, { expect: 20 })).toMatchObject({
      state: 'refused',
      reason: { code: 'value-changed' },
    });
    expect(await done('limit', 40, { expect: 30 })).toMatchObject({ state: 'done', readBack: 40 });
    expect(slave.count(41, 400)).toBe(1);
  });

  test('too often is refused at the gateway', async () => {
    expect(await done('slow', 1)).toMatchObject({ state: 'done' });
    expect(await done('slow', 2)).toMatchObject({ state: 'refused', reason: { code: 'write-rate' } });
    expect(slave.count(43, 2)).toBe(0);
  });

  test('who stands beside the machine has the last word', async () => {
    const file = join(site.gatewayDir, 'writes-locked');
    writeFileSync(file, '');
    expect(await done('limit', 60)).toMatchObject({ state: 'refused', reason: { code: 'writes-locked' } });
    rmSync(file);
    expect(await done('limit', 60)).toMatchObject({ state: 'done' });
  });

  test('a viewer may not, and sees what others did', async () => {
    const viewer = await keyFor(site, 'viewer');
    const answer = await fetch(`${site.url}/api/v1/commands`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${viewer}` },
      body: JSON.stringify({ point: `${GATEWAY}/boiler/limit`, value: 30 }),
    });
    expect(answer.status).toBe(403);
    const { commands } = await site.json<{ commands: Shown[] }>('/api/v1/commands?limit=3');
    expect(commands).toHaveLength(3);
  });

  test('made while the gateway is away: what has expired is not done, the rest is, also over a restart of the hub', async () => {
    await site.gateway.kill();
    const late = await command('limit', 33, { expiresIn: '1s' });
    const kept = await command('limit', 44, { expiresIn: '1h' });
    await pause(1200);
    await site.hub.kill();
    site.startHub();
    await site.hubReady();
    site.startGateway();
    expect(await ended(kept.body.id, 40_000)).toMatchObject({ state: 'done', readBack: 44 });
    expect(await ended(late.body.id)).toMatchObject({ state: 'expired', reason: { code: 'request-expired' } });
    expect([slave.count(41, 330), slave.count(41, 440)]).toEqual([0, 1]);
  }, 60_000);

  describe('twins', () => {
    const state = (point: string, wanted: string, ms = 20_000) =>
      site.until(async () => (await twinOf(point))?.state === wanted, `${point} is ${wanted}`, ms);

    test('a wanted value is written once; a difference is reported and not corrected', async () => {
      await wants({ limit: { value: 50 } });
      await state('limit', 'held');
      slave.registers.set(41, 250);
      await state('limit', 'drift');
      await pause(1500);
      expect(slave.count(41, 500)).toBe(1);
      slave.registers.set(41, 500);
      await state('limit', 'held');
    });

    test('with enforce it is corrected', async () => {
      await wants({ limit: { value: 52, enforce: true } });
      await state('limit', 'held');
      slave.registers.set(41, 250);
      await site.until(() => slave.registers.get(41) === 520, 'it is corrected', 60_000);
      expect(slave.count(41, 520)).toBe(2);
    }, 80_000);

    test('a command takes the place of what was wanted, and nobody undoes it', async () => {
      expect(await done('limit', 61)).toMatchObject({ state: 'done' });
      await state('limit', 'held');
      expect((await twinOf('limit'))?.desired).toMatchObject({ value: 61 });
      await pause(1500);
      expect(slave.registers.get(41)).toBe(610);
      expect(slave.count(41, 610)).toBe(1);
    });

    test('made while the gateway is away it takes effect, once, over restarts of both', async () => {
      await site.gateway.kill();
      await wants({ setpoint: { value: 77 } });
      expect((await twinOf('setpoint'))?.state).toBe('pending');
      await site.hub.kill();
      site.startHub();
      await site.hubReady();
      site.startGateway();
      await state('setpoint', 'held', 40_000);
      await site.gateway.kill();
      site.startGateway();
      await online();
      await state('setpoint', 'held', 40_000);
      expect(slave.count(40, 77)).toBe(1);
    }, 90_000);
  });

  test('a gateway restored from an older image does not write again what it has forgotten', {
    timeout: 90_000,
  }, async () => {
    await online();
    await site.gateway.kill('SIGTERM');
    const image = join(site.dir, 'image');
    cpSync(site.gatewayDir, image, { recursive: true });
    site.startGateway();
    await online();
    const release = slave.holdWrites();
    const { body } = await command('setpoint', 777, { expiresIn: '10m' });
    const book = () => readFileSync(join(site.gatewayDir, 'meta', 'writes.log'), 'utf8');
    await site.until(() => book().includes(body.id), 'it has begun');
    await site.until(() => slave.heldWrites === 1, 'it is on the wire');
    // The device carries it out after the gateway is gone, and nobody answers the hub.
    await site.gateway.kill('SIGKILL');
    release();
    expect(slave.count(40, 777), 'it is written').toBe(1);
    rmSync(site.gatewayDir, { recursive: true });
    cpSync(image, site.gatewayDir, { recursive: true });
    site.startGateway();
    const { state, reason } = await ended(body.id, 60_000);
    expect([state, reason?.code]).toEqual(['unknown', 'write-unknown']);
    expect(slave.count(40, 777)).toBe(1);
    expect((await done('setpoint', 778)).state).toBe('done');
  });

  test(
    `${TRIALS} commands with kills on both sides: none is written twice, and what is said is true`,
    async () => {
      const tally: Record<string, number> = {};
      await wants({ setpoint: null });
      // Long enough for a kill to fall between the order and its answer.
      slave.writeDelayMs = 60;
      for (let trial = 0; trial < TRIALS; trial++) {
        await online();
        const value = 1000 + trial;
        const { body } = await command('setpoint', value, { expiresIn: '10m' });
        await pause(Math.random() * 120);
        const side = trial % 3;
        await Promise.all([
          ...(side !== 1 ? [site.gateway.kill('SIGKILL')] : []),
          ...(side !== 0 ? [site.hub.kill('SIGKILL')] : []),
        ]);
        if (side !== 0) site.startHub();
        await site.hubReady();
        if (side !== 1) site.startGateway();
        const { state } = await ended(body.id, 60_000);
        tally[state] = (tally[state] ?? 0) + 1;
        const written = slave.count(40, value);
        if (state === 'done') expect(written, `trial ${trial}: done`).toBe(1);
        else if (state === 'unknown') expect(written, `trial ${trial}: unknown`).toBeLessThanOrEqual(1);
        else expect(written, `trial ${trial}: ${state}`).toBe(0);
      }
      console.info(`${TRIALS} commands: ${JSON.stringify(tally)}, written twice: 0`);
    },
    60_000 + TRIALS * 15_000,
  );
});
