import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, LocalDays } from '../../monitor/local-days.ts';

describe('local days', () => {
  test.each([
    ['Asia/Seoul', '2026-11-20T15:00:00Z', 24],
    ['Europe/Paris', '2026-03-28T23:00:00Z', 23],
    ['Europe/Paris', '2026-10-24T22:00:00Z', 25],
    // Midnight is skipped; and midnight comes twice, the first of which is still the day before.
    ['Africa/Cairo', '2026-04-23T22:00:00Z', 23],
    ['America/Santiago', '2026-04-04T03:00:00Z', 25],
    ['Asia/Kolkata', '2026-11-20T18:30:00Z', 24],
    ['Australia/Lord_Howe', '2026-04-04T13:00:00Z', 24.5],
    ['Not/AZone', '2026-11-20T00:00:00Z', 24],
  ])('%s from %s has %d hours', (zone, text, hours) => {
    const days = new LocalDays(zone);
    const start = Date.parse(text);
    const day = days.dayOf(start + 12 * HOUR_MS);
    expect(days.startOf(day)).toBe(start);
    expect((days.startOf(day + 1) - start) / HOUR_MS).toBe(hours);
    const pieces = days.pieces(day);
    expect([pieces[0]?.from, pieces.at(-1)?.to]).toEqual([start, start + hours * HOUR_MS]);
    for (const { from, to, offsetMs } of pieces) {
      expect([days.offsetMs(from), days.offsetMs(to - 1)]).toEqual([offsetMs, offsetMs]);
    }
  });

  test('steps of hours begin at midnight of the site', () => {
    const days = new LocalDays('Europe/Paris');
    const start = Date.parse('2026-10-24T22:00:00Z');
    const hours = days.steps(start + HOUR_MS, start + 27 * HOUR_MS, 6 * HOUR_MS).map((at) => (at - start) / HOUR_MS);
    expect(hours).toEqual([0, 6, 12, 18, 24, 25]);
    expect(days.steps(start, start + 25 * HOUR_MS, DAY_MS)).toEqual([start]);
  });
});
