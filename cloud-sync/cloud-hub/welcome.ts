import { FRAME_FORMAT } from '../protocol/frame.ts';
import type { Hello, Welcome } from '../protocol/messages.ts';
import { type Epoch, NO_CHAIN } from '../protocol/numbers.ts';
import type { CursorState } from './archive.ts';
import { hasParted, mergeBoots } from './history.ts';
import { type PoisonList, Track } from './track.ts';

/** Bytes under way that the hub grants to all gateways together, and at least and at most to one. */
const SHARED_WINDOW = 64 * 1024 * 1024;
const LEAST_WINDOW = 16 * 1024;
const MOST_WINDOW = 512 * 1024;

export interface WelcomeFacts {
  readonly session: number;
  readonly hub: string;
  readonly generation: string;
  readonly now: number;
  /** Sessions there are, this one included. */
  readonly sessions: number;
  readonly cursors: readonly CursorState[];
  readonly poison: PoisonList;
}

/** The answer to a hello, and where its epochs stand. */
export function answerHello(hello: Hello, facts: WelcomeFacts): { welcome: Welcome; tracks: Map<Epoch, Track> } {
  const tracks = new Map<Epoch, Track>();
  for (const told of hello.epochs) {
    const stored = facts.cursors.find(({ epoch }) => epoch === told.epoch);
    const { epoch } = told;
    const before = stored ?? { epoch, next: 0, chain: NO_CHAIN, catalogue: 0, boots: [], numbers: new Set() };
    // What has parted is not learnt from: only an operator, or the gateway itself, can say which history is right.
    const boots = stored && hasParted(stored, told) ? stored.boots : mergeBoots(before.boots, told.boots);
    const known = stored !== undefined;
    tracks.set(epoch, new Track({ cursor: { ...before, boots }, known, declared: hello.gaps, poison: facts.poison }));
  }
  const share = Math.floor(SHARED_WINDOW / Math.max(1, facts.sessions));
  const welcome: Welcome = {
    nonce: hello.nonce,
    session: facts.session,
    hub: facts.hub,
    generation: facts.generation,
    clock: { now: facts.now },
    frameFormats: [FRAME_FORMAT],
    limits: { windowBytes: Math.min(MOST_WINDOW, Math.max(LEAST_WINDOW, share)) },
    epochs: [...tracks.values()].map(({ cursor: { epoch, next, chain } }) => ({ epoch, cursor: next, chain })),
  };
  return { welcome, tracks };
}

/** Does any epoch of this hello belong to another history than the archive's? */
export function anyParted(hello: Hello, cursors: readonly CursorState[]): boolean {
  return cursors.some((stored) => {
    const told = hello.epochs.find(({ epoch }) => epoch === stored.epoch);
    return told !== undefined && hasParted(stored, told);
  });
}
