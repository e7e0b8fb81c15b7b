import type { Gap } from '../../cloud-sync/protocol/messages.ts';
import type { Epoch, Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Meta } from './meta.ts';

/** Losses this gateway has declared. They travel in `hello` until the hub has confirmed numbers beyond them. */
export class GapLedger {
  readonly #meta: Meta;

  constructor(meta: Meta) {
    this.#meta = meta;
  }

  all(): readonly Gap[] {
    return this.#meta.get('gaps');
  }

  /** Keyed by epoch and first number: declaring again completes the entry, never adds one. */
  async declare(gap: Gap): Promise<void> {
    const others = this.all().filter(({ epoch, from }) => epoch !== gap.epoch || from !== gap.from);
    await this.#meta.set({ gaps: [...others, gap] });
  }

  /** The first number at or after `seq` that is not declared lost. */
  skip(epoch: Epoch, seq: Seq): Seq {
    let at = seq;
    for (const gap of [...this.all()].sort((a, b) => a.from - b.from)) {
      if (gap.epoch === epoch && gap.from <= at && at < gap.to) at = gap.to;
    }
    return at;
  }

  /** The hub has stored or recorded everything below `next`. */
  async confirmed(epoch: Epoch, next: Seq): Promise<void> {
    const open = this.all().filter((gap) => gap.epoch !== epoch || gap.to > next);
    if (open.length < this.all().length) await this.#meta.set({ gaps: open });
  }
}
