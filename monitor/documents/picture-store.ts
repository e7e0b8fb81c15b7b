import { Fault } from '../../core/faults.ts';
import type { UnixMs } from '../../core/reading.ts';
import type { Database } from '../archive/database.ts';
import { query } from '../archive/database.ts';
import type { Picture, PictureType } from './picture.ts';

const MOST_PICTURES = 500;

/** Pictures by the hash of their bytes; what no document names any more may be removed by hand. */
export class PictureStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Throws Fault picture-refused when there are too many. */
  async add({ id, type, width, height, bytes }: Picture, by: string, at: UnixMs): Promise<void> {
    await this.#database.write(async (connection) => {
      const [row] = await query(
        connection,
        'SELECT count(*) AS n, coalesce(bool_or(id = ?), false) AS known FROM pictures',
        [id],
      );
      if (row?.known === true) return;
      if (Number(row?.n) >= MOST_PICTURES) throw new Fault('picture-refused', `there are ${MOST_PICTURES} already`);
      const row64 = bytes.toString('base64');
      await connection.run('INSERT INTO pictures VALUES (?, ?, ?, ?, from_base64(?), ?, ?)', [
        ...[id, type, width, height, row64, at, by],
      ]);
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
