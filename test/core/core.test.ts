import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { csvLine } from '../../core/csv.ts';
import { FAULTS, type FaultCode, faultToWire, findFaultByWire } from '../../core/faults.ts';
import { quietLog } from '../../core/log.ts';
import { packageRoot } from '../../core/package-root.ts';
import { bad, good } from '../../core/reading.ts';
import { delays } from '../../core/retry.ts';
import type { Rule } from '../../core/rules/rule.ts';
import { NORMAL, type RuleState, stepRule } from '../../core/rules/step.ts';
import { runAll } from '../../core/service.ts';
import { formatDuration, parseDuration, parseSize } from '../../core/units.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('faults', () => {
  const codes = Object.keys(FAULTS) as FaultCode[];

  test('the page and the table name the same faults', () => {
    const page = readFileSync(join(packageRoot, 'docs/faults.md'), 'utf8');
    const listed = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code);
    expect(listed).toEqual(codes);
    for (const code of codes) expect(page).toContain(`${FAULTS[code].text} |`);
  });

  test('wire numbers are unique and lead back', () => {
    const wired = codes.filter((code) => 'wire' in FAULTS[code]);
    expect(wired.length).toBeGreaterThan(15);
    for (const code of wired) expect(findFaultByWire(faultToWire(code))).toBe(code);
    expect(() => faultToWire('usage')).toThrow(TypeError);
    expect(findFaultByWire(255)).toBeUndefined();
  });
});

describe('retry', () => {
  test('waits grow to the ceiling and are drawn below it', () => {
    const waits = delays({ firstMs: 1000, ceilingMs: 60_000, random: () => 0.999 });
    const first = Array.from({ length: 8 }, () => waits.next().value);
    expect(first).toEqual([999, 1998, 3996, 7992, 15984, 31968, 59940, 59940]);
    expect(delays({ firstMs: 1000, ceilingMs: 60_000, random: () => 0 }).next().value).toBe(0);
  });
});

describe('units', () => {
  test('durations and sizes are read as written', () => {
    expect(['500ms', '5s', '2m', '1h', '30d', '1.5h', '2y'].map(parseDuration)).toEqual([
      500, 5000, 120_000, 3_600_000, 2_592_000_000, 5_400_000, 63_072_000_000,
    ]);
    expect(['64KiB', '2GiB', '10B'].map(parseSize)).toEqual([65_536, 2_147_483_648, 10]);
    expect(['5', '5 s', '-1s', '1w', ''].map(parseDuration)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect([999, 1000, 90_000, 5_400_000, 172_800_000].map(formatDuration)).toEqual([
      '999 ms',
      '1 s',
      '1.5 min',
      '1.5 h',
      '2 d',
    ]);
  });
});

describe('rules', () => {
  const rule: Rule = {
    id: 't/above',
    point: 't',
    condition: { kind: 'above', limit: 75, deadband: 2 },
    onDelayMs: 10_000,
    priority: 'high',
    text: {},
    action: {},
  };
  const run = (steps: readonly (readonly [number, number | null])[]) => {
    let state: RuleState = NORMAL;
    return steps.map(([ticks, value]) => {
      const step = stepRule(rule, state, value === null ? bad('no-answer') : good(value), ticks);
      state = step.state;
      return step.transition ?? null;
    });
  };

  test.each([
    [
      'raised after the on-delay, cleared beyond the deadband',
      [
        [0, 76],
        [9_999, 76],
        [10_000, 76],
        [11_000, 74],
        [12_000, 72.9],
      ],
      [null, null, true, null, false],
    ],
    [
      'a dip starts the on-delay anew',
      [
        [0, 76],
        [5_000, 70],
        [6_000, 76],
        [12_000, 76],
        [16_000, 76],
      ],
      [null, null, null, null, true],
    ],
    [
      'a bad value neither raises nor clears',
      [
        [0, 76],
        [10_000, null],
        [10_001, 76],
        [20_000, null],
        [21_000, 70],
      ],
      [null, null, true, null, false],
    ],
    [
      'the limit itself is normal',
      [
        [0, 75],
        [20_000, 75],
      ],
      [null, null],
    ],
  ] as const)('%s', (_name, steps, expected) => {
    expect(run(steps)).toEqual(expected);
  });
});

describe('services', () => {
  const options = { clock: systemClock, log: quietLog, softMs: 200 };
  const until = (signal: AbortSignal) =>
    new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));

  test('one failure stops the others, in reverse order, and is told', async () => {
    const stopped: string[] = [];
    const calm = (name: string) => ({
      name,
      run: (signal: AbortSignal) => until(signal).then(() => void stopped.push(name)),
    });
    const failing = {
      name: 'failing',
      run: async () => {
        await systemClock.sleep(5);
        throw new Error('broke');
      },
    };
    await expect(runAll([calm('a'), calm('b'), failing], new AbortController().signal, options)).rejects.toThrow(
      'broke',
    );
    expect(stopped).toEqual(['b', 'a']);
  });

  test('those that are late share the time, and the first has its own', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const deaf = { name: 'deaf', run: () => new Promise<void>(() => {}) };
    let written = false;
    const journal = {
      name: 'journal',
      run: async (signal: AbortSignal) => {
        await until(signal);
        await clock.sleep(6000);
        written = true;
      },
    };
    const services = [journal, ...Array.from({ length: 6 }, () => deaf)];
    const run = runAll(services, stop.signal, { clock, log: options.log });
    stop.abort();
    await clock.advance(20_000);
    await run;
    expect(written, 'within what a supervisor gives').toBe(true);
  });

  test('a service that will not stop is left behind', async () => {
    const stop = new AbortController();
    const deaf = { name: 'deaf', run: () => new Promise<void>(() => {}) };
    setTimeout(() => stop.abort(), 5);
    await runAll([deaf], stop.signal, options);
  });
});

describe('a line of CSV', () => {
  test.each(['=1+1', '+cmd', '-x', '@SUM(A1)', '\tx', '\n=x', '＝1'])('%j is a text to a spreadsheet', (text) => {
    expect(csvLine([text])).toMatch(/^"?'/);
  });

  test.each(['-5', '+3.5e2', '', 'a=b', '1-2'])('%j stays as it is', (text) => {
    expect(csvLine([text])).toBe(`${text}\r\n`);
  });
});
