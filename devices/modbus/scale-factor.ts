import type { ModbusAddress } from './address.ts';
import { swapped } from './byte-order.ts';

/** Largest power of ten, up and down, that a scale factor names [SunSpec Device Information Model Specification, type sunssf]. */
const MOST = 10;

/** The power of ten at `at`; undefined where the device gives none: 0x8000, or anything beyond -10 to 10. */
export function factorOf(bytes: Buffer, at: number, { byteOrder }: ModbusAddress): number | undefined {
  const factor = swapped(byteOrder) ? bytes.readInt16LE(at) : bytes.readInt16BE(at);
  return factor < -MOST || factor > MOST ? undefined : factor;
}

/** The two bytes of a scale factor. */
export function factorBytes(factor: number, { byteOrder }: ModbusAddress): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(factor);
  return swapped(byteOrder) ? bytes.swap16() : bytes;
}

/** The address of the value without its scale factor, which is known: what a write is for. */
export function valueAlone(address: ModbusAddress, factor: number): ModbusAddress {
  const { register, skip, size } = address;
  const scale = scaleBy(address, factor);
  return { ...address, register: register + skip, length: size, skip: 0, scaleAt: undefined, scale };
}

/** The address's own scale and the factor as one decimal: 1 and -2 are 0.01, not 1 * 10 ** -2. */
function scaleBy({ scale }: ModbusAddress, factor: number): number {
  const [digits = '1', exponent = '0'] = String(scale).split('e');
  return Number(`${digits}e${Number(exponent) + factor}`);
}
