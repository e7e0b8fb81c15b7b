import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quietLog } from '../../core/log.ts';
import { bad, good, type Outcome } from '../../core/reading.ts';
import { nextCatalogue } from '../../gateway/catalogue.ts';
import { type CounterState, stepCounter } from '../../gateway/counter.ts';
import { CounterBook } from '../../gateway/counter-book.ts';
import { Intake } from '../../gateway/intake.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { plantOf, point } from '../support/plant.ts';

const HOUR = 3_600_000;
const SPEC = { rollsOverAt: 10_000, mostPerHour: 100 };
const JUMP = bad('counter-jump');

/** What comes of readings that are so many hours apart. */
function run(spec: typeof SPEC | { mostPerHour: number }, shown: readonly number[], hours = 1) {
  let state: CounterState | undefined;
  const jumps: string[] = [];
  const outcomes = shown.map((figure, i) => {
    const step = stepCounter(spec, state, figure, i * hours * HOUR);
    state = step.state;
    if (step.jump) jumps.push(step.jump);
    return step.outcome;
  });
  return { outcomes, jumps };
}

const totals = (...values: number[]) => values.map(good);

describe('a counter', () => {
  test('begins as what it shows, and goes on through a roll-over', () => {
    expect(run(SPEC, [9900, 9980, 40, 90])).toEqual({
      outcomes: totals(9900, 9980, 10_040, 10_090),
      jumps: ['rolled-over'],
    });
  });

  test('a damaged reading moves nothing', () => {
    expect(run(SPEC, [5000, 3, 5010]).outcomes).toEqual([good(5000), JUMP, good(5010)]);
    expect(run(SPEC, [5000, 9000, 5010]).outcomes).toEqual([good(5000), JUMP, good(5010)]);
    expect(run(SPEC, [5000, 3, 9000, 5010]).outcomes).toEqual([good(5000), JUMP, JUMP, good(5010)]);
    // Three that do not agree prove nothing.
    expect(run(SPEC, [5000, 3, 9000, 20, 5010]).outcomes).toEqual([good(5000), JUMP, JUMP, JUMP, good(5010)]);
  });

  test('another meter, or one set back, is believed in after three readings; the total goes on from where it stood', () => {
    expect(run(SPEC, [5000, 5050, 0, 20, 40, 60])).toEqual({
      outcomes: [good(5000), good(5050), JUMP, JUMP, good(5050), good(5070)],
      jumps: ['replaced'],
    });
    expect(run(SPEC, [5000, 8000, 8010, 8020, 8030]).outcomes).toEqual([
      good(5000),
      JUMP,
      JUMP,
      good(5000),
      good(5010),
    ]);
  });

  test('without a roll-over a fall is never one', () => {
    expect(run({ mostPerHour: 100 }, [9990, 5, 6, 7]).jumps).toEqual(['replaced']);
  });

  test('after a long pause it may have counted that much more', () => {
    expect(run(SPEC, [5000, 5900], 9).outcomes).toEqual(totals(5000, 5900));
    expect(run(SPEC, [9500, 300], 9).jumps).toEqual(['rolled-over']);
  });

  test('a step of a coarse counter is no jump, and a clock that was set back passes no time', () => {
    const first = stepCounter(SPEC, undefined, 100, HOUR);
    expect(stepCounter(SPEC, first.state, 120, HOUR + 1000).outcome).toEqual(good(120));
    expect(stepCounter(SPEC, first.state, 120, 0).outcome).toEqual(good(120));
    expect(stepCounter(SPEC, first.state, 180, 0).outcome).toEqual(JUMP);
  });

  test('the total never falls, and is what was counted, whatever the counter rolls over', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9999 }),
        fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 300 }),
        fc.array(fc.record({ at: fc.nat({ max: 300 }), shown: fc.integer({ min: 0, max: 9999 }) }), { maxLength: 3 }),
        (start, rises, damages) => {
          let counted = start;
          let state = stepCounter(SPEC, undefined, start, 0).state;
          let newest = start;
          rises.forEach((rise, i) => {
            counted += rise;
            const damaged = damages.find(({ at }) => at === i)?.shown;
            const step = stepCounter(SPEC, state, damaged ?? counted % 10_000, (i + 1) * HOUR);
            state = step.state;
            if (step.outcome.quality === 'bad') return;
            expect(step.outcome.value as number).toBeGreaterThanOrEqual(newest);
            newest = step.outcome.value as number;
            if (damages.length === 0) expect(newest).toBe(counted);
          });
        },
      ),
    );
  });
});

describe('the book of counters', () => {
  const folder = () => mkdtempSync(join(tmpdir(), 'sluice-counters-'));

  /** A life of a gateway that reads these figures, a second apart. */
  async function life(dir: string, figures: readonly (number | Outcome)[], stop = true): Promise<Outcome[]> {
    const clock = new FakeClock();
    const book = await CounterBook.open(dir, clock, quietLog);
    const plant = plantOf([point('energy', { counter: SPEC, valid: { max: 9999 } })]);
    const kept: Outcome[] = [];
    const keeper = { reading: (_: number, __: number, outcome: Outcome) => void kept.push(outcome), event: () => {} };
    const catalogue = nextCatalogue(null, plant, { site: 's', timezone: 'UTC' });
    const intake = new Intake(plant, catalogue, keeper, clock, { counters: book });
    const [device] = plant.devices;
    if (device === undefined) throw new Error('no device');
    const stopping = new AbortController();
    const running = book.run(stopping.signal);
    for (const figure of figures) {
      intake.answers(device, new Map([['energy', typeof figure === 'number' ? good(figure) : figure]]));
      await clock.advance(1000);
    }
    if (stop) {
      stopping.abort();
      await running;
    }
    return kept;
  }

  test('totals go on after a restart, also behind a roll-over while it was down', async () => {
    const dir = folder();
    expect(await life(dir, [9980, 9990, 5, bad('no-answer')])).toEqual([
      ...totals(9980, 9990, 10_005),
      bad('no-answer'),
    ]);
    expect(await life(dir, [10])).toEqual(totals(10_010));
    expect(await life(dir, [20])).toEqual(totals(10_020));
  });

  test('what begins anew is written at once', async () => {
    const dir = folder();
    await life(dir, [9990, 5], false);
    await expect
      .poll(() => readFileSync(join(dir, 'counters.json'), 'utf8'), { timeout: 15_000 })
      .toMatch(/"base": 10000/);
  });

  test('`valid` is about what the device shows', async () => {
    expect(await life(folder(), [9990, 65_535, 5])).toEqual([good(9990), bad('out-of-range'), good(10_005)]);
  });

  test('a damaged file is no end: totals begin with what the devices show', async () => {
    const dir = folder();
    writeFileSync(join(dir, 'counters.json'), '{ "counters": { "boiler/energy": { "base": "x"');
    expect(await life(dir, [70])).toEqual(totals(70));
    expect(await life(dir, [75])).toEqual(totals(75));
  });
});
