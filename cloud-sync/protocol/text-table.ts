import { Fault } from '../../core/faults.ts';
import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { BODY, MAX_TEXT_BYTES } from './body-models.ts';
import { GrowingBytes } from './growing-bytes.ts';

/** Texts by number: 0 is one not seen before in this frame, n the n-th newest distinct one. */
export class TextWriter {
  readonly #numbers = new Map<string, number>();
  readonly #bytes = new GrowingBytes(64);

  write(out: BitWriter, text: string): void {
    const number = this.#numbers.get(text);
    if (number !== undefined) {
      out.number(BODY.text, this.#numbers.size - number);
      return;
    }
    const bytes = Buffer.from(text, 'utf8');
    if (bytes.length > MAX_TEXT_BYTES) throw new RangeError('a text value is longer than 4,096 bytes');
    out.number(BODY.text, 0);
    out.number(BODY.textLength, bytes.length);
    this.#bytes.append(bytes);
    this.#numbers.set(text, this.#numbers.size);
  }

  bytes(): Uint8Array {
    return this.#bytes.bytes();
  }
}

export class TextReader {
  readonly #texts: string[] = [];
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** @throws Fault frame-malformed */
  read(from: BitReader): string {
    const back = from.number(BODY.text);
    if (back > 0) {
      const text = this.#texts[this.#texts.length - back];
      if (text === undefined) throw new Fault('frame-malformed', 'text number');
      return text;
    }
    const length = from.number(BODY.textLength);
    if (length > MAX_TEXT_BYTES || this.#at + length > this.#bytes.length) throw new Fault('frame-malformed', 'text');
    const text = this.#bytes.toString('utf8', this.#at, this.#at + length);
    this.#at += length;
    this.#texts.push(text);
    return text;
  }

  finish(): void {
    if (this.#at !== this.#bytes.length) throw new Fault('frame-malformed', 'text left over');
  }
}
