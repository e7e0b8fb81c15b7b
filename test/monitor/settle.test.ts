import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bad, good, type Outcome } from '../../core/reading.ts';
import { History } from '../../monitor/archive/history.ts';
import { joinDays, settle } from '../../monitor/archive/settle.ts';
import { AGGREGATES, Trends } from '../../monitor/archive/trends.ts';
import { DAY_MS, HOUR_MS, LocalDays, MINUTE_MS } from '../../monitor/local-days.ts';
import { catalogue, column, entry, Journal } from './support/batches.ts';
import { useArchive } from './support/use-archive.ts';

const hub = useArchive();
/** Two days around the end of summer time in Paris, 2026-10-25T01:00Z. */
const FROM = 1_792_800_000_000;
const ZONE = 'Europe/Paris';
const points = [entry(0, 'd', 'number'), entry(1, 'd', 'text', { kind: 'text' })];

const settleAll = (more: Partial<Parameters<typeof settle>[1]> = {}) =>
  settle(hub.database, { before: FROM + 10 * DAY_MS, arrivedBefore: 0, zoneOf: () => ZONE, ...more });

const series = () => [...hub.archive.registry.series.values()];

interface Told {
  readonly at: number;
  readonly outcome: Outcome;
}

/** The same by hand, from all that was ever stored. */
function byHand(all: readonly Told[], startOf: (at: number) => number) {
  const buckets = new Map<number, Told[]>();
  for (const told of [...all].sort((a, b) => a.at - b.at)) {
    const start = startOf(told.at);
    buckets.set(start, [...(buckets.get(start) ?? []), told]);
  }
  return [...buckets]
    .sort(([a], [b]) => a - b)
    .map(([at, rows]) => {
      const values = rows.flatMap(({ outcome }) => (outcome.quality === 'good' ? [Number(outcome.value)] : []));
      const count = values.length;
      const sum = values.reduce((total, value) => total + value, 0);
      const or = (value: number | undefined) => (count === 0 ? null : (value ?? null));
      const figures = [sum / count, Math.min(...values), Math.max(...values), values[0], values.at(-1), sum].map(or);
      return [at, ...figures, count, rows.length - count, count / rows.length];
    });
}

const step = fc.oneof(
  fc.record({
    what: fc.constant('store' as const),
    /** Distinct, since of two readings at one millisecond either may be the last. */
    rows: fc.array(fc.tuple(fc.integer({ min: 0, max: 2 * 86_400 }), fc.option(fc.integer({ min: -99, max: 99 }))), {
      minLength: 1,
      maxLength: 40,
    }),
  }),
  fc.record({ what: fc.constant('settle' as const), before: fc.integer({ min: 0, max: 2 * 86_400 }) }),
  fc.record({ what: fc.constant('fail' as const), at: fc.integer({ min: 0, max: 14 }) }),
  fc.record({ what: fc.constant('restart' as const) }),
);

test('rollups are what all readings add up to, whatever came late, failed, or was restarted', async () => {
  const days = new LocalDays(ZONE);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      run += 1;
      const journal = new Journal(`plant-${run}`);
      await hub.archive.append([journal.batch([journal.publish(catalogue(points))])]);
      const all = new Map<number, Told>();
      for (const each of steps) {
        if (each.what === 'store') {
          const rows = each.rows.map(([second, value]) => {
            const at = FROM + second * 1000 + all.size;
            const outcome = value === null ? bad('no-answer') : good(value);
            all.set(at, { at, outcome });
            return [at, outcome] as const;
          });
          await hub.archive.append([journal.batch([journal.readings([column(0, rows)])])]);
        } else if (each.what === 'settle') await settleAll({ before: FROM + each.before * 1000, mostRows: 25 });
        else if (each.what === 'fail') await failSettle(each.at);
        else await hub.reopen();
      }
      const own = series().find(({ gateway, kind }) => gateway === journal.gateway && kind === 'number');
      if (!own) throw new Error('no series');
      const told = [...all.values()];
      const trends = new Trends(hub.database);
      const options = { aggregates: AGGREGATES, zone: ZONE };
      const span = { from: FROM - DAY_MS, to: FROM + 4 * DAY_MS };
      for (const [stepMs, startOf] of [
        [MINUTE_MS, (at: number) => Math.floor(at / MINUTE_MS) * MINUTE_MS],
        [HOUR_MS, (at: number) => Math.floor(at / HOUR_MS) * HOUR_MS],
        [DAY_MS, (at: number) => days.startOf(days.dayOf(at))],
      ] as const) {
        const asked = stepMs === MINUTE_MS ? { from: FROM, to: FROM + 2 * DAY_MS + HOUR_MS } : span;
        const { rows } = await trends.steps(own, asked, { stepMs, ...options });
        expect(rows, `step ${stepMs}`).toEqual(byHand(told, startOf).map(closeTo));
      }
      const stored = await hub.database.read('SELECT count(*) AS n FROM readings WHERE series = ?', [own.id]);
      expect(stored[0]?.n).toBe(all.size);
    }),
    { numRuns: 30 },
  );
}, 120_000);

const closeTo = (row: readonly (number | null)[]) =>
  row.map((value) => (value === null || Number.isInteger(value) ? value : expect.closeTo(value, 9)));

/** Ends a settling in the middle: its statement number `at` fails. */
async function failSettle(at: number): Promise<void> {
  const { database } = hub;
  let count = 0;
  const doomed = new Proxy(database, {
    get(target, key) {
      if (key !== 'work') return Reflect.get(target, key);
      return (work: (connection: never) => Promise<unknown>) =>
        target.work((connection) =>
          work(
            new Proxy(connection, {
              get(inner, name) {
                if (name !== 'run') return Reflect.get(inner, name).bind(inner);
                return (sql: string, ...more: never[]) => {
                  if (sql !== 'ROLLBACK' && count++ === at) return inner.run('SELECT error(?)', ['broken']);
                  return inner.run(sql, ...more);
                };
              },
            }) as never,
          ),
        );
    },
  });
  await settle(doomed, { before: FROM + 10 * DAY_MS, arrivedBefore: 0, zoneOf: () => ZONE }).catch(() => {});
}

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

  test('sorts by series, then time; what few rows neighbours have, by time alone', async () => {
    const many = Array.from({ length: 2048 }, (_, i) => [FROM + 5000 - i, good(i)] as const);
    const [few, old] = [[FROM + 60_000, good('on')] as const, [FROM, good('off')] as const];
    await store(many, [few, old]);
    await settleAll();
    const rows = await hub.database.read('SELECT series, at_ms FROM settled ORDER BY rowid');
    const order = rows.map(({ series: id, at_ms: at }) => `${id} ${Number(at) - FROM}`);
    expect([order[0], order[1], order.at(-2), order.at(-1)]).toEqual(['1 2953', '1 2954', '2 0', '2 60000']);
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
