import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bad, good, type Outcome } from '../../core/reading.ts';
import { settle } from '../../monitor/archive/settle.ts';
import { AGGREGATES, Trends } from '../../monitor/archive/trends.ts';
import { DAY_MS, HOUR_MS, LocalDays, MINUTE_MS } from '../../monitor/local-days.ts';
import { catalogue, column, entry, Journal } from './support/batches.ts';
import { useArchive } from './support/use-archive.ts';

const hub = useArchive();
/** Two days around the end of summer time in Paris, 2026-10-25T01:00Z. */
const FROM = 1_792_800_000_000;
const ZONE = 'Europe/Paris';
const SETTLED = { before: FROM + 10 * DAY_MS, arrivedBefore: 0, zoneOf: () => ZONE };

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
      await hub.archive.append([journal.batch([journal.publish(catalogue([entry(0, 'd', 'number')]))])]);
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
        } else if (each.what === 'settle')
          await settle(hub.database, { ...SETTLED, before: FROM + each.before * 1000, mostRows: 25 });
        else if (each.what === 'fail') await failSettle(each.at);
        else await hub.reopen();
      }
      const own = [...hub.archive.registry.series.values()].find(({ gateway }) => gateway === journal.gateway);
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
  await settle(doomed, SETTLED).catch(() => {});
}
