import { Fault, type FaultCode } from '../../core/faults.ts';
import type { Channel } from '../channels/channel.ts';
import type { Driver, Line, SerialSettings } from '../driver.ts';
import { STANDARD_LIMITS } from '../limits.ts';
import { modbusAddress } from '../modbus/address.ts';
import { type Candidate, identify, type Likely } from './identify.ts';

/** A unit that has said something. */
export interface FoundUnit {
  readonly unitId: number;
  /** How it answered for holding register 0: with a value, or with the exception that it gave. */
  readonly answer: 'value' | FaultCode;
  readonly likely: readonly Likely[];
}

export interface ScanReport {
  readonly found: readonly FoundUnit[];
  /** Units at which something came that was no sound answer: a wrong speed or parity, or two devices of one number. */
  readonly garbled: readonly number[];
}

export interface ScanOptions {
  readonly channel: Channel;
  readonly driver: Driver;
  readonly units: readonly number[];
  readonly candidates: readonly Candidate[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** How the line is to be set meanwhile, where that is not how its channel has it. */
  readonly serial?: SerialSettings;
  /** After each unit, with what was found so far. */
  readonly onUnit: (unitId: number, report: ScanReport) => void;
}

/** Of the device's answers these say: I am here, and this I do not do. */
const THERE: readonly FaultCode[] = [
  'illegal-function',
  'illegal-address',
  'illegal-value',
  'device-failure',
  'device-busy',
  'exception-other',
];

const FIRST_REGISTER = {
  name: 'first',
  address: modbusAddress.parse({ table: 'holding', register: 0, type: 'uint16' }),
};

/**
 * Asks each unit for one register: an exception is an answer too. Reads only, one request at a time.
 * @throws Fault when the line itself fails
 */
export async function scanUnits(options: ScanOptions): Promise<ScanReport> {
  const { channel, driver, units, candidates, timeoutMs, signal, serial, onUnit } = options;
  const found: FoundUnit[] = [];
  const garbled: number[] = [];
  for (const unitId of units) {
    signal.throwIfAborted();
    await channel.lease(
      async (line) => {
        const answer = await ask(driver, line, unitId);
        if (answer === 'garbled') garbled.push(unitId);
        else if (answer !== 'silent')
          found.push({ unitId, answer, likely: await identify(candidates, line, { unitId }) });
      },
      { timeoutMs, signal, driver: driver.name, ...(serial === undefined ? {} : { serial }) },
    );
    onUnit(unitId, { found, garbled });
  }
  return { found, garbled };
}

async function ask(driver: Driver, line: Line, unitId: number): Promise<FoundUnit['answer'] | 'silent' | 'garbled'> {
  const [request] = driver.plan([FIRST_REGISTER], STANDARD_LIMITS);
  try {
    await driver.read(request, line, { unitId });
    return 'value';
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (THERE.includes(error.code)) return error.code;
    if (error.code === 'garbled') return 'garbled';
    if (error.code === 'no-answer' || error.code.startsWith('gateway-')) return 'silent';
    throw error;
  }
}
