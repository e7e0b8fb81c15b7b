import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bad, good, type Outcome } from '../../../core/reading.ts';
import type { Condition } from '../../../core/rules/condition.ts';
import { Replay, type Replayed } from '../../../core/rules/replay.ts';
import type { Rule } from '../../../core/rules/rule.ts';
import { isActive, NORMAL, RESTORED, stepRule, stepTime } from '../../../core/rules/step.ts';
import { ruleOf } from './support.ts';

const figure = fc.integer({ min: 0, max: 20 });
const condition = fc.oneof(
  fc.record({ kind: fc.constantFrom('above', 'below'), limit: figure, deadband: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ kind: fc.constant('equals'), value: figure }),
  fc.record({ kind: fc.constant('bit'), bit: fc.integer({ min: 0, max: 4 }), set: fc.boolean() }),
  fc.record({ kind: fc.constant('rate'), above: fc.integer({ min: 1, max: 8 }), perMs: fc.constantFrom(5000, 60_000) }),
  fc.record({
    kind: fc.constant('deviation'),
    from: figure,
    limit: fc.integer({ min: 5, max: 8 }),
    deadband: fc.integer({ min: 0, max: 4 }),
  }),
  fc.record({ kind: fc.constant('stale'), afterMs: fc.constantFrom(3000, 20_000) }),
  fc.record({ kind: fc.constant('flatline'), forMs: fc.constantFrom(3000, 20_000), tolerance: fc.constantFrom(0, 2) }),
) as fc.Arbitrary<Condition>;

const delay = fc.constantFrom(0, 1000, 7000);
const rule = fc
  .record({ condition, onDelayMs: delay, offDelayMs: delay })
  .map(({ condition: given, ...more }): Rule => ruleOf(given, more));

/** What is read, after how long; undefined: nothing, time passes. */
const happening = fc.record({
  after: fc.integer({ min: 0, max: 5000 }),
  outcome: fc.option(
    fc.oneof(
      { weight: 5, arbitrary: figure.map((value): Outcome => good(value)) },
      { weight: 1, arbitrary: fc.constant<Outcome>(bad('no-answer')) },
    ),
    { nil: undefined },
  ),
});

/** How often the bare condition began to hold, and whether that ever happened. */
function crossings(
  { condition: bare }: Rule,
  happenings: readonly { after: number; outcome: Outcome | undefined }[],
): number {
  return play({ ...ruleOf(undressed(bare)) }, happenings).filter((raised) => raised).length;
}

function undressed(bare: Condition): Condition {
  return 'deadband' in bare ? { ...bare, deadband: 0 } : bare;
}

function play(given: Rule, happenings: readonly { after: number; outcome: Outcome | undefined }[]): boolean[] {
  const told: boolean[] = [];
  let [state, ticks] = [NORMAL, 0];
  for (const { after, outcome } of happenings) {
    ticks += after;
    const step = outcome === undefined ? stepTime(given, state, ticks) : stepRule(given, state, outcome, ticks);
    state = step.state;
    if (step.transition !== undefined) told.push(step.transition);
  }
  return told;
}

describe('for any sequence of readings', () => {
  test('announcements are at most the crossings, and every one has exactly one end before the next', () => {
    fc.assert(
      fc.property(rule, fc.array(happening, { maxLength: 80 }), (given, happenings) => {
        const told = play(given, happenings);
        expect(told).toEqual(told.map((_, i) => i % 2 === 0));
        expect(told.filter((raised) => raised).length).toBeLessThanOrEqual(crossings(given, happenings));
      }),
      { numRuns: 2000 },
    );
  });

  test('a restart at any instant announces nothing twice: what was active is not raised again before it has ended', () => {
    fc.assert(
      fc.property(
        rule,
        fc.array(happening, { maxLength: 60 }),
        fc.array(fc.nat(60), { maxLength: 6 }),
        (given, happenings, kills) => {
          let [state, ticks, active] = [NORMAL, 0, false];
          happenings.forEach(({ after, outcome }, i) => {
            // Another boot counts its ticks from another start.
            if (kills.includes(i)) [state, ticks] = [isActive(state) ? RESTORED : NORMAL, 7];
            ticks += after;
            const step = outcome === undefined ? stepTime(given, state, ticks) : stepRule(given, state, outcome, ticks);
            state = step.state;
            if (step.transition === undefined) return;
            expect(step.transition).toBe(!active);
            active = step.transition;
          });
          expect(isActive(state)).toBe(active);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('a fault changes nothing, whatever the rule, except that silence grows', () => {
    fc.assert(
      fc.property(rule, fc.array(happening, { maxLength: 40 }), (given, happenings) => {
        if (given.condition.kind === 'stale') return;
        let [state, ticks] = [NORMAL, 0];
        for (const { after, outcome } of happenings) {
          ticks += after;
          state = stepRule(given, state, outcome ?? bad('no-answer'), ticks).state;
          expect(stepRule(given, state, bad('no-answer'), ticks + 60_000).transition).toBeUndefined();
        }
      }),
    );
  });

  test('a replay announces what the edge announced', () => {
    fc.assert(
      fc.property(rule, fc.array(happening, { maxLength: 60 }), (given, happenings) => {
        let at = 0;
        const readings = happenings.flatMap(({ after, outcome }) => {
          at += after;
          return outcome === undefined ? [] : [{ at, outcome }];
        });
        // The edge looks every millisecond here, the replay only when something is due.
        const edge: (readonly [number, boolean])[] = [];
        let state = NORMAL;
        let now = 0;
        const note = (step: { transition?: boolean; state: typeof state }) => {
          state = step.state;
          if (step.transition !== undefined) edge.push([now, step.transition]);
        };
        for (const { at: next, outcome } of readings) {
          for (const due of [...ends(given), 0].map((ms) => Math.min(next, state.since + ms)).sort((a, b) => a - b)) {
            if (due <= now || due >= next || given.condition.kind === 'stale') continue;
            now = due;
            note(stepTime(given, state, now));
          }
          now = next;
          note(stepRule(given, state, outcome, now));
        }
        if (given.condition.kind === 'stale') return;
        const replayed = replay(given, readings).flatMap(({ raisedAt, clearedAt }) => [
          [raisedAt, true] as const,
          ...(clearedAt === undefined ? [] : [[clearedAt, false] as const]),
        ]);
        expect(replayed).toEqual(edge);
      }),
    );
  });
});

function replay(given: Rule, readings: readonly Replayed[]) {
  const run = new Replay(given);
  for (const reading of readings) run.take(reading);
  return run.end();
}

function ends({ onDelayMs, offDelayMs = 0 }: Rule): number[] {
  return [onDelayMs, offDelayMs];
}

test('a replay tells what a deadband would have spared', () => {
  const noise = Array.from({ length: 92 }, (_, i) => ({ at: i * 1000, outcome: good(i % 2 === 0 ? 30.2 : 29.8) }));
  const count = (deadband: number) => replay(ruleOf({ kind: 'above', limit: 30, deadband }), noise).length;
  expect([count(0), count(0.5)]).toEqual([46, 1]);
});
