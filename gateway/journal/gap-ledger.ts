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

  /** Declaring again completes the entry, never adds one; neighbours become one, so that the ledger stays short. */
  async declare(gap: Gap): Promise<void> {
    await this.#meta.set(() => ({ gaps: withGap(this.all(), gap) }));
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
    const isOpen = (gap: Gap) => gap.epoch !== epoch || gap.to > next;
    if (this.all().every(isOpen)) return;
    await this.#meta.set(() => ({ gaps: this.all().filter(isOpen) }));
  }
}

function withGap(all: readonly Gap[], gap: Gap): readonly Gap[] {
  const { epoch, from, to, reason } = gap;
  if (all.some((each) => each.epoch === epoch && each.from < from && to <= each.to)) return all;
  const others = all.filter((each) => each.epoch !== epoch || each.from !== from);
  const before = others.find((each) => each.epoch === epoch && each.to === from && each.reason === reason);
  if (before === undefined) return [...others, gap];
  const merged = { ...before, to, points: sum(before.points, gap.points) };
  return others.map((each) => (each === before ? merged : each));
}

function sum(one: Gap['points'] = {}, other: Gap['points'] = {}): Record<string, number> {
  const points = { ...one };
  for (const [point, count] of Object.entries(other)) points[point] = (points[point] ?? 0) + count;
  return points;
}
