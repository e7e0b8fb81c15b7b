import type { FaultCode } from '../../core/faults.ts';
import type { Service } from '../../core/service.ts';
import type { Line, SerialSettings } from '../driver.ts';

export type ChannelState =
  | { readonly state: 'opening' }
  | { readonly state: 'open' }
  | { readonly state: 'faulted'; readonly fault: FaultCode; readonly detail: string };

/** Counts since start. */
export interface ChannelStatistics {
  readonly exchanges: number;
  readonly faults: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Milliseconds in which the line was leased: utilisation is its growth over time. */
  readonly busyMs: number;
}

export interface LeaseOptions {
  /** Writes overtake polls that wait. Default: poll. */
  readonly urgency?: 'poll' | 'write';
  /** Reply time-out for this lease, instead of the channel's. */
  readonly timeoutMs?: number;
  /** The protocol that will be spoken: between two of them the line rests for its settle time. */
  readonly driver?: string;
  /** How the line is to be set for this lease, instead of as the channel says. */
  readonly serial?: SerialSettings;
  readonly signal?: AbortSignal;
}

/**
 * One physical line. It moves bytes, one exchange at a time per lease, and knows no protocol. While it runs it keeps the line open and
 * reconnects with backoff; while the line is down every lease rejects at once with the fault that keeps it down.
 */
export interface Channel extends Service {
  readonly name: string;
  readonly state: ChannelState;
  /** Leases the line, runs `work`, gives the line back whatever happens. Waiters are served in order. */
  lease<T>(work: (line: Line) => Promise<T>, options?: LeaseOptions): Promise<T>;
  /** Bytes of a line that talks by itself. Ends when the signal aborts; survives reconnects. */
  listen(signal: AbortSignal): AsyncIterable<Uint8Array>;
  statistics(): ChannelStatistics;
}
