import { expect, test } from 'vitest';
import type { JournalEvent } from '../../cloud-sync/protocol/events.ts';
import { bad, good, type Outcome } from '../../core/reading.ts';
import type { Rule } from '../../core/rules/rule.ts';
import type { DeviceSpec } from '../../devices/plant-types.ts';
import { RuleWatch } from '../../gateway/alarms/rule-watch.ts';
import { nextCatalogue } from '../../gateway/catalogue.ts';
import { Intake } from '../../gateway/intake.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { plantOf, point } from '../support/plant.ts';

const rule: Rule = {
  id: 't/above',
  point: 't',
  condition: { kind: 'above', limit: 75, deadband: 2 },
  onDelayMs: 10_000,
  priority: 'high',
  text: { en: 'Hot' },
  action: {},
};

function watched() {
  const clock = new FakeClock();
  const alarms: (string | number)[] = [];
  const keeper = {
    reading: () => {},
    event: (event: JournalEvent, options?: { urgent?: boolean }) => {
      if (event.event !== 'alarm') return;
      expect(options?.urgent).toBe(true);
      alarms.push(event.active ? 'raised' : 'cleared', clock.ticks());
    },
  };
  const plant = plantOf([point('t', { deadband: 5, maxSilenceMs: 3_600_000 })], { rules: [rule] });
  const facts = { site: 'Test', timezone: 'Asia/Seoul' };
  const intake = new Intake(plant, nextCatalogue(null, plant, facts), keeper, clock);
  const abort = new AbortController();
  const done = new RuleWatch(intake, clock).run(abort.signal);
  const read = (outcome: Outcome) => intake.answers(plant.devices[0] as DeviceSpec, new Map([['t', outcome]]));
  const stop = () => {
    abort.abort();
    return done;
  };
  return { clock, alarms, read, stop };
}

test('an alarm that waits is raised in time although nothing further is read, and once', async () => {
  const { clock, alarms, read, stop } = watched();
  read(good(76));
  await clock.advance(9900);
  expect(alarms).toEqual([]);
  await clock.advance(1100);
  expect(alarms).toEqual(['raised', 10_000]);
  await clock.advance(60_000);
  read(good(76));
  expect(alarms).toHaveLength(2);
  await stop();
});

test('a fault in between holds it back: nobody knows whether the condition lasts', async () => {
  const { clock, alarms, read, stop } = watched();
  read(good(76));
  read(bad('no-answer'));
  await clock.advance(60_000);
  expect(alarms).toEqual([]);
  read(good(76));
  expect(alarms).toEqual(['raised', 60_000]);
  await stop();
});

test('rules see every reading, also those that are not worth keeping', async () => {
  const { clock, alarms, read, stop } = watched();
  read(good(74));
  read(good(76));
  await clock.advance(5000);
  read(good(75));
  await clock.advance(60_000);
  read(good(76));
  await clock.advance(12_000);
  read(good(72));
  expect(alarms).toEqual(['raised', 75_000, 'cleared', 77_000]);
  await stop();
});
