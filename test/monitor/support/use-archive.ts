import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { Database } from '../../../monitor/archive/database.ts';
import { DuckArchive } from '../../../monitor/archive/duck-archive.ts';

/** A new archive for each test of the file that calls this. `fill` is what each begins with. */
export function useArchive(fill: (archive: DuckArchive) => Promise<void> = async () => {}) {
  let folder: string;
  let database: Database;
  let archive: DuckArchive;

  const file = () => join(folder, 'archive.duckdb');

  async function open(): Promise<void> {
    database = await Database.open(file(), systemClock);
    archive = await DuckArchive.create(database);
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'archive-'));
    await open();
    await fill(archive);
  });

  afterEach(async () => {
    await database.close();
    await rm(folder, { recursive: true });
  });

  return {
    get folder() {
      return folder;
    },
    get file() {
      return file();
    },
    get database() {
      return database;
    },
    get archive() {
      return archive;
    },

    /** `meanwhile` happens while nobody has it open. */
    async reopen(meanwhile: () => void | Promise<void> = () => {}): Promise<void> {
      await database.close();
      await meanwhile();
      await open();
    },

    /** What was known by heart is forgotten; the database stays open. */
    async forget(): Promise<void> {
      archive = await DuckArchive.create(database);
    },

    async count(table: string): Promise<number> {
      return Number((await database.read(`SELECT count(*) AS n FROM ${table}`))[0]?.n);
    },
  };
}
