import { DOWNLINK_FAULTS } from './downlink-faults.ts';
import type { FaultEntry, Recovery } from './fault-entry.ts';
import { KUBEEDGE_FAULTS } from './kubeedge-faults.ts';
import { PROCESS_FAULTS } from './process-faults.ts';
import { READING_FAULTS } from './reading-faults.ts';

/** Every failure we expect, and what happens next. `docs/faults.md` is checked against this table in both directions. */
export const FAULTS = { ...READING_FAULTS, ...PROCESS_FAULTS, ...DOWNLINK_FAULTS, ...KUBEEDGE_FAULTS };

export type FaultCode = keyof typeof FAULTS;

/** An expected failure. Decisions are made on `code` through the table, never on messages. */
export class Fault extends Error {
  readonly code: FaultCode;

  constructor(code: FaultCode, detail?: string, options?: ErrorOptions) {
    super(detail ? `${FAULTS[code].text}: ${detail}` : FAULTS[code].text, options);
    this.name = 'Fault';
    this.code = code;
  }

  get recovery(): Recovery {
    return FAULTS[this.code].recovery;
  }

  get action(): string {
    return FAULTS[this.code].action;
  }
}

/** Is it an expected failure, of one of these codes if any are named? */
export function isFault(error: unknown, ...codes: FaultCode[]): error is Fault {
  return error instanceof Fault && (codes.length === 0 || codes.includes(error.code));
}

const byWire = new Map<number, FaultCode>();
for (const code of Object.keys(FAULTS) as FaultCode[]) {
  const entry: FaultEntry = FAULTS[code];
  if (entry.wire !== undefined) byWire.set(entry.wire, code);
}

/** The number of a reading's fault in a frame. A fault without one is a programming mistake here. */
export function faultToWire(code: FaultCode): number {
  const { wire }: FaultEntry = FAULTS[code];
  if (wire === undefined) throw new TypeError(`fault ${code} cannot stand in a reading`);
  return wire;
}

/** Undefined for a number this release does not know: a newer edge wrote it. */
export function findFaultByWire(wire: number): FaultCode | undefined {
  return byWire.get(wire);
}
