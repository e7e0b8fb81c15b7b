import { Fault } from '../../../core/faults.ts';
import type { Message } from '../message.ts';

/** A way to a receiver. It never retries: who calls it does. */
export interface Channel {
  /** Messages to one target keep their distance, whatever receivers they are for. */
  readonly target: string;
  readonly spacingMs: number;
  /** Answers what the other side said. Throws ReceiverFault. Must end soon after the signal aborts. */
  send(message: Message, signal: AbortSignal): Promise<string>;
}

/** receiver-failed: worth trying again. receiver-refused: never. */
export class ReceiverFault extends Fault {
  /** How long the other side asked to be left alone. */
  readonly retryAfterMs: number | undefined;
  readonly detail: string;

  constructor(
    code: 'receiver-failed' | 'receiver-refused',
    detail: string,
    options: ErrorOptions & { retryAfterMs?: number | undefined } = {},
  ) {
    super(code, detail, options);
    this.detail = detail;
    this.retryAfterMs = options.retryAfterMs;
  }
}
