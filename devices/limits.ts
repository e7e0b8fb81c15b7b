import type { DeviceLimits } from './driver.ts';
import type { LimitsGiven } from './point-schema.ts';

/** What a device takes when nobody says otherwise. A gap of 8 registers costs less than another request, on a slow line and on a fast one. */
export const STANDARD_LIMITS: DeviceLimits = {
  ...{ registers: 125, bits: 2000, maxGap: 8, forbidden: [] },
  ...{ bitsFromZero: false, onePointPerRequest: false, pauseMs: 0 },
};

/** The device's own word, else its profile's, else the standard's; what either forbids is forbidden. */
export function mergeLimits(
  profile: LimitsGiven = {},
  own: LimitsGiven = {},
  maxGap: number | undefined = undefined,
): DeviceLimits {
  const pick = <Key extends keyof LimitsGiven>(key: Key) => own[key] ?? profile[key];
  return {
    registers: pick('registers') ?? STANDARD_LIMITS.registers,
    bits: pick('bits') ?? STANDARD_LIMITS.bits,
    maxGap: maxGap ?? pick('maxGap') ?? STANDARD_LIMITS.maxGap,
    forbidden: [...(profile.forbidden ?? []), ...(own.forbidden ?? [])],
    bitsFromZero: pick('bitsFromZero') ?? STANDARD_LIMITS.bitsFromZero,
    onePointPerRequest: pick('onePointPerRequest') ?? STANDARD_LIMITS.onePointPerRequest,
    pauseMs: pick('pause') ?? STANDARD_LIMITS.pauseMs,
  };
}
