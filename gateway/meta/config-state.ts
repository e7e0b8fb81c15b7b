import { z } from 'zod';
import { type ConfigStand, configOutcome, configStates } from '../../cloud-sync/protocol/downlink.ts';

/** Channels and devices as the hub gave them. */
const documentSchema = z.object({
  version: z.number().int().positive(),
  hash: z.string(),
  text: z.string(),
});
export type ConfigDocument = z.output<typeof documentSchema>;

const outcomeSchema = z.object(configOutcome);
export type ConfigOutcome = z.output<typeof outcomeSchema>;

export const configStateSchema = z.object({
  /** The newest that the hub wants. */
  wanted: documentSchema.optional(),
  /** Applied for good; left out: the gateway's own file, as version 0. */
  good: documentSchema.optional(),
  state: z.enum(configStates).default('good'),
  /** Starts of the process while `wanted` was on trial. */
  starts: z.number().int().nonnegative().default(0),
  /** What is to be journalled about `wanted`, and where the journal stood when that was decided. Left out once it is journalled. */
  untold: z.object({ outcome: outcomeSchema, epoch: z.string(), next: z.number() }).optional(),
});
export type ConfigState = z.output<typeof configStateSchema>;

export const NO_CONFIG: ConfigState = { state: 'good', starts: 0 };

/** A process that does not live long enough to reach the hub so often is not helped by another start. */
const MOST_STARTS = 3;

/** The hub wants another one. Undefined if this is not newer than what is known. */
export function received(before: ConfigState, document: ConfigDocument): ConfigState | undefined {
  if (document.version <= (before.wanted?.version ?? 0)) return undefined;
  const good = lastGood(before);
  return { ...(good ? { good } : {}), wanted: document, state: 'new', starts: 0 };
}

/** It is good as far as one can tell without trying it: it is tried. */
export function onTrial(before: ConfigState): ConfigState {
  return { ...before, state: 'trial', starts: 0 };
}

export function refused(before: ConfigState): ConfigState {
  return { ...before, state: 'refused' };
}

/** The hub was heard while it was on trial. */
export function confirmed({ wanted, untold }: ConfigState): ConfigState {
  return { wanted, good: wanted, state: 'good', starts: 0, ...(untold ? { untold } : {}) };
}

/** The hub was not heard: what was good before is applied again. */
export function returned(before: ConfigState): ConfigState {
  return { ...before, state: 'returned' };
}

/** The process starts. `given-up`: it has started too often since the trial began. */
export function started(before: ConfigState): ConfigState | 'given-up' {
  if (before.state !== 'trial') return before;
  return before.starts >= MOST_STARTS ? 'given-up' : { ...before, starts: before.starts + 1 };
}

/** What the gateway works with; undefined: its own file. */
export function running({ wanted, good, state }: ConfigState): ConfigDocument | undefined {
  return state === 'trial' || state === 'good' ? (wanted ?? good) : good;
}

/** What it goes back to; undefined: its own file. */
export function lastGood({ wanted, good, state }: ConfigState): ConfigDocument | undefined {
  return state === 'good' ? (wanted ?? good) : good;
}

/** As the hub is told. `seedHash`: of what the gateway's own file holds. */
export function standOf(
  state: ConfigState,
  { managed, seedHash, schema }: { managed: 'file' | 'hub'; seedHash: string; schema: string },
): ConfigStand {
  const seed = { version: 0, hash: seedHash };
  if (managed === 'file') return { managed, held: seed, applied: seed, state: 'good', schema };
  const placeOf = (document: ConfigDocument | undefined) =>
    document ? { version: document.version, hash: document.hash } : seed;
  return { managed, held: placeOf(state.wanted), applied: placeOf(running(state)), state: state.state, schema };
}
