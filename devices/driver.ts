import type { z } from 'zod';
import type { FaultCode } from '../core/faults.ts';
import type { Outcome, Value } from '../core/reading.ts';

/** A point as a driver sees it: where it is and how its bytes become a value. Scaling by the driver, limits by intake. */
export interface DriverPoint<Address = unknown> {
  /** Name within the device. */
  readonly name: string;
  readonly address: Address;
}

/** What a model of device can take; from its profile, overridden per device. */
export interface DeviceLimits {
  /** Most registers in one read; the standard allows 125. */
  readonly registers: number;
  /** Most coils or discrete inputs in one read; the standard allows 2,000. */
  readonly bits: number;
  /** Registers that may be read in vain to join two blocks. */
  readonly maxGap: number;
  /** Register ranges, inclusive, that must not be touched even as a gap. */
  readonly forbidden: readonly { readonly table: string; readonly from: number; readonly to: number }[];
}

/** One request and its reply on a leased line. */
export interface Step {
  readonly send: Uint8Array;
  /**
   * Looks at what has come so far and returns how many bytes the reply takes, 0 while it is not complete.
   * Throws a `Fault` (garbled) when the bytes can never become a reply.
   */
  readonly until: (bytes: Uint8Array) => number;
  /** Bytes the reply will have if all goes well: a slow line sleeps through most of their time. */
  readonly expect?: number;
  /**
   * Is this complete frame the answer to this request? Given by protocols that number their requests: several may then be
   * under way on one connection, and frames that nobody owns (late answers) are dropped.
   */
  readonly owns?: (frame: Uint8Array) => boolean;
}

/** A lease on a channel: exclusive on serial lines, up to maxInFlight at once on TCP. */
export interface Line {
  /** The reply's bytes. Rejects with a `Fault`: no-answer, garbled, line-closed, … */
  exchange(step: Step): Promise<Uint8Array>;
}

/** The device a lease is for. */
export interface Target {
  /** Modbus unit, 0..255; text devices on a line of their own have none. */
  readonly unitId: number;
}

export type Answers = ReadonlyMap<string, Outcome>;

/**
 * What became of a write. Who gave the order must know which of these it is: a set point that may or may not have changed is
 * another thing than one that has not.
 *
 * - done: the device says so, and holds it. Without `readBack` the point is one that cannot be read back; with a bad one the
 *   device said yes, and reading it back failed.
 * - differs: the device said yes, and holds something else: it limits, rounds, or another master has written since.
 * - refused: the device said no; `exception` is its code.
 * - unknown: the order went out and no sound answer came. It may have been carried out.
 * - failed: nothing went out: the value does not fit, or what had to be read first could not be.
 */
export type WriteResult =
  | {
      readonly result: 'done' | 'differs';
      /** As the device can hold it: 55.55 in steps of 0.1 is 55.6. */
      readonly wrote: Value;
      readonly readBack?: Outcome;
    }
  | {
      readonly result: 'refused' | 'unknown' | 'failed';
      readonly fault: FaultCode;
      readonly detail: string;
      readonly exception?: number;
    };

/**
 * A protocol. It opens nothing, sets no timer, never retries and keeps no state between calls: the poller owns when, the
 * channel owns the line and its timing, the fault table owns what happens next.
 */
export interface Driver<Address = unknown, Request = unknown> {
  readonly name: string;
  /** The shape of `address:` in a profile or configuration. */
  readonly address: z.ZodType<Address>;
  /** Few, large, legal requests that cover the points. */
  plan(points: readonly DriverPoint<Address>[], limits: DeviceLimits): readonly Request[];
  /** Names of the points that a request brings. */
  covers(request: Request): readonly string[];
  /** One outcome for each covered point, by name. Rejects with a `Fault` that then holds for all of them. */
  read(request: Request, line: Line, target: Target): Promise<Answers>;
  /** Everything that can go wrong is a result. Reads that belong to it, before and after, are of the same lease. */
  write?(point: DriverPoint<Address>, value: Value, line: Line, target: Target): Promise<WriteResult>;
  /** Lines that talk by themselves: turns bytes into answers, as they complete. */
  listen?(points: readonly DriverPoint<Address>[], bytes: AsyncIterable<Uint8Array>): AsyncIterable<Answers>;
}
