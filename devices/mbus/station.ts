import { ANYBODY, longFrame, SELECTED, SND_UD } from './frame.ts';
import { type Header, manufacturerCode } from './telegram.ts';

const SELECT = 0x52;

/**
 * Selects the meter with this identification; all others fall silent [EN 13757-7, 8.4]. Sent with FCB 0, so that the first
 * request after it, with FCB 1, is a new one for the meter whatever it was asked before.
 */
export function selectFrame(station: string): Buffer {
  const [id = '', maker, version = 'FF', medium = 'FF'] = station.split('-');
  const code = Buffer.alloc(2, 0xff);
  if (maker !== undefined) code.writeUInt16LE(manufacturerCode(maker));
  return longFrame(
    SND_UD,
    SELECTED,
    SELECT,
    Buffer.from([...idBytes(id), ...code, ...Buffer.from(version + medium, 'hex')]),
  );
}

export function idBytes(id: string): Buffer {
  return Buffer.from(id, 'hex').reverse();
}

/** Is the answer from the meter that was selected? */
export function isOf(header: Header, station: string): boolean {
  const [id = '', maker, version = 'FF', medium = 'FF'] = station.split('-');
  const isSame = (wanted: string, own: number) => wanted === 'FF' || Number.parseInt(wanted, 16) === own;
  const digits = [...id].every((digit, i) => digit === 'F' || digit === String(header.id)[i]);
  return (
    digits &&
    (maker === undefined || maker === header.manufacturer) &&
    isSame(version, Number(header.version)) &&
    isSame(medium, Number(header.medium))
  );
}

/** Whom a select frame's data asks for, as `station` writes it. For the simulator. */
export function stationOf(data: Buffer): string | undefined {
  return data.length === 8 ? Buffer.from(data.subarray(0, 4)).reverse().toString('hex').toUpperCase() : undefined;
}

export function isSelect(ci: number, address: number): boolean {
  return ci === SELECT && address === SELECTED;
}

/** Does a meter at `own` answer to this address? */
export function isAddressed(address: number, own: number): boolean {
  return address === own || address === ANYBODY;
}

/** Primary addresses at which a meter answers by itself. */
export function isPrimary(unitId: number): boolean {
  return unitId <= 250 || unitId === ANYBODY;
}
