import { Fault } from '../../core/faults.ts';
import type { Message } from './address.ts';
import { checkedBody } from './checksum.ts';

/** A line longer than this is no line. */
const MOST_BYTES = 1024;

type Framing = Pick<Message, 'start' | 'end' | 'length' | 'checksum'>;

/** Where the first whole line stands in `text`: from its start mark to behind its end mark. */
function findLine(text: string, { start, end, length }: Framing): { from: number; to: number } | undefined {
  const from = start === '' ? 0 : text.indexOf(start);
  if (from < 0) return undefined;
  const body = from + start.length;
  if (length !== undefined) {
    const to = body + length + end.length;
    return text.length < to ? undefined : { from, to };
  }
  const stop = text.indexOf(end, body);
  return stop < 0 ? undefined : { from, to: stop + end.length };
}

/** What stands between the marks, checksum checked and taken off. Throws garbled. */
export function lineBody(line: string, { start, end, length, checksum }: Framing): string {
  const whole = line.slice(start.length, line.length - end.length);
  if (!line.endsWith(end) || (length !== undefined && whole.length !== length)) {
    throw new Fault('garbled', 'a line without its end, or of another length');
  }
  const body = checkedBody(checksum, whole);
  if (body === undefined) throw new Fault('garbled', 'wrong checksum');
  return body;
}

/** The `until` of an exchange that waits for one line. */
export function untilLine(framing: Framing): (bytes: Uint8Array) => number {
  return (bytes) => {
    const text = toText(bytes);
    const line = findLine(text, framing);
    if (line !== undefined) return line.to;
    if (bytes.length > MOST_BYTES) throw new Fault('garbled', 'a line without end');
    return 0;
  };
}

export function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** Cuts a stream into the lines that `framing` describes; what does not begin with the start mark is skipped. */
export class LineCutter {
  readonly #framing: Framing;
  #text = '';

  constructor(framing: Framing) {
    this.#framing = framing;
  }

  push(bytes: Uint8Array): string[] {
    this.#text += toText(bytes);
    const lines: string[] = [];
    for (let found = findLine(this.#text, this.#framing); found; found = findLine(this.#text, this.#framing)) {
      const to = this.#endOf(found);
      lines.push(this.#lastStart(this.#text.slice(found.from, to)));
      this.#text = this.#text.slice(to);
    }
    if (this.#text.length > MOST_BYTES) this.#text = this.#text.slice(-MOST_BYTES);
    return lines;
  }

  /** A line of fixed length that does not end where it should was begun in its middle: the next one begins behind its end mark. */
  #endOf({ from, to }: { from: number; to: number }): number {
    const { end } = this.#framing;
    if (this.#text.endsWith(end, to)) return to;
    const stop = this.#text.indexOf(end, from);
    return stop < 0 ? this.#text.length - end.length + 1 : stop + end.length;
  }

  /** A line that was cut off by the next one's start is left behind. */
  #lastStart(line: string): string {
    const { start, length } = this.#framing;
    return start === '' || length !== undefined ? line : line.slice(line.lastIndexOf(start));
  }
}
