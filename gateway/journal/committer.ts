import type { Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import { Condition, type Log } from '../../core/log.ts';
import { delays } from '../../core/retry.ts';
import type { EpochLog } from './epoch-log.ts';
import type { Mark } from './frame-key.ts';
import { isFull } from './room.ts';
import type { SealedFrame } from './seal.ts';

export interface Commit {
  readonly frames: readonly SealedFrame[];
  /** Where the journal stood before, and stands after. */
  readonly from: Mark;
  readonly to: Mark;
}

export interface CommitHelpers {
  /** The epoch being written. */
  current(): EpochLog;
  /** After a failed write: if the disk is full, room is made. */
  makeRoom(error: unknown): Promise<void>;
  /** The disk is full and stays so: the segment being written is closed at `mark`. */
  closeToDisplace(mark: Mark): Promise<void>;
  /** The segment being written is damaged: it is closed at `mark`, and another one begins there. */
  leaveDamaged(mark: Mark): Promise<void>;
  /** Told of records that were on the disk and no longer are. */
  declareLost(from: Seq, to: Seq): Promise<void>;
}

/**
 * Writes a commit until it is on the disk. A failed write poisons the handle: it is closed, opened anew and its tail read
 * back, because an error means unknown, never "not stored". Only then is the commit repeated, or found to be there.
 */
export class Committer {
  readonly #clock: Clock;
  readonly #failing: Condition;
  readonly #helpers: CommitHelpers;
  #lastError: unknown;
  #triedAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, logger: Log, helpers: CommitHelpers) {
    this.#clock = clock;
    this.#helpers = helpers;
    this.#failing = new Condition(logger, 'writing to the journal fails');
  }

  /** True while a write has failed and has not been repaired. */
  get failing(): boolean {
    return this.#failing.active;
  }

  /** When a write last ended, well or not. */
  get triedAt(): number {
    return this.#triedAt;
  }

  /** Rejects only when the signal aborts: the commit's records are then in memory alone. */
  async write(commit: Commit, signal: AbortSignal): Promise<void> {
    for (const wait of delays({ firstMs: 100, ceilingMs: 10_000 })) {
      const error = await this.#attempt(commit);
      this.#triedAt = this.#clock.ticks();
      if (error === undefined) {
        this.#failing.end(this.#clock.ticks());
        return;
      }
      this.#failing.begin(this.#clock.ticks(), { error: String(error) });
      await this.#clock.sleep(wait, signal);
    }
  }

  async #attempt(commit: Commit): Promise<unknown> {
    try {
      if (this.#failing.active) {
        await this.#helpers.makeRoom(this.#lastError);
        await this.#helpers.current().reopen(this.#lastError);
        if (await this.#isStored(commit)) return undefined;
        if (isFull(this.#lastError)) await this.#helpers.closeToDisplace(commit.from);
      }
      await this.#helpers.current().append(commit.frames);
      return undefined;
    } catch (error) {
      this.#lastError = error;
      return error;
    }
  }

  /**
   * A batch is atomic: the tail is either where it was, or where the commit wanted it. If it is anywhere else, or its end cannot be
   * trusted, what is missing is declared, and the same frames go under the same numbers into another segment.
   */
  async #isStored(commit: Commit): Promise<boolean> {
    const current = this.#helpers.current();
    const { next } = await current.mark();
    const isWhole = await current.endsWhole();
    if (isWhole && next === commit.to.next) return true;
    if (next < commit.from.next) await this.#helpers.declareLost(next, commit.from.next);
    if (!isWhole || next !== commit.from.next) await this.#helpers.leaveDamaged(commit.from);
    return false;
  }
}
