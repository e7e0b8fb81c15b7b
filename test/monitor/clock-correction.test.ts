import { expect, test } from 'vitest';
import { good } from '../../core/reading.ts';
import { STAMP } from '../../monitor/archive/clock-correction.ts';
import { catalogue, column, entry, Journal, T0 } from './support/batches.ts';
import { useArchive } from './support/use-archive.ts';

let journal: Journal;

const hub = useArchive(async (archive) => {
  journal = new Journal();
  await archive.append([journal.batch([journal.publish(catalogue([entry(0, 'boiler', 'temp')]))])]);
});

const DAY = 86_400_000;
const NO_HASH = 'b'.repeat(16);
type Boots = [number, number, string][];

function reading(at: number, state: { uncertain: boolean; boot?: number }) {
  journal.clockUncertain = state.uncertain;
  journal.boot = state.boot ?? 1;
  return journal.readings([column(0, [[at, good(at - T0)]])]);
}

function anchor(offset: number | undefined, certain: boolean, boot = 1) {
  journal.clockUncertain = false;
  const moved = offset === undefined ? {} : { offset };
  return journal.events({ event: 'clock-anchor', at: T0, boot, ticks: 1, source: 'system', certain, ...moved });
}

function store(frames: Parameters<Journal['batch']>[0], boots: Boots = [[1, 0, NO_HASH]]) {
  const batch = journal.batch(frames);
  return hub.archive.append([{ ...batch, cursor: { ...batch.cursor, boots } }]);
}

async function stamps(): Promise<[number, number][]> {
  const rows = await hub.database.read('SELECT at_ms, flags FROM readings ORDER BY seq');
  return rows.map(({ at_ms, flags }) => [Number(at_ms) - T0, Number(flags)]);
}

test('an anchor moves the uncertain stamps before it, in earlier batches and in its own, and no others', async () => {
  await store([reading(T0 - DAY, { uncertain: false }), reading(T0 + 1, { uncertain: true })]);
  const late = reading(T0 + 2, { uncertain: true });
  await store([late, anchor(40 * DAY, true), reading(T0 + 40 * DAY + 3, { uncertain: false })]);
  expect(await stamps()).toEqual([
    [-DAY, STAMP.certain],
    [40 * DAY + 1, STAMP.corrected],
    [40 * DAY + 2, STAMP.corrected],
    [40 * DAY + 3, STAMP.certain],
  ]);
});

test('events are moved as well', async () => {
  journal.clockUncertain = true;
  const boot = journal.events({ event: 'boot', at: T0 + 7, boot: 1, software: '0' });
  await store([boot, anchor(DAY, true)]);
  const rows = await hub.database.read(`SELECT at_ms, flags FROM events WHERE event = 'boot'`);
  expect(rows).toEqual([{ at_ms: T0 + 7 + DAY, flags: STAMP.corrected }]);
});

test('what an earlier boot stamped is not touched: nobody knows how long the power was off', async () => {
  const first = reading(T0 + 1, { uncertain: true, boot: 1 });
  const start: Boots = [
    [1, 0, NO_HASH],
    [2, journal.next, NO_HASH],
  ];
  await store([first, reading(T0 + 2, { uncertain: true, boot: 2 }), anchor(DAY, true, 2)], start);
  expect(await stamps()).toEqual([
    [1, STAMP.uncertain],
    [DAY + 2, STAMP.corrected],
  ]);
});

test('a clock that is still doubted moves stamps and leaves them uncertain; the next anchor moves them again', async () => {
  await store([reading(T0, { uncertain: true }), anchor(3600, false), reading(T0 + 3700, { uncertain: true })]);
  await store([anchor(-100, true)]);
  expect(await stamps()).toEqual([
    [3500, STAMP.corrected],
    [3600, STAMP.corrected],
  ]);
});

test('an anchor without an offset, as after a jump, moves nothing', async () => {
  await store([reading(T0, { uncertain: true }), anchor(undefined, true)]);
  expect(await stamps()).toEqual([[0, STAMP.uncertain]]);
});
