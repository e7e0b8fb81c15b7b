import type { Epoch, Seq } from '../cloud-sync/protocol/numbers.ts';
import type { FaultCode } from '../core/faults.ts';
import type { UnixMs, Value } from '../core/reading.ts';

/** The newest reading of a point that the hub has heard of. */
export interface Latest {
  readonly at: UnixMs;
  readonly value: Value | null;
  /** Instead of a value. */
  readonly fault?: FaultCode;
  /** Where it stands in its journal; left out for one from the live lane, which is not stored yet. */
  readonly place?: { readonly epoch: Epoch; readonly seq: Seq };
}

/** A reading stamped further ahead than this comes from a clock that was wrong. */
const FUTURE_MS = 60_000;

/** Newest readings in memory, by `gateway/device/point`. */
export class LatestTable {
  readonly #table = new Map<string, Latest>();

  find(point: string): Latest | undefined {
    return this.#table.get(point);
  }

  /** Takes a reading if it is newer than the one held; says whether it was. */
  offer(point: string, reading: Latest, now: UnixMs): boolean {
    const held = this.#table.get(point);
    if (held && !isNewer(reading, held, now)) return false;
    this.#table.set(point, reading);
    return true;
  }
}

/**
 * Within one journal the number decides, so that a clock set back does not freeze the screen. The live lane speaks of now.
 * Between journals, and after a live value, only the stamp is left.
 */
export function isNewer(reading: Latest, held: Latest, now: UnixMs): boolean {
  if (reading.place && held.place?.epoch === reading.place.epoch) return reading.place.seq > held.place.seq;
  if (reading.place === undefined || held.at > now + FUTURE_MS) return true;
  return reading.at >= held.at;
}
