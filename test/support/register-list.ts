import { Fault } from '../../core/faults.ts';
import { bad, type Outcome } from '../../core/reading.ts';
import type { Driver, Line } from '../../devices/driver.ts';
import { findDriver } from '../../devices/registry.ts';
import { plantOf } from '../devices/support.ts';

/** A line to a Modbus TCP device whose registers and coils stand in a list; it notes what it is asked for. */
export function deviceOf(
  words: readonly number[],
  refuses: (code: number, start: number, count: number) => boolean = () => false,
) {
  const asked: [code: number, start: number, count: number][] = [];
  const line: Line = {
    serial: { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 },
    retunable: true,
    tell: async () => {},
    async exchange({ send }) {
      const request = Buffer.from(send);
      const [code, start, count] = [request[7] as number, request.readUInt16BE(8), request.readUInt16BE(10)];
      asked.push([code, start, count]);
      const head = request.subarray(0, 7);
      const pdu = refuses(code, start, count) ? Buffer.of(code | 0x80, 2) : answerOf(code, words, start, count);
      const frame = Buffer.concat([head, pdu]);
      frame.writeUInt16BE(pdu.length + 1, 4);
      return frame;
    },
  };
  return { line, asked };
}

function answerOf(code: number, words: readonly number[], start: number, count: number): Buffer {
  const wanted = words.slice(start, start + count);
  if (code < 3) {
    const data = Buffer.alloc((count + 7) >> 3);
    wanted.forEach((on, i) => {
      data[i >> 3] = (data[i >> 3] as number) | ((on ? 1 : 0) << (i & 7));
    });
    return Buffer.concat([Buffer.of(code, data.length), data]);
  }
  const data = Buffer.alloc(count * 2);
  wanted.forEach((word, i) => void data.writeUInt16BE(word, i * 2));
  return Buffer.concat([Buffer.of(code, data.length), data]);
}

/** One poll of a device that is configured with these points, and whose registers and coils hold these words. */
export async function readOnce(
  points: string,
  words: readonly number[],
  more = '',
  refuses?: Parameters<typeof deviceOf>[1],
) {
  const plant = await plantOf(`
channels: [{ name: plc, driver: modbus-tcp, port: "tcp://127.0.0.1:1502" }]
devices:
  - name: d
    channel: plc
${more}
    points:
${points}`);
  const [device] = plant.devices;
  const driver = findDriver('modbus-tcp') as Driver;
  if (device === undefined) throw new Error('no device');
  const { line, asked } = deviceOf(words, refuses);
  const newest: Record<string, Outcome> = {};
  for (const request of driver.plan(device.points, device.limits)) {
    try {
      for (const [name, outcome] of await driver.read(request, line, device)) newest[name] = outcome;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      for (const name of driver.covers(request)) newest[name] = bad(error.code);
    }
  }
  return { newest, asked, plant, device };
}
