import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Level } from 'level';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { crc32c } from '../../gateway/journal/crc32c.ts';
import { unsnappy } from '../../gateway/journal/snappy.ts';
import { isMendable, openLevel, repairLevel } from '../../gateway/journal/store.ts';
import { checkTable, readTable, type TableEntry } from '../../gateway/journal/table-file.ts';
import { journalFolder, removeFolder } from '../support/journal-home.ts';
import { seeded } from '../support/mutate.ts';

let folder: string;
beforeEach(async () => {
  folder = await journalFolder();
});
afterEach(() => removeFolder(folder));

const COUNT = 200;
const keyOf = (n: number) => Buffer.from(n.toString().padStart(8, '0'));
/** Of about a hundred bytes that repeat themselves, so that compression has something to do. */
const textOf = (n: number) => Buffer.from(`value ${n} `.repeat(10));

/** A database whose entries stand in one table, of several blocks, with or without compression. */
async function tableOf(compression: boolean): Promise<string> {
  const db = new Level<Buffer, Buffer>(folder, { keyEncoding: 'buffer', valueEncoding: 'buffer', compression });
  for (let n = 0; n < COUNT; n++) await db.put(keyOf(n), textOf(n));
  await (db as unknown as { compactRange(from: Buffer, to: Buffer): Promise<void> }).compactRange(
    keyOf(0),
    keyOf(COUNT),
  );
  await db.close();
  return readdirSync(folder).find((name) => name.endsWith('.ldb')) ?? '';
}

async function readAll(): Promise<Map<string, Buffer>> {
  const store = await openLevel(folder, { create: false });
  const found = new Map<string, Buffer>();
  for await (const [key, value] of store.entries(Buffer.alloc(0))) found.set(key.toString(), value);
  await store.close();
  return found;
}

describe.each([false, true])('a table, compressed: %s', (compression) => {
  test('that is whole is read as LevelDB reads it', async () => {
    const file = readFileSync(join(folder, await tableOf(compression)));
    const check = checkTable(file);
    expect(check.isWhole).toBe(true);
    expect(readTable(file, check).map(({ key, value }) => [key, value])).toEqual(
      Array.from({ length: COUNT }, (_, n) => [keyOf(n), textOf(n)]),
    );
  });

  test('with any bit flipped is not whole, and gives nothing that was not there', async () => {
    const file = readFileSync(join(folder, await tableOf(compression)));
    const random = seeded(1);
    // Between the two places that the footer names and its mark nothing is written.
    const unused = (at: number) => at >= file.length - 48 && at < file.length - 8;
    for (let round = 0; round < 500; round++) {
      const at = Math.floor(random() * file.length);
      if (unused(at)) continue;
      const damaged = Buffer.from(file);
      damaged[at] = (damaged[at] as number) ^ (1 << Math.floor(random() * 8));
      const check = checkTable(damaged);
      expect(check.isWhole).toBe(false);
      const isWrong = ({ key, value }: TableEntry) => !value.equals(textOf(Number(key.toString())));
      expect(readTable(damaged, check).filter(isWrong)).toEqual([]);
    }
  });

  test('that is damaged in one block: refused, and mended with all other blocks', async () => {
    const path = join(folder, await tableOf(compression));
    const file = readFileSync(path);
    file[20] = (file[20] as number) ^ 0x40;
    writeFileSync(path, file);
    const error = await openLevel(folder, { create: false }).catch((each: unknown) => each);
    expect(isMendable(error)).toBe(true);
    await repairLevel(folder);
    const found = await readAll();
    expect(found.size).toBeGreaterThan(COUNT / 2);
    expect(found.size).toBeLessThan(COUNT);
    for (const [key, value] of found) expect(value).toEqual(textOf(Number(key)));
  });

  test('a newer value elsewhere is not replaced by an older one of the damaged table', async () => {
    const path = join(folder, await tableOf(compression));
    const store = await openLevel(folder, { create: false });
    await store.write([{ key: keyOf(COUNT - 1), value: Buffer.from('newer') }]);
    await store.close();
    const file = readFileSync(path);
    file[20] = (file[20] as number) ^ 0x40;
    writeFileSync(path, file);
    await repairLevel(folder);
    expect((await readAll()).get(keyOf(COUNT - 1).toString())?.toString()).toBe('newer');
  });
});

test('bytes that are no table, short and long', () => {
  for (const size of [0, 1, 47, 48, 5000])
    expect(checkTable(Buffer.alloc(size, 7))).toEqual({ isWhole: false, blocks: [] });
});

test('CRC-32C of the standard’s examples', () => {
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});

describe('packed blocks', () => {
  test('a literal, and a copy that reaches into what it writes', () => {
    // "Wikipedia" and so on would do as well: 3 bytes, then 6 more from 3 back.
    expect(unsnappy(Buffer.from([9, 2 << 2, 97, 98, 99, ((6 - 4) << 2) | 1, 3]), 100)?.toString()).toBe('abcabcabc');
  });

  test.each([
    ['a copy from before the beginning', [4, ((4 - 4) << 2) | 1, 1]],
    ['a copy from nowhere', [5, 0, 97, ((4 - 4) << 2) | 1, 0]],
    ['more than it says', [1, 1 << 2, 97, 98]],
    ['less than it says', [9, 0, 97]],
    ['a literal without its end', [9, 8 << 2, 97]],
    ['a size without end', [0x80, 0x80]],
    ['a claim of gigabytes', [0xff, 0xff, 0xff, 0xff, 0x0f, 0, 97]],
  ])('%s is none', (_, bytes) => {
    expect(unsnappy(Buffer.from(bytes), 1000)).toBeUndefined();
  });
});
