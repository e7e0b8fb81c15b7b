import { describe, expect, test } from 'vitest';
import { bad, good, type Outcome } from '../../core/reading.ts';
import { History } from '../../monitor/archive/history.ts';
import { joinDays, settle } from '../../monitor/archive/settle.ts';
import { Trends } from '../../monitor/archive/trends.ts';
import { DAY_MS, HOUR_MS } from '../../monitor/local-days.ts';
import { catalogue, column, entry, Journal } from './support/batches.ts';
import { useArchive } from './support/use-archive.ts';

const hub = useArchive();
const FROM = 1_792_800_000_000;
const ZONE = 'Europe/Paris';
const points = [entry(0, 'd', 'number'), entry(1, 'd', 'text', { kind: 'text' })];

const settleAll = (more: Partial<Parameters<typeof settle>[1]> = {}) =>
  settle(hub.database, { before: FROM + 10 * DAY_MS, arrivedBefore: 0, zoneOf: () => ZONE, ...more });

const series = () => [...hub.archive.registry.series.values()];

describe('settling', () => {
  async function store(
    rows: readonly (readonly [number, Outcome])[],
    texts: readonly (readonly [number, Outcome])[] = [],
  ) {
    const journal = new Journal();
    const columns = [column(0, rows), ...(texts.length > 0 ? [column(1, texts)] : [])];
    await hub.archive.append([journal.batch([journal.publish(catalogue(points)), journal.readings(columns)])]);
    return journal;
  }

  test('keeps every row with its number, stamp and fault, and its arrival to the minute', async () => {
    await store([
      [FROM + 1, good(1.5)],
      [FROM + 2, bad('garbled')],
    ]);
    const rows = () => hub.database.read('SELECT * EXCLUDE arrived_ms FROM readings ORDER BY seq');
    const [before, late] = [await rows(), await hub.database.read('SELECT arrived_ms FROM readings')];
    expect(await settleAll()).toBe(2);
    expect(await hub.count('arrivals')).toBe(0);
    expect(await rows()).toEqual(before);
    const after = await hub.database.read('SELECT arrived_ms FROM readings');
    expect(Math.abs(Number(after[0]?.arrived_ms) - Number(late[0]?.arrived_ms))).toBeLessThan(60_000);
  });

  test('sorts by series, then time; what has few rows comes after, in the order of its journal', async () => {
    const many = Array.from({ length: 2048 }, (_, i) => [FROM + 5000 - i, good(i)] as const);
    const [few, old] = [[FROM + 60_000, good('on')] as const, [FROM, good('off')] as const];
    await store(many, [few, old]);
    await settleAll();
    const rows = await hub.database.read('SELECT series, at_ms FROM settled ORDER BY rowid');
    const order = rows.map(({ series: id, at_ms: at }) => `${id} ${Number(at) - FROM}`);
    expect([order[0], order[1], order.at(-2), order.at(-1)]).toEqual(['1 2953', '1 2954', '2 60000', '2 0']);
  });

  test('leaves what is not closed, and what has an uncertain stamp until it is put right', async () => {
    const journal = await store([[FROM + HOUR_MS, good(1)]]);
    journal.clockUncertain = true;
    await hub.archive.append([journal.batch([journal.readings([column(0, [[FROM, good(2)]])])])]);
    await settleAll({ before: FROM + HOUR_MS });
    expect(await hub.count('settled')).toBe(0);
    await settleAll();
    expect(await hub.database.read('SELECT flags FROM arrivals')).toEqual([{ flags: 1 }]);
    const anchor = {
      event: 'clock-anchor',
      at: FROM,
      boot: 1,
      ticks: 0,
      wall: FROM,
      source: 'hub',
      offset: 60_000,
    } as const;
    const more = {
      cursor: { ...journal.batch([]).cursor, next: journal.next + 1, boots: [[1, 0, 'b'.repeat(16)] as const] },
    };
    await hub.archive.append([journal.batch([journal.events(anchor as never)], more as never)]);
    await settleAll();
    expect(await hub.database.read('SELECT at_ms, flags FROM settled WHERE value = 2')).toEqual([
      { at_ms: FROM + 60_000, flags: 2 },
    ]);
  });

  test('what a clock stamped years ahead goes by its arrival', async () => {
    await store([[FROM + 9000 * DAY_MS, good(1)]]);
    await settleAll();
    expect(await hub.count('settled')).toBe(0);
    await settleAll({ arrivedBefore: 9_000_000_000_000 });
    expect(await hub.count('settled')).toBe(1);
  });

  test('knows the newest reading of each series after a restart, settled or not', async () => {
    const history = () => new History(hub.database, () => 'epoch');
    const journal = await store(
      [
        [FROM, good(1)],
        [FROM + 9, good(2)],
      ],
      [[FROM, good('on')]],
    );
    const newest = async () => [...(await history().newest())].sort(([a], [b]) => a - b).map(([, row]) => row.value);
    expect(await newest()).toEqual([2, 'on']);
    await settleAll();
    await hub.reopen();
    expect(await newest()).toEqual([2, 'on']);
    await hub.archive.append([journal.batch([journal.readings([column(0, [[FROM + 3, good(7)]])])])]);
    expect(await newest(), 'a late one is not the newest').toEqual([2, 'on']);
    await settleAll();
    await hub.archive.append([journal.batch([journal.readings([column(1, [[FROM + 9, bad('no-answer')]])])])]);
    expect(await newest()).toEqual([2, null]);
  });

  test('a text has its last value and its counts', async () => {
    await store(
      [[FROM, good(1)]],
      [
        [FROM, good('off')],
        [FROM + 500, good('on')],
        [FROM + 900, bad('no-answer')],
      ],
    );
    await settleAll();
    const text = series().find(({ kind }) => kind === 'text');
    if (!text) throw new Error('no series');
    const options = { aggregates: ['last', 'count', 'bad'], zone: ZONE, stepMs: HOUR_MS } as const;
    const { rows, level } = await new Trends(hub.database).steps(text, { from: FROM, to: FROM + 1000 }, options);
    expect([level, rows]).toEqual(['hour', [[FROM, 'on', 2, 1]]]);
  });

  test('goes on while ingest appends, and hurts none of it', async () => {
    const journal = await store(Array.from({ length: 50_000 }, (_, i) => [FROM + i, good(i)] as const));
    let isOver = false;
    const settling = settleAll({ mostRows: 10_000 }).finally(() => (isOver = true));
    let appended = 50_000;
    while (!isOver) {
      const rows = Array.from({ length: 100 }, (_, i) => [FROM + appended + i, good(i)] as const);
      await hub.archive.append([journal.batch([journal.readings([column(0, rows)])])]);
      appended += 100;
    }
    await settling;
    expect(appended).toBeGreaterThan(50_000);
    await settleAll();
    const rows = await hub.database.read('SELECT count(*) AS n, count(DISTINCT seq) AS seqs FROM readings');
    expect(rows).toEqual([{ n: appended, seqs: appended }]);
    const sums = await hub.database.read('SELECT sum(n) AS n FROM minutes UNION ALL SELECT sum(n) FROM days');
    expect(sums).toEqual([{ n: appended }, { n: appended }]);
  });
});

test('stamps are put right while their neighbours settle: neither gets into the other’s way', async () => {
  const journal = new Journal();
  await hub.archive.append([journal.batch([journal.publish(catalogue(points))])]);
  let isOver = false;
  const settling = (async () => {
    while (!isOver) await settleAll({ mostRows: 3000 });
  })();
  for (let boot = 1; boot <= 15; boot++) {
    journal.boot = boot;
    const start = journal.next;
    const rows = (from: number) => Array.from({ length: 1500 }, (_, i) => [from + i, good(boot)] as const);
    const boots = Array.from({ length: boot }, (_, i) => [i + 1, i + 1 === boot ? start : 0, 'b'.repeat(16)] as const);
    for (const isUncertain of [true, false, true]) {
      journal.clockUncertain = isUncertain;
      await hub.archive.append([journal.batch([journal.readings([column(0, rows(FROM + journal.next))])])]);
    }
    journal.clockUncertain = false;
    const anchor = { event: 'clock-anchor', at: FROM, boot, ticks: 0, wall: FROM, source: 'hub', offset: 7_000_000 };
    const frame = journal.events(anchor as never);
    const cursor = { ...journal.batch([]).cursor, boots };
    await hub.archive.append([journal.batch([frame], { cursor } as never)]);
  }
  isOver = true;
  await settling;
  await settleAll();
  const rows = await hub.database.read(
    'SELECT count(*) AS n, count(DISTINCT seq) AS seqs, count(*) FILTER (flags = 2) AS corrected FROM settled',
  );
  expect(rows).toEqual([{ n: 15 * 4500, seqs: 15 * 4500, corrected: 15 * 3000 }]);
  expect(await hub.database.read('SELECT sum(n) AS n FROM hours')).toEqual([{ n: 15 * 4500 }]);
}, 60_000);

test('days are put together until they are worth a transaction', () => {
  const days = [1, 2, 3, 9, 10].map((day) => ({ day, rows: day === 9 ? 50 : 4 }));
  expect(joinDays(days, 10)).toEqual([
    [1, 2, 8],
    [3, 3, 4],
    [9, 9, 50],
    [10, 10, 4],
  ]);
});
