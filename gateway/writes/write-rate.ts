import { Fault } from '../../core/faults.ts';
import type { PointSpec } from '../../devices/plant-types.ts';

/** Where a point says nothing: ten a minute, which no person and few programs need. */
const PRESET = { most: 10, per: 60_000 };

/** How often each point was written lately. It begins anew with the process. */
export class WriteRate {
  readonly #written = new Map<string, number[]>();

  /** Notes one more. Throws Fault write-rate. `ticks` are monotonic milliseconds. */
  take(point: string, { writeRate: { most, per } = PRESET }: PointSpec, ticks: number): void {
    const lately = (this.#written.get(point) ?? []).filter((at) => at > ticks - per);
    if (lately.length >= most) throw new Fault('write-rate', `${most} within ${per / 1000} s`);
    this.#written.set(point, [...lately, ticks]);
  }
}
