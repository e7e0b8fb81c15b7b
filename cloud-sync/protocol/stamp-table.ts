import { Fault } from '../../core/faults.ts';
import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { BODY, MAX_STAMP, STAMP_BITS, unzigzag, zigzag } from './body-models.ts';
import type { ReadingColumn } from './frame.ts';

/**
 * The instants of a frame, each once, rising. Points polled together share them, so a column names them by their places:
 * the first relative to the column before, then by the change of step, which a steady rhythm makes zero.
 */
export class StampWriter {
  readonly #places = new Map<number, number>();
  #before: Float64Array = new Float64Array(0);
  #first = 0;

  constructor(out: BitWriter, columns: readonly ReadingColumn[]) {
    const stamps = distinct(columns);
    if ((stamps[0] as number) < 0 || (stamps.at(-1) as number) >= MAX_STAMP || !stamps.every(Number.isInteger)) {
      throw new RangeError('a time stamp is not whole, or outside 1970..2200');
    }
    out.number(BODY.stamps, stamps.length);
    let before = stamps[0] as number;
    let step = 0;
    out.plain(STAMP_BITS, before);
    for (const [place, stamp] of stamps.entries()) {
      if (place > 0) out.number(BODY.stampStep, zigzag(stamp - before - step));
      if (place > 0) step = stamp - before;
      this.#places.set(stamp, place);
      before = stamp;
    }
  }

  column(out: BitWriter, times: Float64Array): void {
    const same = isSame(times, this.#before);
    out.bit(BODY.sameTimes, same ? 1 : 0);
    if (same) return;
    this.#before = times;
    let before = this.#places.get(times[0] as number) as number;
    out.number(BODY.firstStamp, zigzag(before - this.#first));
    this.#first = before;
    let step = 1;
    for (let at = 1; at < times.length; at++) {
      const place = this.#places.get(times[at] as number) as number;
      out.number(BODY.nextStamp, zigzag(place - before - step));
      step = place - before;
      before = place;
    }
  }
}

function distinct(columns: readonly ReadingColumn[]): Float64Array {
  const seen = new Set<number>();
  let before = new Float64Array(0);
  for (const { times } of columns) {
    if (isSame(times, before)) continue;
    for (let at = 0; at < times.length; at++) seen.add(times[at] as number);
    before = times as Float64Array<ArrayBuffer>;
  }
  return Float64Array.from(seen).sort();
}

function isSame(one: Float64Array, other: Float64Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

export class StampReader {
  readonly #stamps: Float64Array;
  #before: Float64Array = new Float64Array(0);
  #first = 0;

  /** @throws Fault frame-malformed */
  constructor(from: BitReader, count: number) {
    const distinct = from.number(BODY.stamps);
    if (distinct === 0 || distinct > count) throw new Fault('frame-malformed', 'stamps');
    this.#stamps = new Float64Array(distinct);
    let stamp = from.plain(STAMP_BITS);
    let step = 0;
    for (let place = 0; place < distinct; place++) {
      if (place > 0) step += unzigzag(from.number(BODY.stampStep));
      if (step < 0) throw new Fault('frame-malformed', 'stamps do not rise');
      stamp += step;
      if (stamp >= MAX_STAMP) throw new Fault('frame-malformed', 'stamp beyond 2200');
      this.#stamps[place] = stamp;
    }
  }

  /** @throws Fault frame-malformed */
  column(from: BitReader, length: number): Float64Array {
    if (from.bit(BODY.sameTimes) === 1) {
      if (this.#before.length !== length) throw new Fault('frame-malformed', 'same times');
      return this.#before;
    }
    const times = new Float64Array(length);
    let place = this.#first + unzigzag(from.number(BODY.firstStamp));
    this.#first = place;
    times[0] = this.#at(place);
    let step = 1;
    for (let at = 1; at < length; at++) {
      step += unzigzag(from.number(BODY.nextStamp));
      place += step;
      times[at] = this.#at(place);
    }
    this.#before = times;
    return times;
  }

  #at(place: number): number {
    const stamp = this.#stamps[place];
    if (stamp === undefined) throw new Fault('frame-malformed', 'stamp number');
    return stamp;
  }
}
