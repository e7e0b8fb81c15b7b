import type { UnixMs } from '../../core/reading.ts';
import type { Alarm } from '../alarms/alarm.ts';

export type NoticeKind = 'raised' | 'cleared' | 'acknowledged' | 're-alarm' | 'escalated' | 'flapping' | 'settled';

/** Somebody is to be told of something. */
export interface Notice {
  /** Unique: alarm, what, n, receiver. */
  readonly key: string;
  /** Entry of the desk's log that it follows from. */
  readonly n: number;
  readonly what: NoticeKind;
  readonly receiver: string;
  /** The message that it is part of. */
  readonly delivery: string;
  /** As it stood then. */
  readonly alarm: Alarm;
  /** Hub's clock. */
  readonly at: UnixMs;
}

/** Why notices are in one message: an alarm and what came with it; a flood; what is history; what waited for the end of quiet hours. */
export type Reason = 'alarm' | 'flood' | 'late' | 'quiet' | 'test';

/** One message to one receiver. Its id stays the same however often it is tried. */
export interface Delivery {
  readonly id: string;
  readonly receiver: string;
  readonly reason: Reason;
  /** Hub's clock. */
  readonly createdAt: UnixMs;
  readonly notices: number;
}

/** What is known of the newest occurrence of a rule: whom it was told. */
export interface Watch {
  readonly alarm: Alarm;
  readonly n: number;
  /** When it was first told, hub's clock: the escalation counts from there. Null: not told. */
  readonly since: UnixMs | null;
  /** Next step of the escalation. */
  readonly step: number;
  /** Message in which each receiver was last told of this occurrence. */
  readonly told: Readonly<Record<string, string>>;
  /** The same of its chattering. */
  readonly flapTold: Readonly<Record<string, string>>;
}

/** A message that still waits for more. */
export interface Bundle {
  readonly id: string;
  readonly reason: Reason;
  readonly since: UnixMs;
  readonly due: UnixMs;
  readonly notices: number;
}

/** What is known of a receiver. */
export interface Lane {
  readonly open: Readonly<Record<string, Bundle>>;
  /** Groups that were told a moment ago: what follows waits until then. */
  readonly quietUntil: Readonly<Record<string, UnixMs>>;
  /** When it was told of raised alarms, within the last ten minutes. */
  readonly raises: readonly UnixMs[];
  readonly digestAt: UnixMs;
}

export const NEW_LANE: Lane = { open: {}, quietUntil: {}, raises: [], digestAt: 0 };
