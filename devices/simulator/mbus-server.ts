import type { Socket } from 'node:net';
import { isFault } from '../../core/faults.ts';
import type { MbusAddress, RecordAddress } from '../mbus/address.ts';
import {
  decodeFrame,
  type Frame,
  frameLength,
  isRequestData,
  longFrame,
  SELECTED,
  SND_NKE,
  toggleOf,
} from '../mbus/frame.ts';
import { idBytes, isAddressed, isSelect, selectFrame, stationOf } from '../mbus/station.ts';
import { APPLICATION_ERROR, LONG_HEADER, manufacturerCode } from '../mbus/telegram.ts';
import { type FrameReply, type FrameServer, serveFrames } from './frame-server.ts';
import { encodeRecord, FILLER } from './mbus-encode.ts';
import type { SimDevice } from './sim-device.ts';

const ACK = Buffer.of(0xe5);
const RSP_UD = 0x08;
const TOO_BUSY = 8;
/** A frame's 255 bytes less C, A, CI, the header and the byte that says whether more follow. */
const MOST_RECORD_BYTES = 239;
const MORE_FOLLOW = 0x1f;
const HEAT = 0x04;
const STARTS = [0x10, 0x68];

/** One meter as the bus knows it. */
class Meter {
  readonly device: SimDevice;
  selected = false;
  #toggle: boolean | undefined;
  #place = 0;
  #last: Buffer | undefined;
  #telegrams: Buffer[] = [];

  constructor(device: SimDevice) {
    this.device = device;
  }

  get primary(): number {
    return this.device.spec.unitId;
  }

  /** Eight digits; those that a configuration leaves open are made of the unit id. */
  get id(): string {
    const wanted = this.device.spec.station?.slice(0, 8) ?? 'FFFFFFFF';
    const own = String(this.primary).padStart(8, '0');
    return [...wanted].map((digit, i) => (digit === 'F' ? own[i] : digit)).join('');
  }

  /** `selected` by these eight digits, F for any. */
  isCalled(id: string): boolean {
    return [...id].every((digit, i) => digit === 'F' || digit === this.id[i]);
  }

  reset(): void {
    this.#toggle = undefined;
    this.#place = 0;
  }

  /** The FCB of a selection counts: the first request after it is new. */
  begin(toggle: boolean): void {
    this.#toggle = toggle;
    this.#place = 0;
  }

  telegram(toggle: boolean): Buffer {
    if (toggle === this.#toggle && this.#last !== undefined) return this.#last;
    this.#toggle = toggle;
    if (this.#place === 0) this.#telegrams = this.#build();
    this.#last = this.#telegrams[this.#place] as Buffer;
    this.#place = (this.#place + 1) % this.#telegrams.length;
    return this.#last;
  }

  #build(): Buffer[] {
    const parts: Buffer[][] = [[]];
    for (const record of recordsOf(this.device)) {
      const last = parts.at(-1) as Buffer[];
      const isFull = Buffer.concat([...last, record]).length > MOST_RECORD_BYTES;
      if (isFull) parts.push([record]);
      else last.push(record);
    }
    return parts.map((own, i) => {
      const tail = i < parts.length - 1 ? [Buffer.of(MORE_FOLLOW)] : [];
      return longFrame(RSP_UD, this.primary, LONG_HEADER, Buffer.concat([this.#header(i), ...own, ...tail]));
    });
  }

  #header(access: number): Buffer {
    const header = Buffer.alloc(12);
    idBytes(this.id).copy(header);
    const [, maker = 'SLU', version = '01', medium] = this.device.spec.station?.split('-') ?? [];
    header.writeUInt16LE(manufacturerCode(maker), 4);
    header[6] = Number.parseInt(version, 16);
    header[7] = medium === undefined ? HEAT : Number.parseInt(medium, 16);
    header[8] = access;
    return header;
  }
}

function recordsOf(device: SimDevice): Buffer[] {
  const own = device.points.filter(({ spec }) => !('header' in (spec.address as MbusAddress)));
  const records: Buffer[] = [];
  const placed = own.map((point) => ({ point, address: point.spec.address as RecordAddress }));
  for (const { point, address } of placed) {
    if (address.record === undefined) continue;
    records[address.record] = encodeRecord(address, point.read().value);
  }
  const filled = Array.from(records, (record) => record ?? FILLER);
  const free = placed
    .filter(({ address }) => address.record === undefined)
    .sort((a, b) => a.address.nth - b.address.nth);
  return [...filled, ...free.map(({ point, address }) => encodeRecord(address, point.read().value))];
}

/** Serves the M-Bus meters of one line. */
export function serveMbus(socket: Socket, devices: readonly SimDevice[], parts: FrameServer): void {
  const meters = devices.map((device) => new Meter(device));
  serveFrames(socket, parts, findFrame, (request) => answer(meters, decodeFrame(request)));
}

function findFrame(heard: Buffer): { from: number; to: number } | undefined {
  for (let from = 0; from < heard.length; from++) {
    if (!STARTS.includes(heard[from] as number)) continue;
    try {
      const length = frameLength(heard.subarray(from));
      if (length > 0) return { from, to: from + length };
    } catch (error) {
      if (!isFault(error)) throw error;
    }
  }
  return undefined;
}

function answer(meters: readonly Meter[], frame: Frame): FrameReply | undefined {
  if (frame.kind === 'ack') return undefined;
  if (frame.kind === 'long') return isSelect(frame.ci, frame.address) ? select(meters, frame.data) : undefined;
  const { control, address } = frame;
  const meter = meters.find(({ primary, selected }) =>
    address === SELECTED ? selected : isAddressed(address, primary),
  );
  if (meter === undefined) return undefined;
  if (control === SND_NKE) {
    meter.reset();
    if (address === SELECTED) meter.selected = false;
    return { device: meter.device, frame: ACK, busy: ACK };
  }
  if (!isRequestData(control)) return undefined;
  const busy = longFrame(RSP_UD, meter.primary, APPLICATION_ERROR, Buffer.of(TOO_BUSY));
  return { device: meter.device, frame: meter.telegram(toggleOf(control)), busy };
}

function select(meters: readonly Meter[], data: Buffer): FrameReply | undefined {
  const wanted = stationOf(data);
  for (const meter of meters) meter.selected = wanted !== undefined && meter.isCalled(wanted);
  const meter = meters.find(({ selected }) => selected);
  meter?.begin(toggleOf(selectFrame('FFFFFFFF')[4] as number));
  return meter && { device: meter.device, frame: ACK, busy: ACK };
}
