import type { Clock } from '../core/clock.ts';
import { isFault } from '../core/faults.ts';
import type { Log } from '../core/log.ts';
import type { Service } from '../core/service.ts';
import type { Database } from './archive/database.ts';

const EVERY_MS = 3_600_000;

/** Removes readings older than `keepMs`. Events, gaps and the catalogue stay: they are small, and they explain. */
export function retention(database: Database, keepMs: number, clock: Clock, log: Log): Service {
  return {
    name: 'retention',
    async run(signal) {
      for (;;) {
        await removeBefore(database, clock.now() - keepMs).catch((error: unknown) => {
          log.warn({ err: error, code: isFault(error) ? error.code : undefined }, 'old readings could not be removed');
        });
        await clock.sleep(EVERY_MS, signal);
      }
    },
  };
}

/** In one transaction with the counters that say how many rows there ought to be. */
export async function removeBefore(database: Database, at: number): Promise<void> {
  const before = Math.trunc(at);
  await database.write(async (connection) => {
    await connection.run(
      `UPDATE epochs SET removed = removed + r.n
         FROM (SELECT epoch, count(*) AS n FROM readings WHERE at_ms < ? GROUP BY epoch) r WHERE epochs.id = r.epoch`,
      [before],
    );
    await connection.run('DELETE FROM readings WHERE at_ms < ?', [before]);
  });
}
