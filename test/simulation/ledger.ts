import type { Epoch, Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Log } from '../../core/log.ts';
import { type Counts, type Range, Reports } from '../support/reports.ts';
import type { Held } from './sim-hub.ts';
import type { SimProcess } from './sim-time.ts';

/** A value tells its point and which reading of it this is. */
const POINT = 10_000_000;

export interface Verdict extends Counts {
  /** Numbers reported a second time for other records. */
  readonly reused: number;
}

/** What is known outside of all that can fail: which values were made, and what gateways said to be on disk. */
export class Ledger {
  readonly #reports = new Reports();
  readonly #made = new Map<number, number>();

  nextValue(point: number): number {
    const n = this.#made.get(point) ?? 0;
    this.#made.set(point, n + 1);
    return point * POINT + n;
  }

  /** A card's image was put back: what was journalled since it was taken is known to nobody. */
  forget(image: ReadonlyMap<Epoch, Seq>): void {
    this.#reports.forget(image);
  }

  reported(): ReadonlyMap<Epoch, Seq> {
    return new Map(this.#reports.journalled);
  }

  /** A log that reads along, as long as its process lives. */
  log(process: SimProcess): Log {
    const read = (
      detail: { epoch: Epoch; from: Seq; next: Seq; at: Seq; to: Epoch; moved: number; newest: Epoch },
      message?: string,
    ) => {
      if (!process.alive) return;
      const { epoch, from, next, at, to, moved, newest } = detail;
      if (message === 'journalled') this.#reports.add(epoch, from, next);
      if (message === 'parted') this.#reports.part(epoch, at, to, moved);
      if (message === 'journal ended') this.#reports.end(epoch, at, newest);
    };
    const quiet = () => {};
    return { debug: read, info: read, warn: quiet, error: quiet, trace: quiet, fatal: quiet } as unknown as Log;
  }

  judge(held: readonly Held[]): Verdict {
    const verdict = {
      ...{ journalled: 0, stored: 0, declared: 0, unreported: 0, undeclared: 0 },
      ...{ twice: 0, misplaced: 0, disordered: 0, falselyDeclared: 0 },
    };
    const { journalled, leaps, reused } = this.#reports;
    for (const [epoch, next] of journalled) {
      if (held.some((each) => each.epoch === epoch)) continue;
      verdict.journalled += next;
      verdict.undeclared += next;
    }
    const seen = new Set<number>();
    for (const each of held) {
      const numbers = numbersOf(each);
      const lost = new Set<number>();
      for (const gap of each.gaps.values()) addAll(lost, gap);
      const leapt = new Set<number>();
      for (const leap of leaps.get(each.epoch) ?? []) addAll(leapt, leap);
      const reported = journalled.get(each.epoch) ?? 0;
      for (let at = 0; at < Math.max(reported, each.cursor.next); at++) {
        const [isStored, isLost] = [numbers.has(at), lost.has(at)];
        if (!isStored && !isLost) verdict.undeclared++;
        if (isStored && isLost) verdict.falselyDeclared++;
        const isReported = at < reported && !(leapt.has(at) && isLost);
        if (isReported) verdict.journalled++;
        if (isReported && isStored) verdict.stored++;
        if (isLost) verdict[isReported ? 'declared' : 'unreported']++;
      }
      verdict.twice += each.frames.reduce((sum, { header }) => sum + header.count, 0) - numbers.size;
      judgeValues(each, seen, verdict);
    }
    return { ...verdict, reused };
  }
}

function addAll(numbers: Set<number>, { from, to }: Range): void {
  for (let at = from; at < to; at++) numbers.add(at);
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
