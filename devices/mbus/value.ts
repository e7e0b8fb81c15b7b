import type { FaultCode } from '../../core/faults.ts';
import { bad, good, type Outcome } from '../../core/reading.ts';
import { shortestFloat32 } from '../modbus/decimals.ts';
import { inUnit, tenfold } from '../named-units.ts';
import { dateOf, dateTimeOf } from './dates.ts';
import { FLAGS, TEXTS } from './quantities.ts';
import type { DataRecord } from './records.ts';

/** What a meter says is wrong with a record [EN 13757-3:2018, table 16]. */
const RECORD_ERRORS: Readonly<Record<number, FaultCode>> = {
  21: 'no-value',
  22: 'out-of-range',
  23: 'out-of-range',
  24: 'device-failure',
};

/** The value of a record, numbers in `unit`; left out: in the record's own. */
export function recordValue(record: DataRecord, unit: string | undefined): Outcome {
  if (record.error > 0) return bad(RECORD_ERRORS[record.error] ?? 'unexpected-data');
  if (record.coding === 'none') return bad('no-value');
  if (record.quantity === 'date') return dateOf(record.data);
  if (record.quantity === 'date-time') return dateTimeOf(record.data);
  if (record.coding === 'text') return textOf(record);
  const raw = rawOf(record);
  if (typeof raw === 'string') return bad(raw);
  if (TEXTS.includes(record.quantity)) return good(String(raw));
  const value = tenfold(raw, record.exponent) + record.offset;
  const wanted = unit === undefined || record.unit === undefined ? value : inUnit(value, record.unit, unit);
  if (wanted === undefined) return bad('unexpected-data');
  return Number.isFinite(wanted) ? good(wanted) : bad('not-a-number');
}

function textOf({ quantity, data }: DataRecord): Outcome {
  const text = Buffer.from(data).reverse().toString('latin1').replaceAll('\0', '').trim();
  if (TEXTS.includes(quantity) || quantity === 'named' || quantity === 'unknown') return good(text);
  return /^[+-]?\d+(\.\d+)?$/.test(text) ? good(Number(text)) : bad('unexpected-data');
}

/** The number as it stands in the record, or why it is none. */
function rawOf({ quantity, coding, data }: DataRecord): number | FaultCode {
  if (FLAGS.includes(quantity) && coding === 'integer' && data.length <= 6) return data.readUIntLE(0, data.length);
  if (coding === 'float') {
    const value = data.readFloatLE(0);
    return Number.isFinite(value) ? shortestFloat32(value) : 'not-a-number';
  }
  if (coding === 'bcd') return bcdOf(data);
  if (coding === 'bcd-negative') {
    const digits = bcdOf(data);
    return typeof digits === 'number' ? 0 - digits : digits;
  }
  return coding === 'integer' ? integerOf(data) : 'unexpected-data';
}

/** Two's complement; the lowest value says: none [EN 13757-3:2018, annex A, type B]. */
function integerOf(data: Buffer): number | FaultCode {
  if (data.length > 6) {
    const wide = data.readBigInt64LE(0);
    if (wide === -(2n ** 63n)) return 'no-value';
    return Number.isSafeInteger(Number(wide)) ? Number(wide) : 'value-too-large';
  }
  const value = data.readIntLE(0, data.length);
  return value === -(2 ** (8 * data.length - 1)) ? 'no-value' : value;
}

/** Digits, the lowest first. A leading F is the minus; any other letter says that there is no value [annex A, type A]. */
function bcdOf(data: Buffer): number | FaultCode {
  const digits = Buffer.from(data).reverse().toString('hex');
  if (/^\d+$/.test(digits)) return Number(digits);
  const [sign, rest] = [digits[0], digits.slice(1)];
  return sign === 'f' && /^\d+$/.test(rest) ? 0 - Number(rest) : 'no-value';
}
