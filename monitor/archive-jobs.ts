import type { UnixMs } from '../core/reading.ts';
import type { Database } from './archive/database.ts';
import { settle } from './archive/settle.ts';
import type { Job } from './housekeeping.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './local-days.ts';
import type { Points } from './points.ts';
import { type Keep, prune } from './retention.ts';

/** Readings of an hour that has just ended may still be on their way. */
const CLOSED_MS = 10 * MINUTE_MS;
/** So many closed readings are worth a sorted run of their own; fewer wait for the rest of their day. */
const WORTH_ROWS = 1_000_000;

export interface ArchiveJobsOptions {
  readonly database: Database;
  readonly points: Points;
  readonly keep: Keep;
}

/** What keeps the archive fast and within its bounds. */
export function archiveJobs({ database, points, keep }: ArchiveJobsOptions): readonly Job[] {
  const zoneOf = (gateway: string) => points.findCatalogue(gateway)?.timezone ?? 'UTC';
  const settleBefore = (now: UnixMs, signal: AbortSignal) => {
    const before = Math.floor((now - CLOSED_MS) / HOUR_MS) * HOUR_MS;
    return settle(database, { before, arrivedBefore: now - DAY_MS, zoneOf, signal });
  };
  return [
    {
      name: 'settle',
      schedule: '0 10 * * * *',
      async run(now, signal) {
        const [row] = await database.read(
          'SELECT count(*) AS n, coalesce(min(arrived_ms), ?) AS oldest FROM arrivals WHERE flags <> 1',
          [Math.trunc(now)],
        );
        const isWorth = Number(row?.n) >= WORTH_ROWS || Number(row?.oldest) < now - DAY_MS;
        return isWorth ? settleBefore(now, signal) : 0;
      },
    },
    {
      name: 'prune',
      schedule: '0 25 * * * *',
      async run(now, signal) {
        if (Object.keys(keep).length === 0) return 0;
        // What goes is in the rollups by then.
        if (keep.raw !== undefined)
          await settle(database, { before: now - keep.raw, arrivedBefore: 0, zoneOf, signal });
        return prune(database, keep, now);
      },
    },
  ];
}
