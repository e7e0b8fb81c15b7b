import { systemClock } from '../../../core/clock.ts';
import { isFault } from '../../../core/faults.ts';
import { good } from '../../../core/reading.ts';
import { Database } from '../../../monitor/archive/database.ts';
import { DuckArchive } from '../../../monitor/archive/duck-archive.ts';
import { catalogue, column, entry, Journal, T0 } from './batches.ts';

/** Appends until it is killed, and prints the cursor after each commit. */
try {
  const database = await Database.open(process.argv[2] ?? '', systemClock);
  const archive = await DuckArchive.create(database);
  const journal = new Journal();
  journal.next = (await archive.cursors(journal.gateway))[0]?.next ?? 0;
  if (journal.next === 0) await archive.append([journal.batch([journal.publish(catalogue([entry(0, 'd', 'p')]))])]);
  for (;;) {
    const rows = Array.from({ length: 3000 }, (_, i) => [T0 + journal.next + i, good(i)] as const);
    await archive.append([journal.batch([journal.readings([column(0, rows)])])]);
    process.stdout.write(`${journal.next}\n`);
  }
} catch (error) {
  process.stdout.write(`fault ${isFault(error) ? error.code : String(error)}\n`);
}
