import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Alarm, Condition } from '../../../monitor/alarms/alarm.ts';
import { type AlarmEvent, FLAP_WINDOW_MS, SETTLE_MS, stepAlarm } from '../../../monitor/alarms/step.ts';
import { T0 } from '../support/batches.ts';
import { raise, terms } from './support.ts';

const MINUTE = 60_000;
const by = (what: 'ack' | 'unshelve' | 'reset', who = 'kim', now = T0 + 10): AlarmEvent => ({ what, by: who, now });
const clear = (at = T0 + 5): AlarmEvent => ({ what: 'clear', at, now: at });
const shelve = (until: number | 'clear'): AlarmEvent => ({ what: 'shelve', until, by: 'kim', now: T0 + 10 });
const service = (on: boolean): AlarmEvent => ({ what: 'service', on, by: 'kim', now: T0 + 10 });
const tick = (now: number): AlarmEvent => ({ what: 'tick', now });

function run(...events: readonly AlarmEvent[]) {
  let condition: Condition | undefined;
  const changes: string[] = [];
  const filed: Alarm[] = [];
  let refused: string | undefined;
  for (const event of events) {
    const step = stepAlarm(condition, event);
    condition = step.condition;
    changes.push(...step.changes.map(({ what }) => what));
    filed.push(...step.filed);
    refused = step.refused;
  }
  return { alarm: condition?.alarm as Alarm, changes, filed, refused };
}

const latched = raise(T0, { terms: terms({ latch: true }) });

describe('states [IEC 62682, figure 2]', () => {
  test.each<[string, readonly AlarmEvent[], Partial<Alarm>, readonly string[], number]>([
    ['B: active, nobody has seen it', [raise()], { active: true, acknowledged: false }, ['raised'], 0],
    [
      'C: active, acknowledged',
      [raise(), by('ack')],
      { active: true, acknowledged: true, ackedBy: 'kim' },
      ['raised', 'acked'],
      0,
    ],
    [
      'D: returned, nobody has seen it',
      [raise(), clear()],
      { active: false, acknowledged: false },
      ['raised', 'cleared'],
      0,
    ],
    ['A again, by way of C', [raise(), by('ack'), clear()], { active: false }, ['raised', 'acked', 'cleared'], 1],
    ['A again, by way of D', [raise(), clear(), by('ack')], { acknowledged: true }, ['raised', 'cleared', 'acked'], 1],
    ['E: latched, nobody has seen it', [latched, clear()], { active: false, latched: true }, ['raised', 'cleared'], 0],
    ['F: latched, acknowledged', [latched, clear(), by('ack')], { latched: true }, ['raised', 'cleared', 'acked'], 0],
    [
      'A, from F by reset',
      [latched, clear(), by('ack'), by('reset')],
      { latched: false },
      ['raised', 'cleared', 'acked', 'reset'],
      1,
    ],
    [
      'D, from E by reset',
      [latched, clear(), by('reset')],
      { acknowledged: false, latched: false },
      ['raised', 'cleared', 'reset'],
      0,
    ],
    [
      'G: shelved for a time',
      [raise(), shelve(T0 + MINUTE)],
      { shelvedUntil: T0 + MINUTE, shelvedBy: 'kim' },
      ['raised', 'shelved'],
      0,
    ],
    [
      'G: left when its time is over',
      [raise(), shelve(T0 + MINUTE), tick(T0 + MINUTE)],
      { active: true },
      ['raised', 'shelved', 'unshelved'],
      0,
    ],
    ['G: left by hand', [raise(), shelve(T0 + MINUTE), by('unshelve')], {}, ['raised', 'shelved', 'unshelved'], 0],
    [
      'G: until it clears',
      [raise(), shelve('clear'), clear()],
      { active: false },
      ['raised', 'shelved', 'cleared', 'unshelved'],
      0,
    ],
    [
      'H: suppressed by design',
      [raise(T0, { suppressed: true }), { what: 'suppress', on: false, now: T0 }],
      { suppressed: false },
      ['raised', 'unsuppressed'],
      0,
    ],
    [
      'H: over before anybody was told asks nobody',
      [raise(T0, { suppressed: true }), clear()],
      { suppressed: false, acknowledged: true },
      ['raised', 'cleared', 'unsuppressed'],
      1,
    ],
    [
      'H: over, of which people had been told',
      [
        raise(T0, { suppressed: true }),
        ...[false, true].map((on): AlarmEvent => ({ what: 'suppress', on, now: T0 })),
        clear(),
      ],
      { suppressed: false, acknowledged: false },
      ['raised', 'unsuppressed', 'suppressed', 'cleared', 'unsuppressed'],
      0,
    ],
    [
      'I: out of service and back',
      [raise(), service(false), service(true)],
      { outOfService: false },
      ['raised', 'out-of-service', 'in-service'],
      0,
    ],
    [
      'nothing to acknowledge',
      [raise(T0, { terms: terms({ ack: false }) }), clear()],
      { acknowledged: true },
      ['raised', 'cleared'],
      1,
    ],
  ])('%s', (_, events, flags, changes, filed) => {
    const result = run(...events);
    expect(result.alarm).toMatchObject(flags);
    expect([result.changes, result.filed.length]).toEqual([changes, filed]);
  });

  test('shelving that ends leaves no trace of it on the alarm', () => {
    expect(
      Object.keys(run(raise(), shelve('clear'), clear()).alarm).filter((key) => key.startsWith('shelved')),
    ).toEqual([]);
  });
});

describe('nothing happens twice', () => {
  test.each<[string, AlarmEvent]>([
    ['raised', raise(T0 + 1)],
    ['acked', by('ack', 'lee')],
    ['shelved', shelve(T0 + MINUTE)],
    ['out of service', service(false)],
  ])('%s', (_, again) => {
    const before = [raise(), by('ack'), shelve(T0 + MINUTE), service(false)];
    expect(run(...before, again)).toEqual({ ...run(...before), refused: undefined });
  });

  test.each<[string, readonly AlarmEvent[]]>([
    ['cleared', [raise(), clear(), clear(T0 + 9)]],
    ['reset', [latched, clear(), by('reset'), by('reset')]],
    ['unshelved', [raise(), by('unshelve')]],
    ['not there', [clear(), by('ack'), tick(T0)]],
  ])('%s', (_, events) => {
    const changes = run(...events).changes;
    expect(new Set(changes).size).toBe(changes.length);
  });

  test('of two operators at once the first counts, and both read that', () => {
    expect(run(raise(), by('ack', 'kim'), by('ack', 'lee')).alarm.ackedBy).toBe('kim');
  });
});

describe('what does not fit is refused with a reason', () => {
  test.each<[string, readonly AlarmEvent[], RegExp]>([
    ['reset while active', [latched, by('reset')], /still active/],
    [
      'shelving against the rule',
      [raise(T0, { terms: terms({ shelvable: false }) }), shelve(T0 + MINUTE)],
      /does not allow/,
    ],
    ['waiting for a clearing that was', [raise(), clear(), shelve('clear')], /not active/],
  ])('%s', (_, events, reason) => {
    expect(run(...events).refused).toMatch(reason);
  });
});

describe('the next occurrence', () => {
  test('takes the place of one that nobody acknowledged, which becomes history as it was', () => {
    const { alarm, filed } = run(raise(), clear(), raise(T0 + MINUTE * 2));
    expect(filed).toMatchObject([{ id: raise().id, acknowledged: false }]);
    expect(alarm).toMatchObject({ id: raise(T0 + MINUTE * 2).id, acknowledged: false, active: true });
  });

  test('is shelved and out of service as the rule is', () => {
    const { alarm } = run(raise(), shelve(T0 + 90 * MINUTE), service(false), clear(), raise(T0 + MINUTE * 2));
    expect(alarm).toMatchObject({ shelvedUntil: T0 + 90 * MINUTE, outOfService: true });
  });
});

describe('chattering', () => {
  const burst = (n: number, everyMs: number) =>
    Array.from({ length: n }, (_, i) => [raise(T0 + i * everyMs), clear(T0 + i * everyMs + 1)]).flat();

  test.each([
    [3, FLAP_WINDOW_MS / 2 - 1, 1],
    [20, 1000, 1],
    [2, 1000, 0],
    [3, FLAP_WINDOW_MS / 2, 0],
  ])('%i activations, one each %i ms: told %i times', (n, everyMs, told) => {
    expect(run(...burst(n, everyMs)).changes.filter((what) => what === 'flapping')).toHaveLength(told);
  });

  test('settles after it was quiet for a while, and says so once', () => {
    const last = T0 + 2000;
    const { changes, alarm } = run(
      ...burst(3, 1000),
      tick(last + SETTLE_MS - 1),
      tick(last + SETTLE_MS),
      tick(last + SETTLE_MS * 2),
    );
    expect(changes.filter((what) => what === 'settled')).toHaveLength(1);
    expect(alarm.flapping).toBe(false);
  });
});

describe('re-alarm', () => {
  const again = raise(T0, { terms: terms({ reAlarmMs: 15 * MINUTE, reAlarmCount: 2 }) });
  const day = Array.from({ length: 24 * 60 }, (_, i) => tick(T0 + i * MINUTE));

  test.each<[string, readonly AlarmEvent[], number]>([
    ['unattended: as often as the rule says', [again, ...day], 2],
    ['acknowledged', [again, by('ack'), ...day], 0],
    ['cleared', [again, clear(), ...day], 0],
    ['shelved', [again, shelve(T0 + 1e9), ...day], 0],
    ['out of service', [again, service(false), ...day], 0],
    ['a rule without', [raise(), ...day], 0],
  ])('%s', (_, events, count) => {
    const { changes, alarm } = run(...events);
    expect([changes.filter((what) => what === 're-alarm').length, alarm.reAlarms]).toEqual([count, count]);
  });

  test('a shelf that ends first counts for the same moment', () => {
    expect(run(again, shelve(T0 + 20 * MINUTE), tick(T0 + 20 * MINUTE)).changes).toEqual([
      'raised',
      'shelved',
      'unshelved',
      're-alarm',
    ]);
  });
});

test('any sequence: one clear for each raise, one filing for each occurrence, nothing without a change', () => {
  const event = fc.oneof(
    fc
      .integer({ min: 0, max: 1000 })
      .map((s): AlarmEvent => raise(T0 + s * 1000, { terms: terms({ latch: s % 3 === 0, reAlarmMs: 60_000 }) })),
    fc.integer({ min: 0, max: 1000 }).map((s): AlarmEvent => clear(T0 + s * 1000)),
    fc.constantFrom<AlarmEvent>(
      by('ack'),
      by('reset'),
      by('unshelve'),
      shelve('clear'),
      shelve(T0 + 500_000),
      service(true),
      service(false),
    ),
    fc.integer({ min: 0, max: 2000 }).map((s) => tick(T0 + s * 1000)),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const { changes, filed, alarm } = run(...events);
      const count = (what: string) => changes.filter((each) => each === what).length;
      expect(count('raised') - count('cleared')).toBe(alarm?.active ? 1 : 0);
      expect(filed.length - count('raised')).toBeLessThanOrEqual(0);
      expect(count('flapping') - count('settled')).toBe(alarm?.flapping ? 1 : 0);
      expect(count('shelved')).toBeGreaterThanOrEqual(count('unshelved'));
    }),
    { numRuns: 2000 },
  );
});
