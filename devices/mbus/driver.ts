import { Fault } from '../../core/faults.ts';
import { bad, good, type Outcome } from '../../core/reading.ts';
import type { Answers, Driver, DriverPoint, Line, Target } from '../driver.ts';
import { type HeaderAddress, type MbusAddress, mbusAddress, mbusStation, type RecordAddress } from './address.ts';
import { decodeFrame, type Frame, frameLength, LONGEST, requestData, SELECTED, SND_NKE, shortFrame } from './frame.ts';
import type { DataRecord } from './records.ts';
import { isOf, selectFrame } from './station.ts';
import { readTelegram, type Telegram } from './telegram.ts';
import { recordValue } from './value.ts';

type Point = DriverPoint<MbusAddress>;

/** A meter tells all it has at once: one request brings every point. */
export interface MbusRequest {
  readonly points: readonly Point[];
}

/** Telegrams of one readout; meters have at most a handful. */
const MOST_TELEGRAMS = 32;
/** The meter's answer to a request for data; 0x20 and 0x10 there are flags of its own. */
const RSP_UD = 0x08;
const RSP_FLAGS = 0x30;

/**
 * Heat, water, gas and electricity meters on an M-Bus (EN 13757-2 and -3), mostly 2400 baud 8E1. `unitId` is the primary address;
 * with a `station`, the meter is selected by its secondary address.
 */
export const mbus: Driver<MbusAddress, MbusRequest> = {
  name: 'mbus',
  address: mbusAddress,
  station: mbusStation,
  namesUnits: true,

  plan: (points) => (points.length === 0 ? [] : [{ points }]),

  covers: ({ points }) => points.map(({ name }) => name),

  async read({ points }, line, target) {
    const address = await open(line, target);
    const telegrams: Telegram[] = [];
    do {
      if (telegrams.length === MOST_TELEGRAMS) throw new Fault('garbled', 'telegrams without end');
      telegrams.push(await request(line, address, telegrams.length % 2 === 0, target.station));
    } while (telegrams.at(-1)?.more);
    return answersOf(points, telegrams);
  },

  decode(points, replies) {
    const frames = replies.map((reply) => {
      if (frameLength(reply) !== reply.length) throw new Fault('garbled', 'not one whole frame');
      return decodeFrame(reply);
    });
    return answersOf(
      points,
      frames.flatMap((frame) => (frame.kind === 'long' ? [readTelegram(frame)] : [])),
    );
  },
};

/**
 * Begins the readout anew and returns the address to ask at. A meter sends its last telegram again when the frame count bit has
 * not changed: nobody here remembers how it stood, so each read sets it, by SND_NKE or by the selection, and begins with 1.
 */
async function open(line: Line, { unitId, station }: Target): Promise<number> {
  const send = station === undefined ? shortFrame(SND_NKE, unitId) : selectFrame(station);
  const reply = await exchange(line, send);
  if (reply.kind !== 'ack') throw new Fault('garbled', 'something else than an acknowledgement');
  return station === undefined ? unitId : SELECTED;
}

async function request(line: Line, address: number, toggle: boolean, station: string | undefined): Promise<Telegram> {
  const frame = await exchange(line, requestData(address, toggle));
  // A meter that has nothing to tell acknowledges the request.
  if (frame.kind === 'ack') throw new Fault('no-value', 'the meter has no data');
  if (frame.kind === 'short' || (frame.control & ~RSP_FLAGS) !== RSP_UD)
    throw new Fault('garbled', 'no answer of a meter');
  if (address < SELECTED && frame.address !== address)
    throw new Fault('garbled', `meter ${frame.address} answered, not ${address}`);
  const telegram = readTelegram(frame);
  if (station !== undefined && telegram.header !== undefined && !isOf(telegram.header, station))
    throw new Fault('garbled', `meter ${telegram.header.id} answered, not ${station}`);
  return telegram;
}

async function exchange(line: Line, send: Buffer): Promise<Frame> {
  return decodeFrame(await line.exchange({ send, until: frameLength, atMost: LONGEST }));
}

function answersOf(points: readonly Point[], telegrams: readonly Telegram[]): Answers {
  const records = telegrams.flatMap((telegram) => telegram.records);
  const header = telegrams.find((telegram) => telegram.header)?.header;
  return new Map(
    points.map(({ name, address }) => [
      name,
      'header' in address ? headerValue(address, header?.[address.header]) : pointValue(address, records),
    ]),
  );
}

function headerValue({ type, bits }: HeaderAddress, value: string | number | undefined): Outcome {
  if (value === undefined) return bad('no-value');
  return type === 'bits' ? good(labels(Number(value), bits)) : good(value);
}

function pointValue(address: RecordAddress, records: readonly DataRecord[]): Outcome {
  const record = findRecord(address, records);
  if (record === undefined) return bad('illegal-address');
  const outcome = recordValue(record, address.unit);
  if (outcome.quality === 'bad' || typeof outcome.value === (address.type === 'float64' ? 'number' : 'string'))
    return outcome;
  if (address.type === 'bits') return good(labels(Number(outcome.value), address.bits));
  return address.type === 'string' ? good(String(outcome.value)) : bad('unexpected-data');
}

function findRecord(address: RecordAddress, records: readonly DataRecord[]): DataRecord | undefined {
  if (address.record === undefined) return records.filter((record) => isLike(record, address))[address.nth - 1];
  const record = records[address.record];
  return record !== undefined && isLike(record, address) ? record : undefined;
}

function isLike(record: DataRecord, address: RecordAddress): boolean {
  return (
    record.quantity === address.quantity &&
    record.name === address.name &&
    record.function === address.function &&
    record.storage === address.storage &&
    record.tariff === address.tariff &&
    record.subunit === address.subunit &&
    record.extras.length === address.extras.length &&
    record.extras.every((extra, i) => extra === address.extras[i])
  );
}

/** The texts of the bits that are set; a bit without one shows as `bit 5`. */
function labels(word: number, texts: Readonly<Record<string, string>>): string {
  const set: string[] = [];
  for (let bit = 0; bit < 32; bit++) if (Math.floor(word / 2 ** bit) % 2 === 1) set.push(texts[bit] ?? `bit ${bit}`);
  return set.join(', ');
}
