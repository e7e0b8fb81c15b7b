import { Fault } from '../../core/faults.ts';
import type { UnixMs } from '../../core/reading.ts';
import { type Database, query, type Row } from '../archive/database.ts';
import type { Report, ReportKind, ReportLanguage } from './report.ts';

/** The oldest go. */
const MOST_REPORTS = 400;

/** A report that was made and is kept as it was. */
export interface ReportHead {
  readonly id: string;
  readonly site: string;
  readonly kind: ReportKind;
  readonly language: ReportLanguage;
  readonly from: UnixMs;
  readonly to: UnixMs;
  readonly madeAt: UnixMs;
  readonly madeBy: string;
}

const HEAD = 'id, site, kind, language, from_ms, to_ms, made_ms, by_whom';

/** Reports as they were made: what came to be known later is not in them. */
export class ReportStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(id: string, report: Report): Promise<ReportHead> {
    const { site, kind, language, from, to, madeAt, madeBy } = report;
    await this.#database.write(async (connection) => {
      await connection.run('INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)', [
        ...[id, site, kind, language, from, to, madeAt, madeBy, JSON.stringify(report)],
      ]);
      const old = await query(
        connection,
        `SELECT id FROM reports ORDER BY made_ms DESC, id OFFSET ${MOST_REPORTS} ROWS`,
      );
      for (const row of old) await connection.run('DELETE FROM reports WHERE id = ?', [String(row.id)]);
    });
    return { id, site, kind, language, from, to, madeAt, madeBy };
  }

  /** Of these sites, or of all; newest first. */
  async list(sites: readonly string[] | undefined, limit: number): Promise<readonly ReportHead[]> {
    const asked = sites ? JSON.stringify(sites) : null;
    const rows = await this.#database.read(
      `SELECT ${HEAD} FROM reports WHERE ? IS NULL OR list_contains(from_json(?, '["VARCHAR"]'), site)
       ORDER BY made_ms DESC, id LIMIT ${Math.trunc(limit)}`,
      [asked, asked],
    );
    return rows.map(headOf);
  }

  /** Throws Fault not-found. */
  async get(id: string): Promise<Report> {
    const [row] = await this.#database.read('SELECT body FROM reports WHERE id = ?', [id]);
    if (!row) throw new Fault('not-found', `report ${id}`);
    return JSON.parse(String(row.body)) as Report;
  }

  /** Throws Fault not-found. */
  async remove(id: string): Promise<void> {
    await this.#database.write(async (connection) => {
      const gone = await connection.run('DELETE FROM reports WHERE id = ?', [id]);
      if (gone.rowsChanged === 0) throw new Fault('not-found', `report ${id}`);
    });
  }
}

function headOf(row: Row): ReportHead {
  return {
    ...{ id: String(row.id), site: String(row.site) },
    ...{ kind: row.kind as ReportKind, language: row.language as ReportLanguage },
    ...{ from: Number(row.from_ms), to: Number(row.to_ms) },
    ...{ madeAt: Number(row.made_ms), madeBy: String(row.by_whom) },
  };
}
