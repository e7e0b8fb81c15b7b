import type { Socket } from 'node:net';
import { serialTiming } from '../channels/serial-timing.ts';
import type { SerialSettings } from '../driver.ts';
import type { ObisAddress } from '../iec62056/address.ts';
import { ACK, blockCheck, ETX, NAK, STX, withParity } from '../iec62056/characters.ts';
import { SPEEDS } from '../iec62056/readout.ts';
import { type FrameReply, type FrameServer, serveFrames } from './frame-server.ts';
import type { SimDevice, SimPoint } from './sim-device.ts';

/** The speed that a meter offers when its line begins at 300 baud. */
const OFFERED = '5';
const SIGN_ON = /\/\?([0-9A-Za-z ]{0,32})!\r\n/;
const OPTION = new RegExp(`${String.fromCharCode(ACK)}0([0-6])0\\r\\n`);
const REPEAT = new RegExp(String.fromCharCode(NAK));
const FIRST_BAUD_RATE = 300;
/** A meter waits at least this long before it answers [IEC 62056-21, 6.4.3.2], time for the line to change its speed. */
const REACTION_MS = 200;

/** Serves the meters of one line in mode C: each sign-on begins a session with one of them. */
export function serveIec62056(
  socket: Socket,
  devices: readonly SimDevice[],
  { serial, ...parts }: FrameServer & { readonly serial: SerialSettings },
): void {
  let speaking: SimDevice | undefined;
  let block: Buffer | undefined;
  let timing = parts.timing;
  const offered = serial.baudRate === FIRST_BAUD_RATE ? OFFERED : markOf(serial.baudRate);
  serveFrames(socket, parts, findRequest, (request): FrameReply | undefined => {
    const dataBits = request.some((byte) => byte > 0x7f) ? 8 : 7;
    const text = Buffer.from(request.map((byte) => byte & 0x7f)).toString('latin1');
    const station = SIGN_ON.exec(text)?.[1];
    if (station !== undefined) {
      speaking = devices.find(({ spec }) => station === '' || station === spec.station);
      return (
        speaking && { device: speaking, frame: withParity(`/SLU${offered}\\2SIM\r\n`, dataBits), waitMs: REACTION_MS }
      );
    }
    if (speaking === undefined) return undefined;
    const mark = OPTION.exec(text)?.[1];
    if (mark !== undefined) {
      timing = serialTiming({
        ...serial,
        baudRate: mark === offered ? (SPEEDS[mark] ?? serial.baudRate) : serial.baudRate,
      });
      block = blockOf(speaking, dataBits);
    }
    return block && { device: speaking, frame: block, timing, waitMs: REACTION_MS };
  });
}

function markOf(baudRate: number): string {
  return Object.keys(SPEEDS).find((mark) => SPEEDS[mark] === baudRate) ?? OFFERED;
}

function findRequest(heard: Buffer): { from: number; to: number } | undefined {
  const text = Buffer.from(heard.map((byte) => byte & 0x7f)).toString('latin1');
  const found = SIGN_ON.exec(text) ?? OPTION.exec(text) ?? REPEAT.exec(text);
  return found ? { from: found.index, to: found.index + found[0].length } : undefined;
}

function blockOf(device: SimDevice, dataBits: 7 | 8): Buffer {
  const body = Buffer.from(`${linesOf(device).join('\r\n')}\r\n!\r\n${String.fromCharCode(ETX)}`, 'latin1');
  return withParity(Buffer.from([STX, ...body, blockCheck(body)]).toString('latin1'), dataBits);
}

function linesOf(device: SimDevice): string[] {
  const byCode = new Map<string, SimPoint[]>();
  for (const point of device.points) {
    const { obis } = point.spec.address as ObisAddress;
    byCode.set(obis, [...(byCode.get(obis) ?? []), point]);
  }
  return [...byCode].map(([obis, points]) => {
    const values: string[] = [];
    for (const point of points) values[(point.spec.address as ObisAddress).value - 1] = shown(point);
    return `${obis}${Array.from(values, (value) => `(${value ?? ''})`).join('')}`;
  });
}

function shown(point: SimPoint): string {
  const { value } = point.read();
  const { unit } = point.spec.address as ObisAddress;
  if (typeof value === 'boolean') return value ? '1' : '0';
  const text = typeof value === 'number' ? value.toFixed(3).padStart(10, '0') : value;
  return unit === undefined ? text : `${text}*${unit}`;
}
