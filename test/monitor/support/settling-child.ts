import { systemClock } from '../../../core/clock.ts';
import { isFault } from '../../../core/faults.ts';
import { good } from '../../../core/reading.ts';
import { Database } from '../../../monitor/archive/database.ts';
import { DuckArchive } from '../../../monitor/archive/duck-archive.ts';
import { settle } from '../../../monitor/archive/settle.ts';
import { prune } from '../../../monitor/retention.ts';
import { catalogue, column, entry, Journal, T0 } from './batches.ts';

/** Appends, settles and prunes at the same time until it is killed, and prints how many rows have gone each way. */
try {
  const database = await Database.open(process.argv[2] ?? '', systemClock);
  const archive = await DuckArchive.create(database);
  const journal = new Journal();
  journal.next = (await archive.cursors(journal.gateway))[0]?.next ?? 0;
  if (journal.next === 0) await archive.append([journal.batch([journal.publish(catalogue([entry(0, 'd', 'p')]))])]);
  const append = async () => {
    for (;;) {
      const rows = Array.from({ length: 3000 }, (_, i) => [T0 + (journal.next + i) * 1000, good(i)] as const);
      await archive.append([journal.batch([journal.readings([column(0, rows)])])]);
    }
  };
  const keepHouse = async () => {
    for (;;) {
      const before = T0 + journal.next * 1000;
      const moved = await settle(database, { before, arrivedBefore: 0, zoneOf: () => 'Asia/Seoul', mostRows: 2000 });
      process.stdout.write(`moved ${moved}\n`);
      const removed = await prune(database, { raw: 100_000_000 }, before);
      process.stdout.write(`removed ${removed}\n`);
    }
  };
  await Promise.all([append(), keepHouse()]);
} catch (error) {
  process.stdout.write(`fault ${isFault(error) ? error.code : String(error)}\n`);
}
