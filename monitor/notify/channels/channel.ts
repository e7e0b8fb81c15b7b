import { Fault } from '../../../core/faults.ts';
import type { Message } from '../message.ts';

/** A way to a receiver. It never retries: who calls it does. */
export interface Channel {
  /** Messages to one target keep their distance, whatever receivers they are for. */
  readonly target: string;
  readonly spacingMs: number;
  /** Whom it tells, where they have names: those of a group by one request. */
  readonly groups?: readonly (readonly string[])[];
  /** To these of a group. Answers what the other side said. Throws ReceiverFault. Must end soon after the signal aborts. */
  send(message: Message, signal: AbortSignal, to: readonly string[]): Promise<string>;
}

/** A recipient that did not take what others of its group took. */
export interface Rejected {
  readonly to: string;
  readonly detail: string;
  readonly isForEver: boolean;
}

/** receiver-failed: worth trying again. receiver-refused: never. */
export class ReceiverFault extends Fault {
  /** How long the other side asked to be left alone. */
  readonly retryAfterMs: number | undefined;
  readonly detail: string;
  /** Undefined: nobody took it. */
  readonly rejected: readonly Rejected[] | undefined;

  constructor(
    code: 'receiver-failed' | 'receiver-refused',
    detail: string,
    options: ErrorOptions & { retryAfterMs?: number | undefined; rejected?: readonly Rejected[] | undefined } = {},
  ) {
    super(code, detail, options);
    this.detail = detail;
    this.retryAfterMs = options.retryAfterMs;
    this.rejected = options.rejected;
  }
}
