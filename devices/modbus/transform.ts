import { bad, good, type Outcome } from '../../core/reading.ts';
import type { Transform } from './register-types.ts';

/** A number as its device codes it, turned into what people mean by it. */
export function transformed(transform: Transform, outcome: Outcome): Outcome {
  if (outcome.quality === 'bad' || typeof outcome.value !== 'number') return outcome;
  return TRANSFORMS_BY[transform](outcome.value);
}

const TRANSFORMS_BY: Readonly<Record<Transform, (coded: number) => Outcome>> = {
  'four-quadrant-pf': fourQuadrant,
};

/**
 * Power factor from one register that also names the quadrant: up to 1 in size it is the power factor itself (lagging), beyond
 * that it is what is missing to 2 (leading). The result has the sign of the active power, -1 to 1; a device has no power factor
 * beyond 2 [Schneider Electric, PM5300 user manual EAV15107, Power factor register format, floating point registers].
 */
function fourQuadrant(coded: number): Outcome {
  if (Math.abs(coded) > 2) return bad('out-of-range');
  if (Math.abs(coded) <= 1) return good(coded);
  const value = coded > 0 ? 2 - coded : -2 - coded;
  // 2 - 1.07 is 0.9299999999999999 in binary; nobody measures a power factor to 12 digits. There is no -0.
  return good(Number(value.toPrecision(12)) + 0);
}
