import type { Clock } from '../../core/clock.ts';
import type { FaultCode } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import type { Metrics } from '../../core/metrics.ts';
import type { Service } from '../../core/service.ts';
import type { Result } from '../protocol/downlink.ts';
import type { Live, LiveAlarm, Status } from '../protocol/messages.ts';
import type { GatewayId } from '../protocol/numbers.ts';
import type { Downlink } from './downlink.ts';
import type { Identity } from './identity.ts';
import type { openLink } from './link.ts';
import type { Outbox } from './outbox.ts';
import type { RenewalOptions } from './renewal.ts';

export interface EdgeHubOptions {
  readonly gateway: GatewayId;
  /** `mqtts://hub.example.com:8883` */
  readonly url: string;
  readonly identity: Identity;
  /** The certificate before it, and where the one that follows is kept. */
  readonly renewal?: Pick<RenewalOptions, 'previous' | 'save'>;
  readonly outbox: Outbox;
  /** Newest value of every point, for the live lane. */
  readonly newest: () => Live['values'];
  /** Does the journal take nothing at present, as on a full disk? Then values reach the hub on the live lane alone. */
  readonly stuck?: () => boolean;
  /** Active alarms and those that ended lately, for the live lane. */
  readonly alarms?: () => readonly LiveAlarm[];
  readonly status: () => Status | Promise<Status>;
  /** Another text whenever a status should be told soon, such as when a line has failed. */
  readonly mark?: () => string;
  /** What a session has measured of the hub's clock, to within `errorMs`. */
  readonly onHubTime?: (time: { readonly now: number; readonly ticks: number; readonly errorMs: number }) => void;
  /** Left out: it takes nothing from the hub. */
  readonly downlink?: Downlink;
  readonly facts: { readonly software: string; readonly boot: number; readonly hardware?: string };
  readonly settings: {
    /** Bytes. */
    readonly window: number;
    /** 0 is no bound. */
    readonly maxBytesPerSecond: number;
    /** What the ceiling of the waits between two attempts grows to, milliseconds. */
    readonly retryWithin: number;
  };
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How a connection is made; over MQTT if left out. */
  readonly connect?: typeof openLink;
}

export interface EdgeHubState {
  readonly link: 'offline' | 'connecting' | 'welcomed';
  /** Wall time of the last change. */
  readonly since: number;
  /** Why it is not welcomed. */
  readonly fault?: FaultCode;
  readonly session?: number;
  /** Hub's clock minus ours. */
  readonly clockOffsetMs?: number;
  readonly unackedBytes: number;
  /** Since when frames do not get on although the hub is there; wall time. */
  readonly stuckSince?: number;
}

export interface EdgeHubService extends Service {
  state(): EdgeHubState;
  /** Tells the hub at once, within a session; without one it is told otherwise, or never. */
  tell(result: Result): void;
}
