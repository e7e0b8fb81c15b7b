import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verb } from '../../../cli/kubeedge.ts';
import { systemClock } from '../../../core/clock.ts';
import { NodeBroker } from '../../partners/kubeedge/event-bus.ts';
import { BOILER, KubeSite, SETPOINT, TEMPERATURE, until } from './kube-site.ts';

let site: KubeSite;
beforeEach(async () => {
  site = await KubeSite.build();
  await site.edgeCore.start();
});
afterEach(() => site.strike());

/** `sluice kubeedge status`: its exit code and what it prints. */
async function run(json = false): Promise<{ code: number; lines: readonly string[] }> {
  const lines: string[] = [];
  const io = { out: (text: string) => lines.push(text), err: () => {}, isTty: false, clock: systemClock };
  const args = { positionals: ['status'], values: { data: join(site.folder, 'data'), json } };
  const code = await verb.run(args, { ...io, signal: new AbortController().signal });
  return { code, lines };
}

test('the mapper, each Device object and why one is not read, in words and as JSON', async () => {
  site.edgeCore.seed(site.device('boiler-1', [TEMPERATURE, SETPOINT]), BOILER);
  const broken = { ...SETPOINT, visitors: { register: 'Holding\u001b[2J', offset: 1 } };
  site.edgeCore.seed({ ...site.device('broken', [broken]), namespace: 'plant' }, { ...BOILER, namespace: 'plant' });
  await site.start();
  await until(async () => (await site.row('default/boiler-1'))?.toldAt !== undefined);
  const { code, lines } = await run();
  expect(code).toBe(0);
  expect(lines[0]).toMatch(/^mapper {4}registered for \d/);
  const text = lines.join('\n');
  expect(text).toMatch(/^ {2}default\/boiler-1 {2}online {2}told .* ago$/m);
  expect(text).toMatch(/^ {2}plant\/broken {2}unhealthy {2}not read/m);
  expect(text).toContain('register `Holding?[2J` is none');
  expect(text).not.toContain('\u001b');
  const [json = ''] = (await run(true)).lines;
  expect(JSON.parse(json)).toMatchObject({ mapper: 'registered', devices: [{ id: 'default/boiler-1' }, {}] });
});

test('where EdgeCore is not there it ends with 1; where no gateway runs it says so', async () => {
  await expect(run()).rejects.toMatchObject({ code: 'not-running' });
  site.edgeCore.stop();
  await site.start();
  await until(async () => (await site.status()).kubeedge.mapper === 'faulted');
  const { code, lines } = await run();
  expect(code).toBe(1);
  expect(lines[0]).toMatch(/^mapper {4}faulted .*no such socket/);
});

test('without a mapper: why the broker is away, and what cannot be kept', async () => {
  // Nothing can be renamed over a folder.
  mkdirSync(join(site.folder, 'data/meta/kubeedge-twins.json'), { recursive: true });
  const point = '{ address: { table: holding, register: 1, type: int16 }, writable: true, min: 0, max: 100 }';
  const own = `channels: [{ name: plc, driver: modbus-tcp, port: "${site.slave.port}" }]
devices: [{ name: mine, channel: plc, points: { target: ${point} } }]`;
  const broker = await NodeBroker.start(site.edgeCore.twin);
  const kubeedge = `broker: { url: "${broker.url}", ownDevices: plant, allowWrites: true }`;
  await site.start({ dmi: false, more: own, kubeedge });
  await until(async () => (await site.status()).kubeedge.broker === 'connected');
  await until(async () => {
    broker.publish('$hw/events/device/plant/mine/twin/update/delta', { delta: { target: '77' } });
    return (await site.status()).kubeedge.fault;
  });
  await broker.stop();
  await until(async () => (await site.status()).kubeedge.brokerFault?.includes('ECONNREFUSED'));
  const { code, lines } = await run();
  expect(code).toBe(1);
  expect(lines[0]).toMatch(/^fault {5}A file cannot be written: .*EISDIR/);
  expect(lines[1]).toMatch(/^broker {4}away: .*ECONNREFUSED/);
  expect(await site.page()).toMatch(/<dt>Fault<dd>.*EISDIR/);
}, 40_000);
