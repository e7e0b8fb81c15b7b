import { readVarint } from './varint.ts';

/**
 * Unpacks a block that LevelDB's repair has compressed [Snappy, format_description.txt]: literals, and copies of what came before.
 * Undefined if it is not made as such blocks are, or claims more than `most` bytes.
 */
export function unsnappy(packed: Buffer, most: number): Buffer | undefined {
  const size = readVarint(packed, 0);
  if (size === undefined || size.value > most) return undefined;
  const out = Buffer.alloc(size.value);
  let done = 0;
  for (let at = size.end; at < packed.length; ) {
    const element = elementAt(packed, at);
    if (element === undefined || !unpack(element, packed, out, done)) return undefined;
    done += element.length;
    at = element.end;
  }
  return done === out.length ? out : undefined;
}

/** Writes an element to `out` at `done`; false if it does not fit, or copies what is not there. */
function unpack({ from, length, offset }: Element, packed: Buffer, out: Buffer, done: number): boolean {
  if (done + length > out.length) return false;
  if (offset === undefined) packed.copy(out, done, from, from + length);
  else if (offset === 0 || offset > done) return false;
  // Byte by byte: a copy may reach into what it writes.
  else for (let i = 0; i < length; i++) out[done + i] = out[done + i - offset] as number;
  return true;
}

interface Element {
  readonly length: number;
  /** How far back a copy begins; left out: a literal, whose bytes begin at `from`. */
  readonly offset?: number;
  readonly from: number;
  readonly end: number;
}

function elementAt(packed: Buffer, at: number): Element | undefined {
  const tag = packed[at] as number;
  const kind = tag & 3;
  if (kind === 0) return literalAt(packed, at, tag >> 2);
  const bytes = kind === 3 ? 4 : kind;
  const end = at + 1 + bytes;
  if (end > packed.length) return undefined;
  if (kind === 1) {
    return { length: 4 + ((tag >> 2) & 7), offset: ((tag >> 5) << 8) | (packed[at + 1] as number), from: at, end };
  }
  return { length: (tag >> 2) + 1, offset: packed.readUIntLE(at + 1, bytes), from: at, end };
}

/** Short lengths stand in the tag itself, others in one to four bytes behind it. */
function literalAt(packed: Buffer, at: number, short: number): Element | undefined {
  const extra = Math.max(0, short - 59);
  const from = at + 1 + extra;
  if (from > packed.length) return undefined;
  const length = 1 + (extra === 0 ? short : packed.readUIntLE(at + 1, extra));
  return from + length > packed.length ? undefined : { length, from, end: from + length };
}
