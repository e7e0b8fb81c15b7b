import type { SerialSettings } from '../driver.ts';

/** What most devices are set to when they leave the factory, the commonest first. */
export const COMMON_SPEEDS: readonly number[] = [9600, 19_200, 115_200];
export const COMMON_PARITIES: readonly SerialSettings['parity'][] = ['none', 'even'];

/** Every speed with every parity. */
export function serialSettings(
  speeds: readonly number[] = COMMON_SPEEDS,
  parities: readonly SerialSettings['parity'][] = COMMON_PARITIES,
): SerialSettings[] {
  return speeds.flatMap((baudRate) =>
    parities.map((parity): SerialSettings => ({ baudRate, dataBits: 8, parity, stopBits: 1 })),
  );
}
