import { expect, test } from 'vitest';
import { eventSchema, type JournalEvent } from '../../cloud-sync/protocol/events.ts';
import { bad, good, type Value } from '../../core/reading.ts';
import { lineRule, offlineRule } from '../../core/rules/built-in.ts';
import type { Rule } from '../../core/rules/rule.ts';
import type { ChannelState } from '../../devices/channels/channel.ts';
import type { DeviceSpec } from '../../devices/plant-types.ts';
import { nextCatalogue } from '../../gateway/catalogue.ts';
import { Intake } from '../../gateway/intake.ts';
import { ruleOf } from '../core/rules/support.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { plantOf, point } from '../support/plant.ts';

/** Monday, 4 May 2026, 09:00 in Seoul. */
const MONDAY = 1_777_852_800_000;

const DOWN: ChannelState = { state: 'faulted', fault: 'connection-refused', detail: '' };

/** A device with its rules, and the gateway as another, whose lines a test sets. */
function site(rules: readonly Rule[], more: { synced?: boolean; holidays?: string[] } = {}) {
  const clock = new FakeClock(MONDAY);
  clock.synced = more.synced ?? true;
  const told: string[] = [];
  const events: JournalEvent[] = [];
  const event = (given: JournalEvent) => {
    if (given.event !== 'alarm') return;
    events.push(eventSchema.parse(given));
    const { rule, active, suppressed } = given;
    told.push(`${clock.ticks() / 1000} ${rule} ${active ? 'on' : 'off'}${suppressed ? ' suppressed' : ''}`);
  };
  const points = [point('t'), point('s'), point('on', { kind: 'boolean', type: 'bool' })];
  const [device] = plantOf(points, { rules }).devices as [DeviceSpec];
  const gateway: DeviceSpec = { ...device, name: 'gateway', channel: 'gateway', points: [], rules: [lineRule('plc')] };
  const plant = { channels: [], devices: [device, gateway] };
  let line: ChannelState = { state: 'open' };
  const catalogue = nextCatalogue(null, plant, { site: 's', timezone: 'Asia/Seoul' });
  const intake = new Intake(plant, catalogue, { reading() {}, event }, clock, {
    alarms: { timezone: 'Asia/Seoul', holidays: more.holidays ?? [], restored: [], lineState: () => line },
  });
  return {
    told,
    events,
    clock,
    intake,
    read: (values: Readonly<Record<string, Value | null>>) =>
      intake.answers(
        device,
        new Map(Object.entries(values).map(([name, value]) => [name, value === null ? bad('no-value') : good(value)])),
      ),
    away: () => {
      intake.away(device, 'no-answer');
      intake.fault(device, ['t', 's', 'on'], 'no-answer');
    },
    lineIs: (state: ChannelState) => {
      line = state;
    },
    /** A second at a time, as the watch looks. */
    pass: async (seconds: number) => {
      for (let i = 0; i < seconds; i++) {
        await clock.advance(1000);
        intake.stepWaiting();
      }
    },
  };
}

const stale = ruleOf({ kind: 'stale', afterMs: 30_000 });

test('a device that does not answer raises one alarm; that its points are stale is told, and suppressed', async () => {
  const { told, read, away, pass } = site([stale, offlineRule()]);
  read({ t: 1 });
  await pass(5);
  away();
  await pass(100);
  expect(told).toEqual(['30 t/stale on suppressed', '65 device/offline on']);
  // It answers again, and this point does not come back with it.
  read({ s: 1 });
  await pass(30);
  expect(told.slice(2)).toEqual(['105 device/offline off', '135 t/stale on']);
  read({ t: 1 });
  expect(told.slice(4)).toEqual(['135 t/stale off']);
});

test('a line that is mended announces none of its devices and points, as long as each comes back in its own time', async () => {
  const { told, read, away, pass, lineIs } = site([stale, offlineRule()]);
  read({ t: 1 });
  away();
  lineIs(DOWN);
  await pass(100);
  lineIs({ state: 'open' });
  await pass(20);
  read({ s: 1 });
  await pass(20);
  read({ t: 1 });
  const announced = told.filter((text) => text.includes(' on') && !text.includes('suppressed'));
  expect(announced).toEqual(['31 line/plc on']);
  expect(told.slice(3)).toEqual(['101 line/plc off', '120 device/offline off', '140 t/stale off']);
});

test('a line that is down speaks for its devices; what remains when it is back, speaks for itself', async () => {
  const { told, read, away, pass, lineIs } = site([stale, offlineRule({ onDelay: 10_000 })]);
  read({ t: 1 });
  away();
  lineIs(DOWN);
  await pass(60);
  expect(told).toEqual(['10 device/offline on suppressed', '30 t/stale on suppressed', '31 line/plc on']);
  lineIs({ state: 'opening' });
  await pass(5);
  expect(told).toHaveLength(3);
  lineIs({ state: 'open' });
  await pass(11);
  expect(told.slice(3)).toEqual(['66 line/plc off', '76 device/offline on']);
  read({ t: 1 });
  expect(told.slice(5).sort()).toEqual(['76 device/offline off', '76 t/stale off']);
});

test('equipment that is off suppresses its alarm, which is recorded all the same', async () => {
  const low = ruleOf({ kind: 'below', limit: 10, deadband: 0 }, { suppressWhen: [{ point: 'on', equals: false }] });
  const { told, read } = site([low]);
  read({ on: false, t: 5 });
  read({ on: null });
  read({ on: true });
  read({ on: false });
  read({ t: 20 });
  expect(told).toEqual(['0 t/below on suppressed', '0 t/below on', '0 t/below on suppressed', '0 t/below off']);
});

const officeHours = ruleOf(
  { kind: 'equals', value: true },
  {
    point: 'on',
    schedule: { windows: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: 540, to: 1080 }], holidays: 'off' },
  },
);

test('outside its hours an alarm is suppressed, and told when they begin', async () => {
  const { told, read, clock, intake } = site([officeHours], { holidays: ['korea'] });
  const look = async (hours: number) => {
    await clock.advance(hours * 3_600_000);
    intake.stepWaiting();
  };
  read({ on: true });
  await look(9);
  // The night, then Children's Day, then Wednesday.
  await look(15);
  await look(24);
  expect(told.map((text) => text.replace('t/equals', ''))).toEqual(['0  on', '32400  on suppressed', '172800  on']);
});

test('while nobody knows what time it is, every hour counts', async () => {
  const { told, read, clock, intake } = site([officeHours], { synced: false });
  await clock.advance(12 * 3_600_000);
  read({ on: true });
  clock.synced = true;
  intake.stepWaiting();
  expect(told).toEqual(['43200 t/equals on', '43200 t/equals on suppressed']);
});

test('a rule over two points is judged when either is read; the event bears the value, and no figure that is a difference', () => {
  const { events, read } = site([ruleOf({ kind: 'deviation', from: 's', limit: 3, deadband: 0 })]);
  read({ t: 20 });
  read({ s: 20 });
  read({ s: 10 });
  read({ s: 18 });
  expect(events).toMatchObject([
    { active: true, value: 20 },
    { active: false, value: 20 },
  ]);
  expect(events.map((event) => 'limit' in event)).toEqual([false, false]);
});

test('the event of a limit bears the value and the limit it has passed', () => {
  const { events, read } = site([ruleOf({ kind: 'below', limit: 3, deadband: 1 })]);
  for (const t of [5, 2, 5]) read({ t });
  expect(events).toMatchObject([
    { active: true, value: 2, limit: 3 },
    { active: false, value: 5, limit: 3 },
  ]);
});
