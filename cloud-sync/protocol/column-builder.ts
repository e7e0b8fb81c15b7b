import { faultToWire } from '../../core/faults.ts';
import type { Outcome, UnixMs, Value } from '../../core/reading.ts';
import { MAX_STAMP, MAX_TEXT_BYTES } from './body-models.ts';
import type { ColumnValues, ReadingColumn } from './frame.ts';

type Kind = ColumnValues['kind'];

/**
 * Gathers readings into columns. Keeps its arrays across `clear`, so that a steady gateway allocates nothing per reading.
 * What no frame can carry is put right here: a number that is none becomes the fault not-a-number, an overlong text
 * bad-text, and a stamp outside 1970..2200 moves to its edge.
 */
export class ColumnBuilder {
  readonly #points = new Map<number, GrowingColumn>();
  #count = 0;
  #textLength = 0;

  get count(): number {
    return this.#count;
  }

  /** About how many bytes a frame of what is here would take: to decide when to commit. */
  get estimatedBytes(): number {
    return this.#count * 2 + this.#textLength;
  }

  add(point: number, at: UnixMs, outcome: Outcome): void {
    let column = this.#points.get(point);
    if (column === undefined) {
      column = new GrowingColumn();
      this.#points.set(point, column);
    }
    column.add(Math.min(Math.max(Math.trunc(at), 0), MAX_STAMP - 1), outcome);
    this.#count++;
    if (outcome.quality === 'good' && typeof outcome.value === 'string') this.#textLength += outcome.value.length;
  }

  /** In point order; numbered column by column. The arrays are views that `add` and `clear` change: encode them first. */
  columns(): ReadingColumn[] {
    const points = [...this.#points.keys()].filter((point) => this.#points.get(point)?.length);
    return points.sort((one, other) => one - other).flatMap((point) => this.#points.get(point)?.columns(point) ?? []);
  }

  clear(): void {
    for (const [point, column] of this.#points) {
      if (column.length === 0) this.#points.delete(point);
      column.clear();
    }
    this.#count = 0;
    this.#textLength = 0;
  }
}

class GrowingColumn {
  length = 0;
  #times = new Float64Array(4);
  /** Numbers, and booleans as 0 and 1. */
  #numbers = new Float64Array(4);
  #texts: string[] = [];
  #faults = new Uint8Array(4);
  #kind: Kind | undefined;
  #anyFault = false;
  /** A point whose kind changes within a frame continues in a second column. */
  #next: GrowingColumn | undefined;

  add(at: UnixMs, outcome: Outcome): void {
    const kind = outcome.quality === 'good' ? kindOf(outcome.value) : this.#kind;
    if (this.#next !== undefined || (this.#kind !== undefined && kind !== this.#kind)) {
      this.#next ??= new GrowingColumn();
      this.#next.add(at, outcome);
      return;
    }
    this.#kind = kind;
    if (this.length === this.#times.length) this.#grow();
    this.#times[this.length] = at;
    const fault = outcome.quality === 'bad' ? faultToWire(outcome.fault) : faultOf(outcome.value);
    this.#faults[this.length] = fault;
    if (fault !== 0) this.#anyFault = true;
    else if (outcome.quality === 'good') this.#put(outcome.value);
    this.length++;
  }

  #put(value: Value): void {
    if (typeof value === 'string') this.#texts[this.length] = value;
    else this.#numbers[this.length] = Number(value);
  }

  columns(point: number): ReadingColumn[] {
    const times = this.#times.subarray(0, this.length);
    const values = this.#values();
    const column = { point, times, values };
    const own = this.#anyFault ? { ...column, faults: this.#faults.subarray(0, this.length) } : column;
    return this.#next ? [own, ...this.#next.columns(point)] : [own];
  }

  #values(): ColumnValues {
    if (this.#kind === 'boolean')
      return { kind: 'boolean', bits: new Uint8Array(this.#numbers.subarray(0, this.length)) };
    if (this.#kind !== 'text') return { kind: 'number', numbers: this.#numbers.subarray(0, this.length) };
    const texts: string[] = [];
    for (let at = 0; at < this.length; at++) texts.push(this.#texts[at] ?? '');
    return { kind: 'text', texts };
  }

  clear(): void {
    if (this.#anyFault) this.#numbers.fill(0);
    this.length = 0;
    this.#texts.length = 0;
    this.#kind = undefined;
    this.#anyFault = false;
    this.#next = undefined;
  }

  #grow(): void {
    this.#times = doubled(this.#times, new Float64Array(this.length * 2));
    this.#numbers = doubled(this.#numbers, new Float64Array(this.length * 2));
    this.#faults = doubled(this.#faults, new Uint8Array(this.length * 2));
  }
}

function doubled<T extends Float64Array | Uint8Array>(from: T, into: T): T {
  into.set(from);
  return into;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

function kindOf(value: Value): Kind {
  return typeof value === 'number' ? 'number' : typeof value === 'boolean' ? 'boolean' : 'text';
}

/** 0, or the wire number of the fault that a value no frame can carry becomes. */
function faultOf(value: Value): number {
  if (typeof value === 'number') return Number.isFinite(value) ? 0 : faultToWire('not-a-number');
  if (typeof value === 'boolean') return 0;
  const carried = !LONE_SURROGATE.test(value) && Buffer.byteLength(value) <= MAX_TEXT_BYTES;
  return carried ? 0 : faultToWire('bad-text');
}
