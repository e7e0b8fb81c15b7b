import { describe, expect, test } from 'vitest';
import { Calendar } from '../../core/calendar.ts';
import { LocalTime } from '../../core/local-time.ts';
import { bad, good } from '../../core/reading.ts';
import { OnceRhythm } from '../../gateway/poll/once.ts';
import { Rhythm } from '../../gateway/poll/rhythm.ts';
import { Suspicion } from '../../gateway/poll/suspicion.ts';

describe('rhythm', () => {
  test('deadlines are absolute: lateness does not add up', () => {
    const rhythm = new Rhythm(1000, 0);
    for (const now of [3, 1040, 2999]) rhythm.take(now);
    expect([rhythm.next, rhythm.skipped]).toEqual([3000, 0]);
  });

  test('missed slots are counted, never caught up', () => {
    const rhythm = new Rhythm(1000, 0);
    rhythm.take(4500);
    expect([rhythm.next, rhythm.skipped]).toEqual([5000, 4]);
  });

  test('a pause keeps to the slots', () => {
    const rhythm = new Rhythm(1000, 0);
    rhythm.take(0);
    rhythm.pause(500, 3000);
    expect([rhythm.next, rhythm.skipped]).toEqual([4000, 3]);
    rhythm.pause(500, 100);
    expect(rhythm.next).toBe(4000);
  });
});

describe('what is read once', () => {
  const once = () => new OnceRhythm(['serial', 'model'], 0);

  test('is asked for until it has been given', () => {
    const rhythm = once();
    rhythm.take(0);
    rhythm.heard(new Map([['serial', good('A1')] as const, ['model', bad('bad-text')] as const]));
    expect(rhythm.next).toBe(10_000);
    rhythm.take(10_000);
    rhythm.heard(new Map([['model', good('X')] as const]));
    expect(rhythm.next).toBe(Number.POSITIVE_INFINITY);
  });

  test('is not asked for for ever where the device says that it has none', () => {
    const rhythm = once();
    rhythm.take(0);
    rhythm.heard(new Map([['serial', bad('no-value')] as const, ['model', bad('illegal-address')] as const]));
    expect(rhythm.next).toBe(Number.POSITIVE_INFINITY);
  });

  test('is asked for again when the device has been away, and no slot counts as missed', () => {
    const rhythm = once();
    rhythm.take(0);
    rhythm.settle(['serial', 'model']);
    rhythm.again(3_600_000);
    expect(rhythm.next).toBe(3_600_000);
    rhythm.take(3_600_001);
    expect([rhythm.next, rhythm.skipped]).toEqual([3_610_000, 0]);
  });
});

test('a silent device is probed with growing waits until it answers', () => {
  const suspicion = new Suspicion();
  const waits = Array.from({ length: 9 }, () => suspicion.silent(1000));
  expect(waits).toEqual([0, 0, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  expect(suspicion.probing).toBe(true);
  suspicion.answered();
  expect([suspicion.probing, suspicion.silent(1000)]).toEqual([false, 0]);
});

describe('calendar', () => {
  /** Local times, as HH:MM, at which the job ran between two UTC instants, one call a second. */
  function runs(expression: string, zone: string, fromIso: string, hours: number): string[] {
    const calendar = new Calendar(zone);
    calendar.add(expression);
    const local = new LocalTime(zone);
    const from = Date.parse(fromIso);
    const ran: string[] = [];
    for (let at = from; at < from + hours * 3_600_000; at += 1000) {
      if (calendar.due(at + 7).length > 0) ran.push(new Date(at + local.offset(at)).toISOString().slice(11, 16));
    }
    return ran;
  }

  test('a plain day in Seoul', () => {
    expect(runs('0 30 2 * * *', 'Asia/Seoul', '2026-05-01T12:00:00Z', 24)).toEqual(['02:30']);
    expect(runs('0 */15 * * * *', 'Asia/Seoul', '2026-05-01T12:00:01Z', 1)).toEqual([
      '21:15',
      '21:30',
      '21:45',
      '22:00',
    ]);
  });

  test('a job in the missing hour runs once, at its end', () => {
    expect(runs('0 30 2 * * *', 'Europe/Rome', '2026-03-28T23:30:00Z', 5)).toEqual(['03:00']);
  });

  test('a job in the doubled hour runs once', () => {
    expect(runs('0 30 2 * * *', 'Europe/Rome', '2026-10-24T22:30:00Z', 6)).toEqual(['02:30']);
    expect(runs('0 */30 * * * *', 'Europe/Rome', '2026-10-24T23:45:00Z', 3)).toEqual([
      '02:00',
      '02:30',
      '03:00',
      '03:30',
    ]);
  });

  test('a step of a month forward costs no time and runs nothing twice', () => {
    const calendar = new Calendar('Asia/Seoul');
    calendar.add('* * * * * *');
    const start = Date.parse('2026-05-01T00:00:00Z');
    calendar.due(start);
    const before = process.cpuUsage();
    expect(calendar.due(start + 30 * 86_400_000)).toEqual([]);
    // Second by second, it would be 2.6 million steps.
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(50);
    expect(calendar.due(start + 30 * 86_400_000 + 1000)).toEqual(['* * * * * *']);
  });

  test('a small step back runs nothing twice', () => {
    const calendar = new Calendar('Asia/Seoul');
    calendar.add('0 * * * * *');
    const start = Date.parse('2026-05-01T00:00:00Z');
    const ran = [-1000, 0, 1000, -1000, 0, 1000, 60_000].filter((at) => calendar.due(start + at).length > 0);
    expect(ran).toEqual([0, 60_000]);
  });

  test('a step back does not silence a job until the clock has caught up', () => {
    const calendar = new Calendar('Asia/Seoul');
    calendar.add('0 * * * * *');
    const start = Date.parse('2026-05-01T00:00:30Z');
    calendar.due(start);
    calendar.due(start - 3_600_000);
    expect(calendar.due(start - 3_600_000 + 30_000)).toEqual(['0 * * * * *']);
  });
});
