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
  readonly forbidden: readonly RegisterRange[];
  /** Coils and discrete inputs are read from the first one on, as some devices want it. */
  readonly bitsFromZero: boolean;
  /** Each point is a request of its own. */
  readonly onePointPerRequest: boolean;
  /** Milliseconds that the device wants to be left alone after an answer. */
  readonly pauseMs: number;
}

/** Registers, or bits, from `from` to `to` inclusive. */
export interface RegisterRange {
  readonly table: string;
  readonly from: number;
  readonly to: number;
}

/** How the characters of a serial line travel. `baudRate` in bits per second. */
export interface SerialSettings {
  readonly baudRate: number;
  readonly dataBits: 7 | 8;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
}

export type AnswerFinder = (frame: Uint8Array) => boolean;

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
   * Where the length of a reply is not known beforehand: the most bytes it may have. The time-out then counts from the last byte
   * that came, not from the request; beyond so many bytes the exchange is garbled.
   */
  readonly atMost?: number;
  /** The reply comes at this speed, and all that follows in this lease: the line is retuned once the request has left it. */
  readonly answerBaudRate?: number;
  /**
   * Is this complete frame the answer to this request? Given by protocols that number their requests: several may then be
   * under way on one connection, and frames that nobody owns (late answers) are dropped.
   */
  readonly owns?: (frame: Uint8Array) => boolean;
  /**
   * Made as the request leaves, and kept beyond its time-out: does its answer begin within another's frame? That one then was cut
   * off, and filled up with this: it has no checksum that would show it.
   */
  readonly finder?: () => AnswerFinder;
}

/** A lease on a channel: exclusive on serial lines, up to maxInFlight at once on TCP. */
export interface Line {
  /** How the line is set at the moment. */
  readonly serial: SerialSettings;
  /** False where the speed is set in a device server that we cannot tell. */
  readonly retunable: boolean;
  /** The reply's bytes. Rejects with a `Fault`: no-answer, garbled, line-closed, speed-fixed, … */
  exchange(step: Step): Promise<Uint8Array>;
  /** Bytes that nobody answers. */
  tell(bytes: Uint8Array): Promise<void>;
}

/** The device a lease is for. */
export interface Target {
  /** Modbus unit, 0..255; text devices on a line of their own have none. */
  readonly unitId: number;
  /** The device's address where that is no number: as the driver's `station` has checked it. */
  readonly station?: string;
}

export type Answers = ReadonlyMap<string, Outcome>;

/** How a request that a device refuses as a whole is taken apart, to find what it refuses. */
export interface Refusals<Request> {
  /** Two requests that together read the same; undefined when it can be no smaller. */
  halves(request: Request): readonly [Request, Request] | undefined;
  /** What a request reads. */
  range(request: Request): RegisterRange;
}

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
  /** The shape of a device's `station:`; drivers without it address their devices by `unitId`. */
  readonly station?: z.ZodType<string | undefined>;
  /** Devices name the units of their values: the `unit` of a point goes into its address, and values are converted into it. */
  readonly namesUnits?: boolean;
  /** Few, large, legal requests that cover the points. */
  plan(points: readonly DriverPoint<Address>[], limits: DeviceLimits): readonly Request[];
  /** Names of the points that a request brings. */
  covers(request: Request): readonly string[];
  /** Left out by protocols that never ask for more than one thing at once. */
  readonly refusals?: Refusals<Request>;
  /** One outcome for each covered point, by name. Rejects with a `Fault` that then holds for all of them. */
  read(request: Request, line: Line, target: Target): Promise<Answers>;
  /** Everything that can go wrong is a result. Reads that belong to it, before and after, are of the same lease. */
  write?(point: DriverPoint<Address>, value: Value, line: Line, target: Target): Promise<WriteResult>;
  /** What recorded replies come to, each as it came over the line: for the vectors of profiles. Throws a `Fault`. */
  decode?(points: readonly DriverPoint<Address>[], replies: readonly Uint8Array[]): Answers;
  /** Lines that talk by themselves: turns bytes into answers, as they complete. */
  listen?(points: readonly DriverPoint<Address>[], bytes: AsyncIterable<Uint8Array>): AsyncIterable<Answers>;
}
