import type { GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import type { TwinWanted } from '../../cloud-sync/protocol/twins.ts';
import type { WriteCommand, WriteOutcome } from '../../cloud-sync/protocol/writes.ts';
import type { FaultCode } from '../../core/faults.ts';
import type { UnixMs, Value } from '../../core/reading.ts';

/**
 * `pending`: the gateway has not been there since; `sent`: it may have it, and has not answered; `expired`: its time was over before it was
 * begun. The others are as the gateway says.
 */
export const COMMAND_STATES = ['pending', 'sent', 'done', 'refused', 'failed', 'unknown', 'expired'] as const;
export type CommandState = (typeof COMMAND_STATES)[number];

/** One value that somebody wanted written, and what became of it. */
export interface StoredCommand {
  readonly id: string;
  readonly gateway: GatewayId;
  /** `device/point` */
  readonly point: string;
  readonly value: Value;
  readonly expect?: Value | undefined;
  readonly confirm?: Value | undefined;
  readonly by: string;
  readonly madeAt: UnixMs;
  readonly expires: UnixMs;
  readonly state: CommandState;
  /** Which process of the gateway it was sent to first; undefined: to none yet. */
  readonly sentTo?: string | undefined;
  readonly endedAt?: UnixMs | undefined;
  readonly code?: FaultCode | undefined;
  readonly detail?: string | undefined;
  /** What the device held before, and holds since, as far as it was read. */
  readonly before?: Value | undefined;
  readonly readBack?: Value | undefined;
  /** What was wanted of the point until this command was given, where something was. */
  readonly former?: TwinWanted | undefined;
}

/** Has it ended, and nothing was written by it? */
export function isUnwritten({ state, code }: Pick<StoredCommand, 'state' | 'code'>): boolean {
  return state === 'refused' || state === 'expired' || (state === 'failed' && code !== 'write-differs');
}

export function isOpen({ state }: Pick<StoredCommand, 'state'>): boolean {
  return state === 'pending' || state === 'sent';
}

/** As it goes to this process of the gateway. */
export function toCommand(command: StoredCommand, process: string): WriteCommand {
  const { id, gateway, point, value, expect, confirm, expires, by, sentTo } = command;
  return {
    ...{ id, kind: 'write', gateway, point, value, expires, by: by.slice(0, 100) },
    ...(expect === undefined ? {} : { expect }),
    ...(confirm === undefined ? {} : { confirm }),
    ...(sentTo === process ? {} : { again: true as const }),
  };
}

/** With what the gateway says became of it. What has ended stays as it is. */
export function answered(command: StoredCommand, outcome: WriteOutcome, at: UnixMs): StoredCommand {
  if (!isOpen(command)) return command;
  const { state, ...rest } = outcome;
  return { ...command, ...rest, endedAt: at, state: outcome.code === 'request-expired' ? 'expired' : state };
}

/** A gateway keeps what it did for 30 days; after that its answer would mean nothing. */
export const FORGOTTEN_MS = 30 * 86_400_000;

/** What time alone makes of it: one that was never sent expires here, one that was sent is for the gateway to say. */
export function aged(command: StoredCommand, now: UnixMs): StoredCommand {
  if (command.state === 'pending' && command.expires < now)
    return { ...command, state: 'expired', code: 'request-expired', endedAt: command.expires };
  if (command.state === 'sent' && command.expires < now - FORGOTTEN_MS)
    return { ...command, state: 'unknown', code: 'write-unknown', endedAt: now };
  return command;
}
