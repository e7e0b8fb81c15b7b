import type { DeviceLimits, RegisterRange } from '../../devices/driver.ts';
import { RetryTimes } from './retry-times.ts';

/** Blocks of registers have a limit of their own, and so have those of coils and discrete inputs. */
export type BlockKind = 'registers' | 'bits';

/** Longest blocks that a device takes, if shorter than its limits say. */
export type Lengths = { readonly [Kind in BlockKind]?: number };

const BITS = ['coil', 'discrete'];

/**
 * How long the blocks may be that a device takes, where it has refused longer ones. Longer ones are tried now and then, up to twice as
 * long: by now it may have another firmware, or be another device. Times in ticks, ms.
 */
export class BlockLengths {
  readonly #known = new Map<BlockKind, { readonly length: number; readonly retry: RetryTimes }>();

  constructor({ registers, bits }: Lengths, now: number) {
    if (registers !== undefined) this.#learn('registers', registers, now);
    if (bits !== undefined) this.#learn('bits', bits, now);
  }

  get learnt(): Lengths {
    return Object.fromEntries([...this.#known].map(([kind, { length }]) => [kind, length]));
  }

  /** The limits as far as the device takes them; blocks of kind `longer` up to twice as long as it took so far. */
  within(limits: DeviceLimits, longer?: BlockKind): DeviceLimits {
    const most = (kind: BlockKind) =>
      Math.min(limits[kind], (this.#known.get(kind)?.length ?? limits[kind]) * (kind === longer ? 2 : 1));
    return { ...limits, registers: most('registers'), bits: most('bits') };
  }

  /** The device takes blocks as long as this, and has been seen to take no longer ones. Returns their kind. */
  learn(longest: RegisterRange, now: number): BlockKind {
    const kind = kindOf(longest);
    this.#learn(kind, lengthOf(longest), now);
    return kind;
  }

  forget(kind: BlockKind): void {
    this.#known.delete(kind);
  }

  /** Kinds of blocks of which a longer one is to be tried. */
  due(now: number): BlockKind[] {
    return [...this.#known].filter(([, { retry }]) => retry.isDue(now)).map(([kind]) => kind);
  }

  isLonger(kind: BlockKind, range: RegisterRange): boolean {
    return kindOf(range) === kind && lengthOf(range) > (this.#known.get(kind)?.length ?? Number.POSITIVE_INFINITY);
  }

  taken(kind: BlockKind, now: number): void {
    this.#known.get(kind)?.retry.taken(now);
  }

  unclear(range: RegisterRange, now: number): void {
    this.#known.get(kindOf(range))?.retry.unclear(now);
  }

  #learn(kind: BlockKind, length: number, now: number): void {
    this.#known.set(kind, { length, retry: new RetryTimes(now) });
  }
}

function kindOf({ table }: RegisterRange): BlockKind {
  return BITS.includes(table) ? 'bits' : 'registers';
}

function lengthOf({ from, to }: RegisterRange): number {
  return to - from + 1;
}
