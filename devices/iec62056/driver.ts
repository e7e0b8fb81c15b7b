import { Fault } from '../../core/faults.ts';
import type { Answers, Driver, DriverPoint, Line, Step, Target } from '../driver.ts';
import { iecStation, type ObisAddress, obisAddress } from './address.ts';
import { ACK, blockCheck, ETX, NAK, SOH, withParity } from './characters.ts';
import {
  blockLength,
  blockText,
  type Identification,
  identificationLength,
  LONGEST_READOUT,
  readDataSets,
  readIdentification,
} from './readout.ts';
import { pointValue } from './value.ts';

type Point = DriverPoint<ObisAddress>;

/** A meter tells all it has at once: one request brings every point. */
export interface ReadoutRequest {
  readonly points: readonly Point[];
}

/** The speed of the character 0, at which every meter begins unless a bus has another [IEC 62056-21, 6.3.2]. */
const FIRST_BAUD_RATE = 300;
const LONGEST_IDENTIFICATION = 80;

/**
 * Electricity and heat meters that are read through their optical port or a bus in mode C of IEC 62056-21 (IEC 61107): sign-on,
 * identification, change of speed, data readout. The channel's settings are those of the sign-on: mostly 300 baud 7E1, or 8N1.
 */
export const iec62056: Driver<ObisAddress, ReadoutRequest> = {
  name: 'iec62056',
  address: obisAddress,
  station: iecStation,
  namesUnits: true,

  plan: (points) => (points.length === 0 ? [] : [{ points }]),

  covers: ({ points }) => points.map(({ name }) => name),

  async read({ points }, line, target) {
    const { dataBits } = line.serial;
    const identification = await signOn(line, target);
    const text = await readOut(line, identification, dataBits);
    return answersOf(points, text);
  },

  decode: (points, replies) => answersOf(points, Buffer.concat(replies).toString('latin1')),
};

function answersOf(points: readonly Point[], text: string): Answers {
  const sets = readDataSets(text);
  return new Map(points.map(({ name, address }) => [name, pointValue(address, sets)]));
}

async function signOn(line: Line, { station = '' }: Target): Promise<Identification> {
  const { dataBits } = line.serial;
  const step: Step = {
    send: withParity(`/?${station}!\r\n`, dataBits),
    until: identificationLength,
    atMost: LONGEST_IDENTIFICATION,
  };
  return readIdentification(await line.exchange(step), dataBits);
}

/** Asks for the data at the speed that the meter offers, and once more if it arrives damaged. */
async function readOut(line: Line, { mark, baudRate }: Identification, dataBits: 7 | 8): Promise<string> {
  const speed = speedFor(line, mark, baudRate);
  const option = `${String.fromCharCode(ACK)}0${speed.mark}0\r\n`;
  const block = { until: blockLength, atMost: LONGEST_READOUT };
  const send = withParity(option, dataBits);
  const first = blockText(await line.exchange({ send, ...block, answerBaudRate: speed.baudRate }), dataBits);
  if (first !== undefined) return first;
  const again = withParity(String.fromCharCode(NAK), dataBits);
  const second = blockText(await line.exchange({ send: again, ...block }), dataBits);
  if (second !== undefined) return second;
  await line.tell(breakOff(dataBits));
  throw new Fault('garbled', 'the data was damaged twice');
}

/** Where the speed cannot be changed, the meter is asked to stay at that of the sign-on. */
function speedFor(line: Line, mark: string, baudRate: number): { mark: string; baudRate: number } {
  const now = line.serial.baudRate;
  if (line.retunable || baudRate === now) return { mark, baudRate };
  if (now === FIRST_BAUD_RATE) return { mark: '0', baudRate: now };
  throw new Fault('speed-fixed', `the meter goes on at ${baudRate} baud, the line stays at ${now}`);
}

/** Ends the session, so that the meter listens for a sign-on again [IEC 62056-21, 6.3.5]. */
function breakOff(dataBits: 7 | 8): Buffer {
  const body = Buffer.of(...Buffer.from('B0', 'latin1'), ETX);
  return withParity(Buffer.of(SOH, ...body, blockCheck(body)).toString('latin1'), dataBits);
}
