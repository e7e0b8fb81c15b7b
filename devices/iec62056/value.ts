import { bad, good, type Outcome } from '../../core/reading.ts';
import { inUnit } from '../named-units.ts';
import { isMeant, type ObisAddress } from './address.ts';
import type { DataSet } from './readout.ts';

/** The value of a point in a readout. A code that is not there is illegal-address: the meter is set to send other data. */
export function pointValue(address: ObisAddress, sets: readonly DataSet[]): Outcome {
  const set = sets.find(({ code }) => code === address.obis) ?? sets.find(({ code }) => isMeant(address.obis, code));
  const value = set?.values[address.value - 1];
  if (value === undefined) return bad('illegal-address');
  const { text, unit } = value;
  if (text === '' || /^-+$/.test(text) || address.invalid.includes(text)) return bad('no-value');
  if (address.type === 'string') return good(text);
  if (address.type === 'bool') return text === '0' || text === '1' ? good(text === '1') : bad('bad-text');
  if (!/^[+-]?\d+(\.\d+)?$/.test(text)) return bad('bad-text');
  const number = Number(text) + 0;
  // A meter that names no unit is believed to use the one the profile says; one that names another is not.
  const wanted = address.unit === undefined || unit === undefined ? number : inUnit(number, unit, address.unit);
  return wanted === undefined ? bad('wrong-unit') : good(wanted);
}
