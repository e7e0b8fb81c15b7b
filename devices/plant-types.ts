import type { Rule } from '../core/rules/rule.ts';
import type { Titles } from '../core/units.ts';
import type { DeviceLimits, DriverPoint, SerialSettings } from './driver.ts';
import type { Formula } from './formula/formula.ts';

export const DEVICE_CLASSES = ['ups', 'crac', 'power-meter', 'climate', 'leak', 'generator', 'drive', 'other'] as const;
export type DeviceClass = (typeof DEVICE_CLASSES)[number];

export const DATA_TYPES = [
  'bool',
  'int16',
  'uint16',
  'int24',
  'uint24',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'float16',
  'float32',
  'float64',
  'string',
  'bcd16',
  'bcd32',
  'bits',
] as const;
export type DataType = (typeof DATA_TYPES)[number];

/** When a point is read: a fixed interval, a node-cron expression, or once, until the device has been away. */
export type Rhythm = { readonly everyMs: number } | { readonly schedule: string } | { readonly once: true };

/** How a counter counts, in the point's unit. */
export interface CounterSpec {
  /** The figure at which it begins again with 0; left out: it never does. */
  readonly rollsOverAt?: number;
  /** More it cannot count in an hour. */
  readonly mostPerHour: number;
}

/** A point, all defaults filled in from its profile and device. */
export interface PointSpec extends DriverPoint {
  readonly title: Titles;
  readonly unit?: string;
  /** What the value is once decoded. */
  readonly kind: 'number' | 'boolean' | 'text';
  readonly type: DataType;
  /** Of a point that is computed from others of its device; it has no address, and no driver hears of it. */
  readonly formula?: Formula;
  readonly rhythm: Rhythm;
  /** Smallest change that is worth a reading; left out: every reading is kept. */
  readonly deadband?: number;
  /** With a deadband: a reading at least this often even without change. */
  readonly maxSilenceMs?: number;
  /** Readings outside become the fault out-of-range. */
  readonly valid?: { readonly min?: number; readonly max?: number };
  /** Its value is a total that goes on through roll-overs and replaced meters. */
  readonly counter?: CounterSpec;
  /** About what the simulator shows. */
  readonly typical?: number;
  readonly writable: boolean;
  /** Range of a written value. */
  readonly min?: number;
  readonly max?: number;
  /** Between two values that may be written, counted from `min` or from 0. */
  readonly step?: number;
  /** Most writes within `per` milliseconds. */
  readonly writeRate?: { readonly most: number; readonly per: number };
  /** Its value has to be said twice. */
  readonly dangerous?: boolean;
  /** Texts for the values of an enumeration, by value. */
  readonly enum?: Readonly<Record<string, Titles>>;
}

export interface DeviceSpec {
  readonly name: string;
  readonly title: Titles;
  readonly class: DeviceClass;
  readonly vendor?: string;
  readonly model?: string;
  /** `eastron/sdm630`; left out for points written into the configuration. */
  readonly profile?: string;
  readonly channel: string;
  readonly driver: string;
  readonly unitId: number;
  /** The device's address where that is no number, such as the twelve digits of DL/T 645. */
  readonly station?: string;
  /** How the line is set while this device is spoken to; left out: as the channel says. */
  readonly serial?: SerialSettings;
  readonly timeoutMs?: number;
  readonly limits: DeviceLimits;
  readonly points: readonly PointSpec[];
  readonly rules: readonly Rule[];
}

export interface ChannelSpec {
  readonly name: string;
  /** Framing of the line and default driver of its devices. */
  readonly driver: string;
  /** `/dev/…` or `tcp://host:port`. */
  readonly port: string;
  readonly serial: SerialSettings;
  readonly timeoutMs: number;
  /** Exchanges under way at once; only TCP takes more than one. */
  readonly maxInFlight: number;
  /** Share of the line's time that devices which do not answer may cost, all together. */
  readonly silentShare: number;
  /** Between opening and the first request: some adapters and devices start anew when they are opened. */
  readonly connectPauseMs?: number;
  /** Unused for so long, the line is closed until it is wanted: for devices that serve one connection at a time. */
  readonly closeAfterMs?: number;
  /** Silence between two protocols on this line. */
  readonly settleMs?: number;
  /** The adapter sends back what it is given before the device's answer. */
  readonly echo?: boolean;
  /** A device server that finds the speed by itself: a change of speed is then allowed over TCP. */
  readonly followsSpeed?: boolean;
}

/** What `channels:` and `devices:` of a configuration come to, profiles applied and everything checked. */
export interface Plant {
  readonly channels: readonly ChannelSpec[];
  readonly devices: readonly DeviceSpec[];
}
