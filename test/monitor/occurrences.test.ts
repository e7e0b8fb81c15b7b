import { expect, test } from 'vitest';
import type { JournalEvent } from '../../cloud-sync/protocol/events.ts';
import type { LiveAlarm } from '../../cloud-sync/protocol/messages.ts';
import { Occurrences } from '../../monitor/occurrences.ts';
import { EPOCH, Journal, T0 } from './support/batches.ts';

const GATEWAY = 'plant-1';
const alarm = (active: boolean, rule = 'hot'): JournalEvent & { event: 'alarm' } => ({
  ...{ event: 'alarm', at: T0, device: 'boiler', rule, point: 'temp', active },
});
const live = (seq: number, active: boolean, rule = 'hot'): LiveAlarm => {
  const { event: _, ...rest } = alarm(active, rule);
  return { ...rest, occurrence: { epoch: EPOCH, seq } };
};

test.each([['live'], ['journal']])('an occurrence is raised once and ends once, the %s lane first', (first) => {
  const occurrences = new Occurrences();
  const journal = new Journal();
  const lanes = {
    live: (active: boolean) => occurrences.onLive(GATEWAY, [live(0, active)]),
    journal: (active: boolean) => occurrences.onFrames(GATEWAY, [journal.events(alarm(active))]),
  };
  const [one, other] = first === 'live' ? [lanes.live, lanes.journal] : [lanes.journal, lanes.live];
  expect(one(true)).toBe(true);
  expect(other(true)).toBe(false);
  expect(occurrences.active(GATEWAY)).toBe(1);
  expect(one(false)).toBe(true);
  expect(other(false)).toBe(false);
  expect(occurrences.active(GATEWAY)).toBe(0);
});

test('what the live lane told to its end is not raised again by the journal that follows', () => {
  const occurrences = new Occurrences();
  const journal = new Journal();
  occurrences.onLive(GATEWAY, [live(0, false), live(2, true)]);
  expect(occurrences.onFrames(GATEWAY, [journal.events(alarm(true), alarm(false))])).toBe(false);
  expect(occurrences.active(GATEWAY)).toBe(1);
  expect(occurrences.onFrames(GATEWAY, [journal.events(alarm(true), alarm(false))])).toBe(true);
  expect(occurrences.active(GATEWAY)).toBe(0);
});

test('rules and gateways are apart', () => {
  const occurrences = new Occurrences();
  const journal = new Journal();
  occurrences.onFrames(GATEWAY, [journal.events(alarm(true), alarm(true, 'dry'), alarm(false))]);
  expect(occurrences.active(GATEWAY)).toBe(1);
  expect(occurrences.active('other')).toBe(0);
  expect(occurrences.onLive(GATEWAY, [live(1, false, 'dry')])).toBe(true);
  expect(occurrences.active(GATEWAY)).toBe(0);
});
