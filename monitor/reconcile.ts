import type { Clock } from '../core/clock.ts';
import { isFault } from '../core/faults.ts';
import type { Log } from '../core/log.ts';
import type { Service } from '../core/service.ts';
import type { Database, Row } from './archive/database.ts';
import type { JournalState } from './fleet/fleet.ts';

const EVERY_MS = 3_600_000;

/** Two figures that ought to be the same. */
export interface Difference {
  readonly gateway: string;
  readonly epoch: string;
  readonly what: 'cursor' | 'rows' | 'gaps' | 'confirmed' | 'chain';
  readonly expected: number | string;
  readonly found: number | string;
}

/** One journal, as one moment of the database shows it. */
const JOURNALS = `SELECT e.gateway, e.epoch, e.next, e.chain, e.stored, e.declared, e.removed,
    coalesce(r.n, 0) + coalesce(v.n, 0) AS row_count, coalesce(g.n, 0) AS gap_records
  FROM epochs e
  LEFT JOIN (SELECT epoch, count(*) AS n FROM readings GROUP BY epoch) r ON r.epoch = e.id
  LEFT JOIN (SELECT epoch, count(*) AS n FROM events GROUP BY epoch) v ON v.epoch = e.id
  LEFT JOIN (SELECT p.id, sum(least(x.to_seq, p.next) - x.from_seq) AS n FROM gaps x JOIN epochs p
      ON p.gateway = x.gateway AND p.epoch = x.epoch WHERE x.from_seq < p.next GROUP BY p.id) g ON g.id = e.id
  ORDER BY e.id`;

export interface ReconcileParts {
  readonly database: Database;
  readonly fleet: { journals(gateway: string): readonly JournalState[]; gateways(): readonly string[] };
}

/** Compares what is stored, what was counted, where the cursors stand, and what gateways say of their journals. */
export async function reconcile({ database, fleet }: ReconcileParts): Promise<readonly Difference[]> {
  // Before the database is asked: a gateway confirms nothing that was not stored by then.
  const said = new Map(fleet.gateways().map((gateway) => [gateway, fleet.journals(gateway)]));
  const rows = await database.read(JOURNALS);
  return rows.flatMap((row) => {
    const states = said.get(String(row.gateway)) ?? [];
    const state = states.find(({ epoch }) => epoch === row.epoch);
    return [...compareCounts(row), ...(state ? compareSides(row, state) : [])];
  });
}

function compareCounts(row: Row): Difference[] {
  const { next, stored, declared, removed, row_count: rows, gap_records: gaps } = row as Record<string, number>;
  const checks = [
    ['cursor', next, (stored ?? 0) + (declared ?? 0)],
    ['rows', (stored ?? 0) - (removed ?? 0), rows],
    ['gaps', declared, gaps],
  ] as const;
  return checks
    .filter(([, expected, found]) => expected !== found)
    .map(([what, expected = 0, found = 0]) => ({ ...journalOf(row), what, expected, found }));
}

/** What a gateway said a while ago: the cursor may have moved on since, but never back. */
function compareSides(row: Row, { next, confirmed, chain }: JournalState): Difference[] {
  const cursor = Number(row.next);
  if (confirmed > cursor) return [{ ...journalOf(row), what: 'confirmed', expected: cursor, found: confirmed }];
  if (next !== cursor || chain === row.chain) return [];
  return [{ ...journalOf(row), what: 'chain', expected: String(row.chain), found: chain }];
}

function journalOf(row: Row): { readonly gateway: string; readonly epoch: string } {
  return { gateway: String(row.gateway), epoch: String(row.epoch) };
}

export interface ReconcileOptions extends ReconcileParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly mismatches: { inc(value?: number): void };
}

/** Once an hour. A difference is an error of ours, or of the disk: it is logged with both figures, and counted. */
export function reconciling({ clock, log, mismatches, ...parts }: ReconcileOptions): Service {
  return {
    name: 'reconcile',
    async run(signal) {
      for (;;) {
        await clock.sleep(EVERY_MS, signal);
        try {
          for (const difference of await reconcile(parts)) {
            mismatches.inc();
            log.error(difference, 'what is stored and what was counted differ');
          }
        } catch (error) {
          log.warn({ err: error, code: isFault(error) ? error.code : undefined }, 'figures could not be compared');
        }
      }
    },
  };
}
