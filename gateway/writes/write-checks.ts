import { Fault } from '../../core/faults.ts';
import type { UnixMs } from '../../core/reading.ts';
import { whyNotWrite } from '../../core/write-limits.ts';
import type { PointSpec } from '../../devices/plant-types.ts';
import type { WriteOrder } from './write-order.ts';

/** Throws Fault not-writable, value-unfit, write-confirm. */
export function checkValue(spec: PointSpec, { value, confirm }: Pick<WriteOrder, 'value' | 'confirm'>): void {
  if (!spec.writable) throw new Fault('not-writable', spec.name);
  const reason = whyNotWrite(spec, value);
  if (reason !== undefined) throw new Fault('value-unfit', reason);
  if (spec.dangerous && confirm !== value) throw new Fault('write-confirm', spec.name);
}

/** A session across the world has measured the hub's time better than this. */
const MOST_ERROR_MS = 10_000;

/**
 * Throws Fault request-expired; clock-uncertain where that cannot be told. A command in doubt is not begun: its time must be over by no
 * reckoning.
 */
export function checkExpiry(
  expires: UnixMs | undefined,
  hub: { readonly now: UnixMs; readonly errorMs: number } | undefined,
): void {
  if (expires === undefined) return;
  if (hub === undefined || hub.errorMs > MOST_ERROR_MS) throw new Fault('clock-uncertain');
  if (expires < hub.now - hub.errorMs) throw new Fault('request-expired');
  if (expires < hub.now + hub.errorMs) throw new Fault('clock-uncertain', `to within ${Math.round(hub.errorMs)} ms`);
}
