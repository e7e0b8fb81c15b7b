import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { bad, good } from '../../core/reading.ts';
import { Fleet } from '../../monitor/fleet/fleet.ts';
import { isNewer } from '../../monitor/latest.ts';
import { openParts } from '../../monitor/parts.ts';
import { ZoneTime } from '../../monitor/zone-time.ts';
import { catalogue, column, entry, Journal, T0 } from './support/batches.ts';

const place = (seq: number, epoch = 'a') => ({ epoch, seq });

describe('which of two readings is the newest', () => {
  test.each([
    ['a later number', { at: 1, value: 1, place: place(2) }, { at: 5, value: 1, place: place(1) }, true],
    ['an earlier number', { at: 9, value: 1, place: place(1) }, { at: 5, value: 1, place: place(2) }, false],
    ['live after stored', { at: 4, value: 1 }, { at: 5, value: 1, place: place(1) }, true],
    ['backlog after live', { at: 4, value: 1, place: place(1) }, { at: 5, value: 1 }, false],
    ['stored after the same live', { at: 5, value: 1, place: place(1) }, { at: 5, value: 1 }, true],
    ['an older journal', { at: 4, value: 1, place: place(9, 'b') }, { at: 5, value: 1, place: place(1) }, false],
    ['after a stamp from the future', { at: 4, value: 1, place: place(1) }, { at: 999_999, value: 1 }, true],
  ])('%s', (_, reading, held, newer) => {
    expect(isNewer(reading, held, 100)).toBe(newer);
  });
});

describe('fleet', () => {
  let now = T0;
  const clock = { ...systemClock, now: () => now };
  const hello = { clock: { now: T0 + 250, synchronised: true }, software: '0.1.0', epochs: [{ epoch: 'e' }] };

  test('online, late when silent or behind, offline', () => {
    const changed: string[] = [];
    const fleet = new Fleet(clock, (gateway) => changed.push(gateway));
    expect(fleet.link('g')).toMatchObject({ state: 'offline', lastSeen: null });
    fleet.onSession('g', 'online', hello as never);
    expect(fleet.link('g')).toMatchObject({ state: 'online', clockOffsetMs: 250, version: '0.1.0', epoch: 'e' });
    now += 61_000;
    expect(fleet.link('g').state).toBe('late');
    fleet.onLive('g');
    expect(fleet.link('g').state).toBe('online');
    fleet.onStatus('g', { state: 'online', backlog: 9, oldestUnsent: now - 120_000 });
    expect(fleet.link('g')).toMatchObject({ state: 'late', backlog: 9 });
    fleet.onStatus('g', { state: 'offline' });
    expect(fleet.link('g')).toMatchObject({ state: 'offline', backlog: 9 });
    expect(changed).toHaveLength(3);
  });
});

test('what is stored no longer waits', () => {
  const changed: string[] = [];
  const fleet = new Fleet(systemClock, (gateway) => changed.push(gateway));
  fleet.onStatus('g', { state: 'online', backlog: 100, oldestUnsent: T0 });
  fleet.onFrames('g', [{ header: { count: 60 } }] as never);
  expect(fleet.link('g')).toMatchObject({ backlog: 40, oldestUnsent: T0 });
  fleet.onFrames('g', [{ header: { count: 60 } }] as never);
  expect(fleet.link('g')).toMatchObject({ backlog: 0, oldestUnsent: null });
  expect(changed).toHaveLength(2);
});

test('a hub that starts again shows the newest readings at once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'state-'));
  const file = join(folder, 'archive.duckdb');
  const first = await openParts({ file, clock: systemClock });
  const journal = new Journal();
  const kinds = [
    entry(0, 'd', 'number'),
    entry(1, 'd', 'on', { kind: 'boolean' }),
    entry(2, 'd', 'text', { kind: 'text' }),
    entry(3, 'd', 'bad'),
    entry(4, 'd', 'silent-for-days'),
    entry(5, 'd', 'never'),
  ];
  await first.archive.append([
    journal.batch([
      journal.publish(catalogue(kinds)),
      journal.readings([column(4, [[T0 - 5 * 86_400_000, good(7)]])]),
      journal.readings([
        column(0, [
          [T0, good(1)],
          [T0 + 1000, good(2)],
        ]),
        column(1, [[T0, good(true)]]),
        column(2, [[T0, good('run')]]),
        column(3, [[T0, bad('no-answer')]]),
      ]),
    ]),
  ]);
  await first.close();
  const again = await openParts({ file, clock: systemClock });
  const values = kinds.map(({ point }) => again.latest.find(`plant-1/d/${point}`));
  expect(values.map((latest) => latest?.value)).toEqual([2, true, 'run', null, 7, undefined]);
  expect(values[3]).toMatchObject({ fault: 'no-answer' });
  expect(values[0]?.place?.seq).toBe(3);
  await again.close();
  await rm(folder, { recursive: true });
});

test.each([
  ['Asia/Seoul', Date.UTC(2026, 10, 21, 0, 30), '2026-11-21T09:30:00.000+09:00'],
  ['UTC', Date.UTC(2024, 1, 29, 23, 59, 59, 7), '2024-02-29T23:59:59.007+00:00'],
  ['America/New_York', Date.UTC(2026, 2, 8, 6, 59), '2026-03-08T01:59:00.000-05:00'],
  ['America/New_York', Date.UTC(2026, 2, 8, 7, 0), '2026-03-08T03:00:00.000-04:00'],
  ['Asia/Kathmandu', Date.UTC(2000, 0, 1), '2000-01-01T05:45:00.000+05:45'],
  ['Europe/Berlin', Date.UTC(1969, 11, 31, 12), '1969-12-31T13:00:00.000+01:00'],
])('local time in %s', (zone, at, text) => {
  expect(new ZoneTime(zone).iso(at)).toBe(text);
  expect(Date.parse(text)).toBe(at);
});
