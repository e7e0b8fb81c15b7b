import type { EpochState } from '../../cloud-sync/edge-hub/outbox.ts';
import type { Chain, Epoch, Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { EpochLog } from './epoch-log.ts';
import type { Mark } from './frame-key.ts';
import type { EpochRecord, Meta } from './meta.ts';

/** The epochs of this journal, oldest first, with where each stands and what the hub has of it. The last is written to. */
export class Epochs {
  readonly #meta: Meta;
  #logs: readonly EpochLog[];
  readonly #marks: Map<Epoch, Mark>;
  readonly #confirmed = new Map<Epoch, Seq>();

  constructor(meta: Meta, logs: readonly EpochLog[], marks: ReadonlyMap<Epoch, Mark>) {
    this.#meta = meta;
    this.#logs = logs;
    this.#marks = new Map(marks);
    for (const record of meta.get('epochs')) this.#confirmed.set(record.epoch, record.confirmed);
  }

  get all(): readonly EpochLog[] {
    return this.#logs;
  }

  get current(): EpochLog {
    return this.#logs.at(-1) as EpochLog;
  }

  /** Where the current one stands: everything below is on the disk. */
  get mark(): Mark {
    return this.#marks.get(this.current.epoch) as Mark;
  }

  /** @throws TypeError for an epoch that is not of this journal, or no longer. */
  find(epoch: Epoch): EpochLog {
    const found = this.#logs.find((log) => log.epoch === epoch);
    if (found === undefined) throw new TypeError(`no epoch ${epoch} in this journal`);
    return found;
  }

  has(epoch: Epoch): boolean {
    return this.#logs.some((log) => log.epoch === epoch);
  }

  markOf(epoch: Epoch): Mark | undefined {
    return this.#marks.get(epoch);
  }

  record(epoch: Epoch): EpochRecord {
    return this.#meta.get('epochs').find((each) => each.epoch === epoch) as EpochRecord;
  }

  /** Frames up to `mark` are on the disk. */
  advance(mark: Mark): void {
    this.#marks.set(this.current.epoch, mark);
  }

  confirmedBelow(epoch: Epoch): Seq {
    return this.#confirmed.get(epoch) ?? 0;
  }

  confirm(epoch: Epoch, next: Seq): void {
    if (this.has(epoch)) this.#confirmed.set(epoch, next);
  }

  /** Another one is written from now on; those before it have ended. */
  begin(log: EpochLog, mark: Mark): void {
    this.#logs = [...this.#logs, log];
    this.#marks.set(log.epoch, mark);
  }

  ended(epoch: Epoch, mark: Mark): void {
    this.#marks.set(epoch, mark);
    this.#confirmed.set(epoch, Math.min(this.confirmedBelow(epoch), mark.next));
  }

  forget(epoch: Epoch): void {
    this.#logs = this.#logs.filter((log) => log.epoch !== epoch);
    this.#marks.delete(epoch);
    this.#confirmed.delete(epoch);
  }

  states(): readonly EpochState[] {
    return this.#logs.map(({ epoch, floor }) => {
      const { next, chain } = this.#marks.get(epoch) as Mark;
      const boots = this.record(epoch).boots.map(([boot, at, hash]): [number, Seq, Chain] => [boot, at, hash]);
      return { epoch, floor, next, chain, confirmed: this.confirmedBelow(epoch), boots };
    });
  }
}
