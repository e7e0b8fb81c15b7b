import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadDmi } from '../../../gateway/kubeedge/dmi.ts';
import { DmiClient } from '../../../gateway/kubeedge/dmi-client.ts';
import { EdgeCore } from '../../partners/kubeedge/edge-core.ts';
import { livedClock } from '../../support/lived-clock.ts';
import { until } from './kube-site.ts';

let folder: string;
let edgeCore: EdgeCore;
let client: DmiClient;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dmi-'));
  edgeCore = new EdgeCore(join(folder, 'dmi.sock'));
  await edgeCore.start();
  client = new DmiClient(edgeCore.socket, loadDmi(), livedClock);
});
afterEach(() => {
  client.close();
  edgeCore.stop();
  rmSync(folder, { recursive: true, force: true });
});

const register = () =>
  client.register({ name: 'x', version: '1', protocol: 'modbus', address: join(folder, 'none.sock') });
const isLost = () => Promise.race([client.lost().then(() => true), livedClock.sleep(500).then(() => false)]);

test('a connection that is gone already is lost at once, and the next one is not', async () => {
  expect(await isLost()).toBe(true);
  await register();
  expect(await isLost()).toBe(false);
  // It says that it ends, answers what is under way, and another one takes its place.
  edgeCore.delayMs = 200;
  const answered = register();
  await livedClock.sleep(100);
  const ended = edgeCore.end();
  await answered;
  expect(await isLost()).toBe(true);
  await ended;
  edgeCore.delayMs = 0;
  await edgeCore.restart();
  await until(() =>
    register().then(
      () => true,
      () => false,
    ),
  );
  expect(await isLost()).toBe(false);
  const lost = client.lost();
  edgeCore.stop();
  await lost;
});
