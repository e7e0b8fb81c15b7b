import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkTable, readTable, type TableEntry } from './table-file.ts';

const TABLE = /\.(ldb|sst)$/;

/** Names of the table files of a database that are not whole. None where there is no database. */
export async function damagedTables(path: string): Promise<string[]> {
  const damaged: string[] = [];
  for (const name of await namesOf(path)) {
    const file = await read(join(path, name));
    if (file !== undefined && !checkTable(file).isWhole) damaged.push(name);
  }
  return damaged;
}

/** Takes damaged tables away and returns what is whole of them: the newest value of each key. */
export async function takeDamagedTables(path: string): Promise<TableEntry[]> {
  const newest = new Map<string, TableEntry>();
  for (const name of await namesOf(path)) {
    const file = await read(join(path, name));
    const check = file && checkTable(file);
    if (file === undefined || check === undefined || check.isWhole) continue;
    for (const entry of readTable(file, check)) {
      const id = entry.key.toString('hex');
      if (entry.sequence > (newest.get(id)?.sequence ?? -1n)) newest.set(id, entry);
    }
    await rm(join(path, name));
  }
  return [...newest.values()];
}

async function namesOf(path: string): Promise<string[]> {
  const names = await readdir(path).catch(unlessGone);
  return (names ?? []).filter((name) => TABLE.test(name));
}

function read(file: string): Promise<Buffer | undefined> {
  return readFile(file).catch(unlessGone);
}

/** Another process may be tidying up; it has the lock, and opening tells. */
function unlessGone(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EISDIR') return undefined;
  throw error;
}
