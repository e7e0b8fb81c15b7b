import type { Socket } from 'node:net';
import { isFault } from '../../core/faults.ts';
import type { Dlt645Address } from '../dlt645/address.ts';
import { decodeFrame, encodeFrame, type Frame, frameLength, isFor, READ } from '../dlt645/frame.ts';
import { bytesOf } from '../dlt645/value.ts';
import { type FrameReply, type FrameServer, serveFrames } from './frame-server.ts';
import type { SimDevice } from './sim-device.ts';

/** What a meter calls itself that is asked for by any address. */
const NAMELESS = '000000000001';
const NO_SUCH_DATA = 0x02;
const OTHER_ERROR = 0x01;
const START = 0x68;

/** Serves the DL/T 645 meters of one line. */
export function serveDlt645(socket: Socket, devices: readonly SimDevice[], parts: FrameServer): void {
  const meters = devices.map((device) => ({ device, station: ownStation(device) }));
  serveFrames(socket, parts, findFrame, (request) => {
    const asked = decodeFrame(request);
    const meter = meters.find(({ station }) => isFor(asked.station, station));
    return asked.fromMeter || meter === undefined ? undefined : answer(meter.device, meter.station, asked);
  });
}

function ownStation({ spec }: SimDevice): string {
  const station = spec.station ?? '';
  return station.includes('AA') ? NAMELESS : station;
}

function findFrame(heard: Buffer): { from: number; to: number } | undefined {
  for (let from = heard.indexOf(START); from >= 0; from = heard.indexOf(START, from + 1)) {
    try {
      const length = frameLength(heard.subarray(from));
      if (length > 0) return { from, to: from + length };
    } catch (error) {
      if (!isFault(error)) throw error;
    }
  }
  return undefined;
}

function answer(device: SimDevice, station: string, { code, data }: Frame): FrameReply {
  const reply = (more: Partial<Frame>, own: Buffer) =>
    encodeFrame({ station, code, fromMeter: true, ...more, data: own }, 1);
  const held = code === READ ? dataOf(device, data) : undefined;
  const frame = held ? reply({}, Buffer.concat([data, held])) : reply({ refused: true }, Buffer.of(NO_SUCH_DATA));
  return { device, frame, busy: reply({ refused: true }, Buffer.of(OTHER_ERROR)) };
}

/** What the points of an identification come to, each at its place. */
function dataOf(device: SimDevice, idBytes: Buffer): Buffer | undefined {
  const id = Buffer.from(idBytes).reverse().toString('hex').toUpperCase();
  const own = device.points.map((point) => ({ point, address: point.spec.address as Dlt645Address }));
  const parts = own.filter(({ address }) => address.id === id);
  if (parts.length === 0) return undefined;
  const data = Buffer.alloc(Math.max(...parts.map(({ address: { at = 0, length } }) => at + length)));
  for (const { point, address } of parts) {
    const bytes = bytesOf(point.read().value, address);
    for (const [i, byte] of bytes.entries()) {
      const at = (address.at ?? 0) + i;
      // Several points may share a byte: their bits add up.
      data[at] = (data[at] as number) | byte;
    }
  }
  return data;
}
