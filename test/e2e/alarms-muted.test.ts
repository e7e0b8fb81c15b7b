import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { DeskStore } from '../../monitor/alarms/desk-store.ts';
import { Database } from '../../monitor/archive/database.ts';
import { archiveFile } from '../../monitor/parts.ts';
import { pause, Site } from './site.ts';

const STALE_MS = 4000;
/**
 * A fan whose heat counts only while it runs, and a meter beside it that can fall silent. That it is away is known after the one round
 * that nobody answers, 0.9 s behind its last reading: long before that reading is stale, so that the parent has spoken by then.
 */
const PLANT = `channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc, timeout: 300ms }
devices:
  - name: fan
    channel: tcp-plc
    unitId: 1
    every: 300ms
    points:
      runs: { address: { table: coil, register: 0, type: bool } }
      temp: { address: { table: holding, register: 0, type: uint16 } }
    alarms:
      - { point: temp, above: 50, suppressWhen: [{ point: runs, equals: false }], priority: high, text: { en: Hot, ko: 과열 } }
  - name: meter
    channel: tcp-plc
    unitId: 2
    every: 300ms
    offlineAlarm: { onDelay: 2s }
    points:
      power: { address: { table: holding, register: 0, type: uint16 } }
      level: { address: { table: holding, register: 100, type: uint16 } }
    alarms:
      - { point: power, stale: ${STALE_MS}ms, text: { en: No power reading, ko: 전력 값 없음 } }
      - { point: level, stale: ${STALE_MS}ms, text: { en: No level reading, ko: 수위 값 없음 } }
`;

interface Shown {
  readonly alarms: readonly { readonly id: string; readonly rule: string; readonly suppressed: boolean }[];
}

let site: Site;
beforeAll(async () => {
  // Before the gateway's first reading: what the simulator thinks of by itself may be an alarm.
  site = await Site.start({
    plant: PLANT,
    prepare: async ({ simulator }) => {
      for (const line of ['set fan runs true', 'set fan temp 20']) simulator.say(line);
    },
  });
});
afterAll(() => site?.stop());

/** What is active at the hub: its rule, and whether it is suppressed. */
async function active(): Promise<Record<string, boolean>> {
  const { alarms } = await site.json<Shown>('/api/v1/alarms?state=active,suppressed');
  return Object.fromEntries(alarms.map(({ rule, suppressed }) => [rule, suppressed]));
}

async function becomes(expected: Record<string, boolean>): Promise<void> {
  const text = (of: object) => JSON.stringify(Object.entries(of).sort());
  await site.until(async () => text(await active()) === text(expected), `active: ${text(expected)}`);
}

const order = (line: string) => site.simulator.say(line);

test('a muted alarm appears when it is muted no more; restarts of the gateway announce nothing again and forget nothing', {
  timeout: 120_000,
}, async () => {
  await site.until(async () => (await site.latest()).get('fan/temp')?.value === 20, 'the first readings');
  await becomes({});
  // One after the other: a round of readings may fall between two orders.
  order('set fan runs false');
  await site.until(async () => (await site.latest()).get('fan/runs')?.value === false, 'the fan stands still');
  order('set fan temp 90');
  await becomes({ 'temp/above': true });
  order('set fan runs true');
  await becomes({ 'temp/above': false });
  order('fault meter dead');
  await becomes({ 'temp/above': false, 'device/offline': false, 'power/stale': true, 'level/stale': true });
  const before = await site.json<Shown>('/api/v1/alarms?state=active,suppressed');

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await site.gateway.kill(signal);
    site.startGateway();
    await site.until(async () => (await site.shown()).state === 'online', 'the gateway is back');
    await pause(STALE_MS + 2000);
    const { alarms } = await site.json<Shown>('/api/v1/alarms?state=active,suppressed');
    const stands = (of: Shown['alarms']) => of.map(({ id, suppressed }) => [id, suppressed]).sort();
    expect(stands(alarms)).toEqual(stands(before.alarms));
  }
  // Over while the gateway is away: it says so when it has seen it.
  await site.gateway.kill('SIGKILL');
  order('set fan temp 20');
  await pause(1500);
  site.startGateway();
  await becomes({ 'device/offline': false, 'power/stale': true, 'level/stale': true });
  order('fault meter none');
  await becomes({});
  await site.drain();
  await site.gateway.kill();
  await site.hub.kill();
  const told = await log();
  const stale = ['power', 'level'].map((point) => `${point}/stale`);
  for (const rule of stale)
    expect(told.filter((text) => text.includes(rule))).toEqual([
      `raised ${rule} suppressed`,
      `cleared ${rule}`,
      `unsuppressed ${rule}`,
    ]);
  expect(told.filter((text) => !text.includes('stale'))).toEqual([
    'raised temp/above suppressed',
    'unsuppressed temp/above',
    'raised device/offline',
    'cleared temp/above',
    'cleared device/offline',
  ]);
});

/** What the desk has told of the plant, in order. */
async function log(): Promise<readonly string[]> {
  const database = await Database.open(archiveFile(site.hubDir), systemClock);
  try {
    const entries = await new DeskStore(database).logFrom(1, 10_000);
    return entries
      .filter(({ alarm }) => alarm.device !== '')
      .map(({ what, alarm }) => `${what} ${alarm.rule}${what === 'raised' && alarm.suppressed ? ' suppressed' : ''}`);
  } finally {
    await database.close();
  }
}
