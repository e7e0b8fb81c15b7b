import type { Fault } from '../../core/faults.ts';
import type { SerialSettings, Step } from '../driver.ts';

/** One open connection to a line. It lives until it breaks; the channel then opens the next. */
export interface Wire {
  /** How the line is set at the moment. */
  readonly serial: SerialSettings;
  exchange(step: Step, timeoutMs: number): Promise<Uint8Array>;
  /** Bytes that nobody answers. */
  tell(bytes: Uint8Array, timeoutMs: number): Promise<void>;
  /** Between two exchanges. Rejects with speed-fixed where the line cannot be set from here. */
  retune(to: SerialSettings): Promise<void>;
  /** From now on, bytes that nobody asked for go to `heard`. */
  listen(heard: (bytes: Uint8Array) => void): void;
  /** Resolves once the connection is gone: `renew` if it was closed on purpose, to be sure that no late byte survives. */
  readonly closed: Promise<{ readonly fault: Fault; readonly renew: boolean }>;
  close(): Promise<void>;
}

export interface Traffic {
  bytesIn: number;
  bytesOut: number;
}
