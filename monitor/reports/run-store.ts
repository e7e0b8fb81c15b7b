import type { UnixMs } from '../../core/reading.ts';
import type { Database, Row } from '../archive/database.ts';
import type { Settled } from '../notify/tell-all.ts';

/** So many runs of a schedule are remembered. */
const KEPT_RUNS = 50;

/** One sending of a schedule's report. */
export interface Run {
  readonly id: string;
  readonly schedule: string;
  /** When the period begins. */
  readonly from: UnixMs;
  /** When it should be sent. */
  readonly due: UnixMs;
  readonly state: 'waiting' | 'sent' | 'given-up';
  readonly attempts: number;
  /** When it is tried next. */
  readonly nextAt: UnixMs;
  readonly doneAt?: UnixMs;
  readonly error?: string;
  /** The report, once it is made. */
  readonly report?: string;
  readonly settled?: Settled;
}

/** What became of each sending: one for each schedule and period, over any number of restarts. */
export class RunStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Unless there is one of this schedule and period already: also one that was due at another time, which was changed since. */
  async plan(run: Run): Promise<void> {
    const held = await this.#database.read('SELECT 1 FROM report_runs WHERE schedule = ? AND from_ms = ?', [
      ...[run.schedule, run.from],
    ]);
    if (held.length === 0) await this.add(run);
  }

  async add(run: Run): Promise<void> {
    await this.#database.write(async (connection) => {
      await connection.run('INSERT INTO report_runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', [...valuesOf(run)]);
      await connection.run(
        `DELETE FROM report_runs WHERE schedule = ? AND due_ms <= coalesce((SELECT due_ms FROM report_runs
           WHERE schedule = ? ORDER BY due_ms DESC LIMIT 1 OFFSET ${KEPT_RUNS}), -1)`,
        [run.schedule, run.schedule],
      );
    });
  }

  async record(run: Run): Promise<void> {
    const [id, , , , ...rest] = valuesOf(run);
    await this.#database.write((connection) =>
      connection.run(
        `UPDATE report_runs SET state = ?, attempts = ?, next_ms = ?, done_ms = ?, error = ?, report = ?, settled = ?
           WHERE id = ?`,
        [...rest, id ?? null],
      ),
    );
  }

  async waiting(): Promise<readonly Run[]> {
    return (await this.#database.read("SELECT * FROM report_runs WHERE state = 'waiting' ORDER BY due_ms")).map(runOf);
  }

  /** Newest first, of each schedule at most `limit`. */
  async newest(limit: number): Promise<readonly Run[]> {
    const rows = await this.#database.read(
      `SELECT * FROM report_runs QUALIFY row_number() OVER (PARTITION BY schedule ORDER BY due_ms DESC) <= ${Math.trunc(limit)}
       ORDER BY due_ms DESC`,
    );
    return rows.map(runOf);
  }
}

function valuesOf({ id, schedule, from, due, state, attempts, nextAt, doneAt, error, report, settled }: Run) {
  const told = settled ? JSON.stringify(settled) : null;
  return [id, schedule, from, due, state, attempts, nextAt, doneAt ?? null, error ?? null, report ?? null, told];
}

function runOf(row: Row): Run {
  return {
    ...{ id: String(row.id), schedule: String(row.schedule), from: Number(row.from_ms), due: Number(row.due_ms) },
    ...{ state: row.state as Run['state'], attempts: Number(row.attempts), nextAt: Number(row.next_ms) },
    ...(row.done_ms === null ? {} : { doneAt: Number(row.done_ms) }),
    ...(row.error === null ? {} : { error: String(row.error) }),
    ...(row.report === null ? {} : { report: String(row.report) }),
    ...(row.settled === null ? {} : { settled: JSON.parse(String(row.settled)) as Settled }),
  };
}
