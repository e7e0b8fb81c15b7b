import { bad, good, type Outcome, type Value } from '../../core/reading.ts';
import type { Dlt645Address } from './address.ts';

/** The value of a point in the data of its identification. Bytes come the lowest first [DL/T 645-2007, 5.2]. */
export function valueIn(data: Buffer, address: Dlt645Address): Outcome {
  const { at = 0, length, coding } = address;
  if (data.length < at + length || (address.at === undefined && data.length !== length)) return bad('unexpected-data');
  const own = Buffer.from(data.subarray(at, at + length)).reverse();
  if (coding === 'string') return good(textOf(own));
  if (coding === 'bcd') return decimalOf(own, address);
  if (coding === 'uint') return good(own.readUIntBE(0, length));
  const isOn = (bit: number) => (((own[length - 1 - (bit >> 3)] as number) >> (bit & 7)) & 1) === 1;
  if (coding === 'bool') return good(isOn(address.bit));
  const set = Array.from({ length: length * 8 }, (_, bit) => bit).filter(isOn);
  return good(set.map((bit) => address.bits[bit] ?? `bit ${bit}`).join(', '));
}

/** The bytes that `valueIn` reads the value from; what does not fit shows as nines. For the simulator. */
export function bytesOf(value: Value, { length, coding, decimals, signed, bit }: Dlt645Address): Buffer {
  const own = Buffer.alloc(length);
  if (coding === 'string') own.write(String(value).slice(0, length).padStart(length), 'latin1');
  else if (coding === 'uint') own.writeUIntBE(Math.min(Number(value), 2 ** (8 * length) - 1), 0, length);
  else if (coding === 'bool') own[length - 1 - (bit >> 3)] = value ? 1 << (bit & 7) : 0;
  else if (coding === 'bcd') {
    const places = length * 2;
    const most = 10 ** places / (signed ? 1.25 : 1) - 1;
    const whole = Math.min(Math.round(Math.abs(Number(value)) * 10 ** decimals), most);
    own.write(String(whole).padStart(places, '0'), 'hex');
    if (signed && Number(value) < 0) own[0] = (own[0] as number) | 0x80;
  }
  return own.reverse();
}

/** All ones are how meters write that they have no such value. */
function decimalOf(own: Buffer, { decimals, signed }: Dlt645Address): Outcome {
  if (own.every((byte) => byte === 0xff)) return bad('no-value');
  const isNegative = signed && ((own[0] as number) & 0x80) !== 0;
  if (signed) own[0] = (own[0] as number) & 0x7f;
  const digits = own.toString('hex');
  if (!/^\d+$/.test(digits)) return bad('unexpected-data');
  const whole = digits.slice(0, digits.length - decimals) || '0';
  const value = Number(`${whole}.${digits.slice(digits.length - decimals)}`);
  return good(isNegative && value !== 0 ? -value : value);
}

function textOf(bytes: Buffer): string {
  const text = bytes.toString('latin1').replaceAll('\0', '');
  return text.trim();
}
