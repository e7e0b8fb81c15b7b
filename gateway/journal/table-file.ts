import { maskedCrc32c } from './crc32c.ts';
import { unsnappy } from './snappy.ts';
import { readVarint } from './varint.ts';

/** An entry of a table; of two with one key the one with the higher number is newer. */
export interface TableEntry {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly sequence: bigint;
}

/** Where a block is. */
interface Handle {
  readonly offset: number;
  readonly size: number;
}

/** What of a table file can be trusted. */
export interface TableCheck {
  readonly isWhole: boolean;
  /** Data blocks whose checksums are right. */
  readonly blocks: readonly Handle[];
}

const NOTHING = Buffer.alloc(0);
const FOOTER_BYTES = 48;
const MAGIC = 0xdb4775248b80fb57n;
/** Type and checksum behind each block. */
const TRAILER_BYTES = 5;
const PLAIN = 0;
const SNAPPY = 1;
/** A block holds 4 KiB and one more frame. */
const MOST_BLOCK_BYTES = 64 * 1024 * 1024;
/** Behind each key: number and kind, eight bytes. */
const MARK_BYTES = 8;
const IS_VALUE = 1;

/**
 * Checks each block of a table file of LevelDB against its checksum. LevelDB itself does not: it takes a damaged block for a whole
 * one, and where that cannot be it ends the process, at every start again [doc/table_format.md of LevelDB 1.20].
 */
export function checkTable(file: Buffer): TableCheck {
  const index = indexOf(file);
  if (index === undefined) return { isWhole: false, blocks: [] };
  const blocks = index.blocks.filter((handle) => storedAt(file, handle) !== undefined);
  return { isWhole: index.isWhole && blocks.length === index.blocks.length, blocks };
}

/** The entries of the blocks that were found to be right, deletions left out. */
export function readTable(file: Buffer, { blocks }: TableCheck): TableEntry[] {
  const entries: TableEntry[] = [];
  for (const { offset, size } of blocks) {
    const block = unpacked(file.subarray(offset, offset + size + 1));
    for (const [key, value] of (block && entriesOf(block)) ?? []) addEntry(entries, key, value);
  }
  return entries;
}

function addEntry(entries: TableEntry[], key: Buffer, value: Buffer): void {
  if (key.length < MARK_BYTES) return;
  const mark = key.readBigUInt64LE(key.length - MARK_BYTES);
  if (Number(mark & 0xffn) !== IS_VALUE) return;
  entries.push({ key: key.subarray(0, -MARK_BYTES), value, sequence: mark >> 8n });
}

/** Where the data blocks are; undefined if the file does not say. */
function indexOf(file: Buffer): { blocks: Handle[]; isWhole: boolean } | undefined {
  if (file.length < FOOTER_BYTES || file.readBigUInt64LE(file.length - 8) !== MAGIC) return undefined;
  const footer = file.subarray(file.length - FOOTER_BYTES);
  const meta = readHandle(footer, 0);
  const index = meta && readHandle(footer, meta.end);
  const block = index && blockAt(file, index.handle);
  const listed = block && entriesOf(block);
  if (meta === undefined || listed === undefined) return undefined;
  const blocks = handlesOf(listed);
  // Filters too: by a damaged one what is there seems not to be.
  const extras = entriesOf(blockAt(file, meta.handle) ?? NOTHING);
  const filters = extras && handlesOf(extras);
  const isWhole = filters?.every((handle) => storedAt(file, handle) !== undefined) ?? false;
  return { blocks, isWhole: isWhole && blocks.length === listed.length && filters?.length === extras?.length };
}

function handlesOf(entries: readonly [Buffer, Buffer][]): Handle[] {
  return entries.map(([, value]) => readHandle(value, 0)?.handle).filter((handle) => handle !== undefined);
}

/** A block as it is stored, its type behind it, if its checksum is right. */
function storedAt(file: Buffer, { offset, size }: Handle): Buffer | undefined {
  const end = offset + size;
  if (end + TRAILER_BYTES > file.length) return undefined;
  const stored = file.subarray(offset, end + 1);
  return maskedCrc32c(stored) === file.readUInt32LE(end + 1) ? stored : undefined;
}

function unpacked(stored: Buffer): Buffer | undefined {
  const content = stored.subarray(0, -1);
  const type = stored.at(-1);
  if (type === PLAIN) return content;
  // Ours are written plain; those that LevelDB's repair has made are not.
  return type === SNAPPY ? unsnappy(content, MOST_BLOCK_BYTES) : undefined;
}

/** A block's content, if its checksum is right. */
function blockAt(file: Buffer, handle: Handle): Buffer | undefined {
  const stored = storedAt(file, handle);
  return stored && unpacked(stored);
}

/** Keys share their beginnings with the one before. Undefined if the block is not made as blocks are. */
function entriesOf(block: Buffer): [Buffer, Buffer][] | undefined {
  if (block.length < 4) return undefined;
  const end = block.length - 4 - 4 * block.readUInt32LE(block.length - 4);
  const entries: [Buffer, Buffer][] = [];
  let key: Buffer = Buffer.alloc(0);
  for (let at = 0; at < end; ) {
    const shared = readVarint(block, at);
    const own = shared && readVarint(block, shared.end);
    const length = own && readVarint(block, own.end);
    if (!shared || !own || !length || shared.value > key.length) return undefined;
    const from = length.end;
    const to = from + own.value;
    if (to + length.value > end) return undefined;
    key = Buffer.concat([key.subarray(0, shared.value), block.subarray(from, to)]);
    entries.push([key, block.subarray(to, to + length.value)]);
    at = to + length.value;
  }
  return end < 0 ? undefined : entries;
}

function readHandle(bytes: Buffer, at: number): { handle: Handle; end: number } | undefined {
  const offset = readVarint(bytes, at);
  const size = offset && readVarint(bytes, offset.end);
  return size && { handle: { offset: offset.value, size: size.value }, end: size.end };
}
