import { Fault, type FaultCode } from '../../core/faults.ts';
import type { Answers, Driver, DriverPoint, Line, Target } from '../driver.ts';
import { type Dlt645Address, dlt645Address, dlt645Station } from './address.ts';
import { decodeFrame, encodeFrame, type Frame, frameLength, isFor, LONGEST, READ, READ_ON } from './frame.ts';
import { valueIn } from './value.ts';

type Point = DriverPoint<Dlt645Address>;

/** One data identification and the points in its data. */
export interface Dlt645Request {
  readonly id: string;
  readonly points: readonly Point[];
}

const ID_BYTES = 4;
/** Frames that one identification may be spread over; the standard's largest block needs six. */
const MOST_FRAMES = 16;

/** The bits of the error byte, the lowest first [DL/T 645-2007, 7.1, error information word]. */
const ERRORS: readonly (readonly [FaultCode, string])[] = [
  ['exception-other', 'other error'],
  ['illegal-address', 'no such data'],
  ['access-denied', 'wrong password or no permission'],
  ['exception-other', 'the speed cannot be changed'],
  ['illegal-value', 'too many time zones'],
  ['illegal-value', 'too many periods'],
  ['illegal-value', 'too many tariffs'],
];

/** Chinese electricity meters on RS-485, 2400 baud 8E1 unless set otherwise. Reads; it neither sets nor switches. */
export const dlt645: Driver<Dlt645Address, Dlt645Request> = {
  name: 'dlt645',
  address: dlt645Address,
  station: dlt645Station,

  plan(points) {
    const byId = new Map<string, Point[]>();
    for (const point of points) byId.set(point.address.id, [...(byId.get(point.address.id) ?? []), point]);
    return [...byId].map(([id, own]) => ({ id, points: own }));
  },

  covers: ({ points }) => points.map(({ name }) => name),

  async read({ id, points }, line, target) {
    const wire = idBytes(id);
    const frames = [await ask(line, target, READ, wire)];
    for (let number = 1; frames.at(-1)?.more; number++) {
      if (number === MOST_FRAMES) throw new Fault('garbled', 'follow-on frames without end');
      frames.push(await ask(line, target, READ_ON, wire, number));
    }
    return answersOf(points, Buffer.concat(frames.map(({ data }) => data)));
  },

  decode(points, replies) {
    const answers = new Map<string, ReturnType<typeof valueIn>>();
    for (const reply of replies) {
      frameLength(reply);
      const { data } = decodeFrame(reply);
      const id = Buffer.from(data.subarray(0, ID_BYTES)).reverse().toString('hex').toUpperCase();
      const own = points.filter(({ address }) => address.id === id);
      for (const [name, outcome] of answersOf(own, data.subarray(ID_BYTES))) answers.set(name, outcome);
    }
    return answers;
  },
};

function answersOf(points: readonly Point[], data: Buffer): Answers {
  return new Map(points.map(({ name, address }) => [name, valueIn(data, address)]));
}

/** `number`: which of the follow-on frames, from 1; the meter repeats it at the end of its data. */
async function ask(line: Line, { station = '' }: Target, code: number, id: Buffer, number?: number): Promise<Frame> {
  const tail = number === undefined ? Buffer.alloc(0) : Buffer.of(number);
  const send = encodeFrame({ station, code, data: Buffer.concat([id, tail]) });
  const until = (bytes: Uint8Array) => frameLength(bytes);
  const frame = decodeFrame(await line.exchange({ send, until, atMost: LONGEST }));
  if (!frame.fromMeter || frame.code !== code) throw new Fault('garbled', `control code ${frame.code}, not ${code}`);
  if (!isFor(station, frame.station)) throw new Fault('garbled', `meter ${frame.station} answered, not ${station}`);
  if (frame.refused) throw refusal(frame.data);
  const { data } = frame;
  const end = data.length - tail.length;
  if (end < ID_BYTES || !data.subarray(0, ID_BYTES).equals(id) || !data.subarray(end).equals(tail))
    throw new Fault('garbled', 'the answer is about other data');
  return { ...frame, data: data.subarray(ID_BYTES, end) };
}

function refusal(data: Buffer): Fault {
  const word = data[0] ?? 0;
  const [code, detail] = ERRORS.find((_, bit) => (word >> bit) & 1) ?? ['exception-other', `error word ${word}`];
  return new Fault(code, detail);
}

function idBytes(id: string): Buffer {
  return Buffer.from(id, 'hex').reverse();
}
