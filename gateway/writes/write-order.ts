import type { UnixMs, Value } from '../../core/reading.ts';

/** A value that somebody wants a device to hold. */
export interface WriteOrder {
  /** What was done for an id is never done again. */
  readonly id: string;
  readonly via: 'hub' | 'bus' | 'twin';
  readonly by: string;
  /** `device/point` */
  readonly point: string;
  readonly value: Value;
  /** Only if the device holds this now. */
  readonly expect?: Value | undefined;
  /** The value once more, where the point is dangerous. */
  readonly confirm?: Value | undefined;
  /** Hub's clock: later it is not begun. Left out: it does not expire. */
  readonly expires?: UnixMs | undefined;
  /** Another process of this gateway may have begun it: it is answered, and never begun here. */
  readonly again?: true | undefined;
}
