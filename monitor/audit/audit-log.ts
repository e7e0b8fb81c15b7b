import type { DuckDBConnection } from '@duckdb/node-api';
import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import { type Database, type Parameter, query, type Row } from '../archive/database.ts';
import { type Act, type AuditRow, type Chain, ChainWalk, GENESIS, hashOf, type Outcome, tidy } from './audit-row.ts';

/** What a list of acts is narrowed to; what is left out narrows nothing. */
export interface AuditFilter {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly who?: string | undefined;
  /** Begins with this. */
  readonly action?: string | undefined;
  readonly outcome?: Outcome | undefined;
  /** Somewhere in who, address, action, object, code or detail. */
  readonly text?: string | undefined;
  /** With `text`: acts of these kinds are found too, whatever is in them. */
  readonly named?: readonly string[] | undefined;
}

/** An act with what became of it. */
export type ShownAct = Omit<AuditRow, 'of' | 'hash'>;

const COLUMNS = 'n, at_ms, who, via, address, action, object, outcome, of_n, code, detail, hash';
/** Each act once: the row that began it, with the outcome that was told later. */
const ACTS = `SELECT a.n, a.at_ms, a.who, a.via, a.address, a.action, coalesce(nullif(o.object, ''), a.object) AS object, coalesce(o.outcome, a.outcome) AS outcome,
    coalesce(o.code, a.code) AS code, CASE WHEN coalesce(o.detail, '') = '' THEN a.detail ELSE o.detail END AS detail
  FROM audit a LEFT JOIN audit o ON o.of_n = a.n WHERE a.of_n IS NULL`;

/** Who did what, when: rows are only ever added, each chained to the one before. */
export class AuditLog {
  readonly #database: Database;
  readonly #clock: Clock;
  /** The last row; undefined: to be read. */
  #last: { readonly n: number; readonly hash: string } | undefined;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** The row's number once it is stored. Throws Fault archive-write: then nothing may be done. */
  async append(act: Act): Promise<number> {
    try {
      const last = await this.#database.write((connection) => this.#add(connection, act));
      this.#last = last;
      return last.n;
    } catch (cause) {
      this.#last = undefined;
      throw new Fault('archive-write', 'the audit log', { cause });
    }
  }

  /** Writes are one at a time, and each has its turn before the next: the last row is the last. */
  async #add(connection: DuckDBConnection, act: Act) {
    const before = await lastRow(connection, this.#last);
    const { who, via, address, action, object, outcome, of, code, detail } = act;
    const row = {
      ...{ n: before.n + 1, at: Math.trunc(this.#clock.now()), who: tidy(who), via, address: tidy(address) },
      ...{ action: tidy(action), object: tidy(object), outcome, of, code, detail },
    };
    const hash = hashOf(before.hash, row);
    await connection.run(`INSERT INTO audit (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, [
      ...[row.n, row.at, row.who, via, row.address, row.action, row.object, outcome, of ?? null, code, detail, hash],
    ]);
    return { n: row.n, hash };
  }

  /** Newest first; `before`: only acts with lower numbers. */
  async acts(filter: AuditFilter, limit: number, before?: number): Promise<readonly ShownAct[]> {
    const { where, parameters } = conditionsOf(filter, before);
    const sql = `SELECT * FROM (${ACTS}) WHERE ${where} ORDER BY n DESC LIMIT ${Math.trunc(limit)}`;
    return (await this.#database.read(sql, parameters)).map(actOf);
  }

  /** Every row as it stands, in order. */
  async *rows(): AsyncGenerator<AuditRow, void> {
    const names = COLUMNS.split(', ');
    for await (const columns of this.#database.stream(`SELECT ${COLUMNS} FROM audit ORDER BY n`)) {
      for (let index = 0; index < (columns[0]?.length ?? 0); index++) {
        const row: Record<string, string | number | null> = {};
        names.forEach((name, column) => {
          const value = columns[column]?.[index];
          row[name] = typeof value === 'bigint' ? Number(value) : (value as string | number | null);
        });
        yield rowOf(row);
      }
    }
  }

  async verify(): Promise<Chain> {
    return verifyRows(this.rows());
  }
}

export async function verifyRows(rows: AsyncIterable<AuditRow>): Promise<Chain> {
  const walk = new ChainWalk();
  for await (const row of rows) if (!walk.take(row)) break;
  return walk.chain;
}

async function lastRow(connection: DuckDBConnection, held: { readonly n: number; readonly hash: string } | undefined) {
  if (held) return held;
  const [row] = await query(connection, 'SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1');
  return row ? { n: Number(row.n), hash: String(row.hash) } : { n: 0, hash: GENESIS };
}

function conditionsOf({ from, to, who, action, outcome, text, named = [] }: AuditFilter, before: number | undefined) {
  const conditions = ['true'];
  const parameters: Parameter[] = [];
  const add = (condition: string, ...values: Parameter[]) => {
    conditions.push(condition);
    parameters.push(...values);
  };
  if (from !== undefined) add('at_ms >= ?', Math.ceil(from));
  if (to !== undefined) add('at_ms < ?', Math.ceil(to));
  if (who !== undefined) add('who = ?', who);
  if (action !== undefined) add('starts_with(action, ?)', action);
  if (outcome !== undefined) add('outcome = ?', outcome);
  if (text !== undefined)
    add(
      `(contains(lower(concat_ws(' ', who, address, action, object, code, detail)), ?)
         OR action IN (${['NULL', ...named.map(() => '?')].join(', ')}))`,
      ...[text.toLowerCase(), ...named],
    );
  if (before !== undefined) add('n < ?', before);
  return { where: conditions.join(' AND '), parameters };
}

function actOf(row: Row): ShownAct {
  return {
    ...{ n: Number(row.n), at: Number(row.at_ms), who: String(row.who), via: row.via as ShownAct['via'] },
    ...{ address: String(row.address), action: String(row.action), object: String(row.object) },
    ...{ outcome: row.outcome as Outcome, code: String(row.code), detail: String(row.detail) },
  };
}

function rowOf(row: Row): AuditRow {
  const of = row.of_n === null ? undefined : Number(row.of_n);
  return { ...actOf(row), of, hash: String(row.hash) };
}
