import type { Epoch, Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Log } from '../../core/log.ts';
import type { Held } from './sim-hub.ts';
import type { SimProcess } from './sim-time.ts';

/** A value tells its point and which reading of it this is. */
const POINT = 10_000_000;

export interface Verdict {
  /** Records that a gateway said to be on disk. */
  readonly journalled: number;
  readonly stored: number;
  readonly declared: number;
  /** Reported, or below the hub's cursor, and neither stored nor declared lost. */
  readonly undeclared: number;
  readonly twice: number;
  /** Values at another point than theirs. */
  readonly misplaced: number;
  /** Readings of a point that do not follow the one before in their journal. */
  readonly disordered: number;
  /** Declared lost, and stored. */
  readonly falselyDeclared: number;
  /** Numbers reported a second time for other records. */
  readonly reused: number;
}

/** What is known outside of all that can fail: which values were made, and what gateways said to be on disk. */
export class Ledger {
  readonly #journalled = new Map<Epoch, Seq>();
  readonly #made = new Map<number, number>();
  #reused = 0;

  nextValue(point: number): number {
    const n = this.#made.get(point) ?? 0;
    this.#made.set(point, n + 1);
    return point * POINT + n;
  }

  /** A card's image was put back: what was journalled since it was taken is known to nobody. */
  forget(image: ReadonlyMap<Epoch, Seq>): void {
    this.#journalled.clear();
    for (const [epoch, next] of image) this.#journalled.set(epoch, next);
  }

  reported(): ReadonlyMap<Epoch, Seq> {
    return new Map(this.#journalled);
  }

  /** A log that reads along, as long as its process lives. */
  log(process: SimProcess): Log {
    const read = (detail: { epoch?: Epoch; from?: Seq; next?: Seq; at?: Seq }, message?: string) => {
      if (!process.alive) return;
      const { epoch, from, next, at } = detail ?? {};
      if (message === 'journalled' && epoch !== undefined && from !== undefined && next !== undefined) {
        const known = this.#journalled.get(epoch) ?? 0;
        this.#reused += Math.max(0, known - from);
        this.#journalled.set(epoch, Math.max(known, next));
      }
      // What was moved to a new epoch is reported there.
      if (message === 'parted' && epoch !== undefined && at !== undefined) this.#journalled.set(epoch, at);
    };
    const quiet = () => {};
    return { debug: read, info: read, warn: quiet, error: quiet, trace: quiet, fatal: quiet } as unknown as Log;
  }

  judge(held: readonly Held[]): Verdict {
    const verdict = { journalled: 0, stored: 0, declared: 0, undeclared: 0, twice: 0, misplaced: 0, disordered: 0 };
    const seen = new Set<number>();
    let falselyDeclared = 0;
    for (const [epoch, next] of this.#journalled) {
      verdict.journalled += next;
      if (!held.some((each) => each.epoch === epoch)) verdict.undeclared += next;
    }
    for (const each of held) {
      const numbers = numbersOf(each);
      const lost = new Set<number>();
      for (const { from, to } of each.gaps.values()) for (let at = from; at < to; at++) lost.add(at);
      const owed = Math.max(this.#journalled.get(each.epoch) ?? 0, each.cursor.next);
      verdict.stored += numbers.size;
      verdict.declared += lost.size;
      verdict.twice += each.frames.reduce((sum, { header }) => sum + header.count, 0) - numbers.size;
      for (let at = 0; at < owed; at++) if (!numbers.has(at) && !lost.has(at)) verdict.undeclared++;
      for (const at of lost) if (numbers.has(at)) falselyDeclared++;
      judgeValues(each, seen, verdict);
    }
    return { ...verdict, falselyDeclared, reused: this.#reused };
  }
}

function numbersOf({ frames }: Held): Set<number> {
  const numbers = new Set<number>();
  for (const { header } of frames) for (let at = 0; at < header.count; at++) numbers.add(header.first + at);
  return numbers;
}

function judgeValues(
  { frames }: Held,
  seen: Set<number>,
  verdict: { twice: number; misplaced: number; disordered: number },
) {
  const last = new Map<number, number>();
  for (const frame of frames) {
    if (frame.kind === 'events') continue;
    for (const { point, values, faults } of frame.columns) {
      if (values.kind !== 'number') continue;
      values.numbers.forEach((value, index) => {
        if (faults?.[index]) return;
        if (seen.has(value)) verdict.twice++;
        seen.add(value);
        if (Math.floor(value / POINT) !== point) verdict.misplaced++;
        else if (value <= (last.get(point) ?? -1)) verdict.disordered++;
        last.set(point, value);
      });
    }
  }
}
