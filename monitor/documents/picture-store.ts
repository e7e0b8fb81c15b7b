import type { DuckDBConnection } from '@duckdb/node-api';
import { Fault } from '../../core/faults.ts';
import type { UnixMs } from '../../core/reading.ts';
import type { Database } from '../archive/database.ts';
import { query } from '../archive/database.ts';
import type { Job } from '../housekeeping.ts';
import { DAY_MS } from '../local-days.ts';
import type { Picture, PictureType } from './picture.ts';

/** For plans and boards; photos of rounds take none of their places. */
const MOST_PICTURES = 500;
/** Some 15,000 as a phone makes them. */
const MOST_PHOTO_BYTES = 5 * 1024 ** 3;
/** Ids in any version of a document that can still be taken up again. */
const NAMED = `SELECT unnest(regexp_extract_all(body, '"([0-9a-f]{32})"', 1)) FROM documents WHERE body IS NOT NULL`;

/** Pictures by the hash of their bytes. One that was handed in with a round has `photo_bytes`. */
export class PictureStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Throws Fault pictures-full when there are too many. */
  async add({ id, type, width, height, bytes }: Picture, by: string, at: UnixMs): Promise<void> {
    await this.#database.write(async (connection) => {
      const [row] = await query(
        connection,
        'SELECT count(*) FILTER (photo_bytes IS NULL) AS n, coalesce(bool_or(id = ?), false) AS known FROM pictures',
        [id],
      );
      // Whoever sends it again is about to name it: it is new once more.
      if (row?.known === true)
        return void (await connection.run('UPDATE pictures SET added_ms = ? WHERE id = ?', [at, id]));
      if (Number(row?.n) >= MOST_PICTURES) throw new Fault('pictures-full', `there are ${MOST_PICTURES} already`);
      const row64 = bytes.toString('base64');
      await connection.run('INSERT INTO pictures VALUES (?, ?, ?, ?, from_base64(?), ?, ?, NULL)', [
        ...[id, type, width, height, row64, at, by],
      ]);
    });
  }

  /** Removes what was never named within a day, and photos that are too many, oldest first. Answers how many. */
  job(): Job {
    return { name: 'pictures', schedule: '0 45 * * * *', run: (now) => this.removeUnneeded(now) };
  }

  async removeUnneeded(now: UnixMs, mostPhotoBytes = MOST_PHOTO_BYTES): Promise<number> {
    return this.#database.write(async (connection) => {
      const unnamed = await connection.run(
        `DELETE FROM pictures WHERE photo_bytes IS NULL AND added_ms < ? AND id NOT IN (${NAMED})`,
        [Math.trunc(now - DAY_MS)],
      );
      const old = await connection.run(
        `DELETE FROM pictures WHERE id IN (SELECT id FROM (
           SELECT id, sum(photo_bytes) OVER (ORDER BY added_ms DESC, id) AS bytes FROM pictures
             WHERE photo_bytes IS NOT NULL AND id NOT IN (${NAMED})) WHERE bytes > ?)`,
        [mostPhotoBytes],
      );
      return unnamed.rowsChanged + old.rowsChanged;
    });
  }

  async has(id: string): Promise<boolean> {
    return (await this.#database.read('SELECT 1 FROM pictures WHERE id = ?', [id])).length > 0;
  }

  /** Throws Fault not-found. */
  async get(id: string): Promise<Omit<Picture, 'width' | 'height'>> {
    const [row] = await this.#database.read('SELECT type, to_base64(bytes) AS bytes FROM pictures WHERE id = ?', [id]);
    if (row === undefined) throw new Fault('not-found', `picture ${id}`);
    return { id, type: row.type as PictureType, bytes: Buffer.from(String(row.bytes), 'base64') };
  }
}

/** Within a transaction of somebody else: from now on these are photos of a round. */
export async function markPhotos(connection: DuckDBConnection, ids: readonly string[]): Promise<void> {
  for (const id of ids)
    await connection.run('UPDATE pictures SET photo_bytes = octet_length(bytes) WHERE id = ? AND photo_bytes IS NULL', [
      id,
    ]);
}
