/** How much a JSON text may hold, said before it is read: a short text of a great many parts keeps the processor for minutes. */
export interface JsonBounds {
  /** Values and keys, roughly: every comma and opening bracket outside texts counts. */
  readonly parts: number;
  /** Of brackets within brackets. */
  readonly depth: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DEEPER = byteTable({ '[': 1, '{': 1, ']': -1, '}': -1 });
const PARTS = byteTable({ '[': 1, '{': 1, ',': 1 });

/** What the bytes say; it throws a SyntaxError if they are no JSON, and a RangeError if they hold more than the bounds. */
export function parseBoundedJson(bytes: Uint8Array, bounds: JsonBounds): unknown {
  checkJsonBounds(bytes, bounds);
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
}

/** Throws a RangeError if the bytes hold more than the bounds. They need not be one text: several, each on its line, will do. */
export function checkJsonBounds(bytes: Uint8Array, bounds: JsonBounds): void {
  let [parts, depth] = [0, 0];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) at = endOfText(bytes, at);
    parts += PARTS[byte] as number;
    depth += DEEPER[byte] as number;
    if (depth > bounds.depth) throw new RangeError(`nested deeper than ${bounds.depth}`);
    if (parts > bounds.parts) throw new RangeError(`more than ${bounds.parts} parts`);
  }
}

/** Where the text that begins at `from` has its closing quote. */
function endOfText(bytes: Uint8Array, from: number): number {
  let at = from + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}

function byteTable(given: Readonly<Record<string, number>>): Int8Array {
  const table = new Int8Array(256);
  for (const [letter, value] of Object.entries(given)) table[letter.charCodeAt(0)] = value;
  return table;
}
