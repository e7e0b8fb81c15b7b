import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { isFault } from '../../../core/faults.ts';
import { loadDmi } from '../../../gateway/kubeedge/dmi.ts';
import { DmiClient } from '../../../gateway/kubeedge/dmi-client.ts';
import { DmiServer } from '../../../gateway/kubeedge/dmi-server.ts';
import { EdgeCore } from '../../partners/kubeedge/edge-core.ts';
import { BROKEN, SPACE } from '../../partners/kubeedge/seeds.ts';
import { note } from '../../support/tools.ts';
import { AnyEdgeCore, REAL } from './any-edge-core.ts';
import { until } from './kube-site.ts';

/**
 * What an EdgeCore of either kind does: a real one, if there is one; else the one that is played must pass all the same. What only a
 * partner can play (it hangs, crashes in a call, forgets, calls back at will, has other limits) is in the other files of this folder.
 */
const real = REAL.socket;
if (real === undefined) note('SLUICE_EDGECORE_SOCKET: a real EdgeCore');

/** A real one has one call a second for everything. */
const PATIENCE_MS = real === undefined ? 15_000 : 90_000;
const soon = <T>(look: () => Promise<T | undefined | false> | T | undefined | false) => until(look, PATIENCE_MS);

describe('the gateway', () => {
  let node: AnyEdgeCore;
  beforeEach(async () => {
    node = await AnyEdgeCore.begin();
  }, 2 * PATIENCE_MS);
  afterEach(() => node.strike());

  const row = (name: string) => node.site.row(`${SPACE}/${name}`);
  const value = (key: string) => node.twins.get(key);

  test(
    'registered and polled; twins are told, a desired value is written where it differs, and once',
    async () => {
      await node.start();
      await soon(() => value('good/temperature') === '21.5' && value('good/setpoint') === '55');
      expect(value('good/held')).toBe('40');
      expect((await node.site.status()).kubeedge).toMatchObject({ mapper: 'registered', failed: 0 });
      // Somebody turns it, and the gateway starts anew: with the list it gets the same desired value again.
      node.site.slave.registers.set(1, 60);
      await soon(() => value('good/setpoint') === '60');
      await node.site.stop();
      await node.start();
      await soon(async () => (await row('good'))?.toldAt !== undefined);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      expect(node.site.slave.writes).toEqual([{ register: 1, value: 55 }]);
    },
    4 * PATIENCE_MS,
  );

  test(
    'each broken object says why, and the good one beside them is read',
    async () => {
      await node.start();
      await soon(() => value('good/temperature') === '21.5');
      for (const [name, { says }] of Object.entries(BROKEN)) {
        const found = await soon(() => row(`broken-${name}`));
        expect(found).toMatchObject({ state: 'unhealthy', code: 'kube-object', detail: expect.stringMatching(says) });
      }
    },
    4 * PATIENCE_MS,
  );

  test(
    'over the node’s broker: twins and states, and what is refused of a device that is no member',
    async () => {
      await node.start(`, broker: { url: "${node.brokerUrl}", every: 1s }`);
      await soon(() => value('good/temperature') === '21.5' && node.states.get('good') === 'online');
      expect(await soon(async () => (await row('stranger'))?.code)).toBe('kube-refused');
      expect((await row('stranger'))?.detail).toMatch(/^404/);
      expect((await row('good'))?.code).toBeUndefined();
      node.site.slave.registers.set(0, 300);
      await soon(() => value('good/temperature') === '30');
      expect(node.states.get('broken-register')).toBe('unhealthy');
    },
    4 * PATIENCE_MS,
  );

  test(
    'EdgeCore starts anew: registered again, told again, and nothing is written again',
    async (context) => {
      if (!node.mayRestart) context.skip('SLUICE_EDGECORE_RESTART is not set');
      await node.start();
      await soon(() => value('good/setpoint') === '55');
      node.site.slave.registers.set(1, 60);
      await soon(() => value('good/setpoint') === '60');
      const { since } = (await node.site.status()).kubeedge;
      await node.restart();
      await soon(async () => {
        const { mapper, since: again } = (await node.site.status()).kubeedge;
        return mapper === 'registered' && again !== since;
      });
      node.site.slave.registers.set(0, 300);
      await soon(async () => (await row('good'))?.toldAt !== undefined);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      expect(node.site.slave.writes).toEqual([{ register: 1, value: 55 }]);
    },
    6 * PATIENCE_MS,
  );
});

// Last: it uses up the calls of the node.
test('registers, reports, is limited: what every EdgeCore does', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kube-real-'));
  const played = real === undefined ? new EdgeCore(join(folder, 'dmi.sock')) : undefined;
  await played?.start();
  const services = loadDmi();
  const client = new DmiClient(real ?? join(folder, 'dmi.sock'), services, systemClock);
  const address = join(folder, 'mapper.sock');
  const ignore = () => {};
  const server = new DmiServer(address, services, {
    ...{ device: ignore, removeDevice: ignore, model: ignore, removeModel: ignore },
  });
  await server.listen();
  try {
    const mapper = { name: 'sluice-limit', version: '0', protocol: 'sluice-limit', address };
    expect(await client.register(mapper)).toEqual({ devices: [], models: [] });
    // Of a device that nobody knows: OK, and dropped.
    await client.reportState('default', 'sluice-check', 'online');
    const twin = { propertyName: 'x', observedDesired: { value: '' }, reported: { value: '1' } };
    await client.reportTwins('default', 'sluice-check', [twin]);
    let refused: unknown;
    for (let i = 0; i < 150 && refused === undefined; i++)
      await client.reportState('default', 'sluice-check', 'online').catch((error: unknown) => {
        refused = error;
      });
    expect(isFault(refused, 'edgecore-limit')).toBe(true);
  } finally {
    client.close();
    await server.close();
    played?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
