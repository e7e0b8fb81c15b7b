import { FRAME_FORMAT } from '../protocol/frame.ts';
import type { Gap, Hello, Welcome } from '../protocol/messages.ts';
import { type Epoch, type GatewayId, NO_CHAIN, type Seq } from '../protocol/numbers.ts';
import type { CursorState, Told } from './archive.ts';
import { mergeBoots } from './history.ts';
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
  /** Journals whose history is another from there on. */
  readonly partings?: ReadonlyMap<Epoch, Seq>;
  readonly poison: PoisonList;
  readonly wanted?: Welcome['wanted'];
  /** Certificates that began before this are to be followed at once. */
  readonly renewBefore?: number;
}

export interface Answer {
  readonly welcome: Welcome;
  readonly tracks: Map<Epoch, Track>;
  /** Losses at the very end of a journal: to be stored before the welcome goes out. */
  readonly ends: readonly { readonly gaps: readonly Gap[]; readonly cursor: CursorState }[];
}

/** The answer to a hello, and where its epochs stand. */
export function answerHello(hello: Hello, facts: WelcomeFacts): Answer {
  const { partings = new Map<Epoch, Seq>() } = facts;
  const tracks = new Map<Epoch, Track>();
  const ends: { gaps: readonly Gap[]; cursor: CursorState }[] = [];
  for (const told of hello.epochs) {
    const stored = facts.cursors.find(({ epoch }) => epoch === told.epoch);
    const { epoch } = told;
    const before = stored ?? { epoch, next: 0, chain: NO_CHAIN, catalogue: 0, boots: [], numbers: new Set() };
    // What has parted is not learnt from.
    const boots = partings.has(epoch) ? before.boots : mergeBoots(before.boots, told.boots);
    const belowFloor = reasonBelowFloor(hello, facts, before.next);
    const cursor = { ...before, boots };
    const track = new Track({ cursor, belowFloor, declared: hello.gaps, poison: facts.poison });
    const gaps = partings.has(epoch) ? [] : track.takeEnd(told.next, told.chain, told.floor);
    if (gaps.length > 0) ends.push({ gaps, cursor: track.cursor });
    tracks.set(epoch, track);
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
    epochs: [...tracks.values()].map(({ cursor: { epoch, next, chain } }) => {
      const parted = partings.get(epoch);
      return parted === undefined ? { epoch, cursor: next, chain } : { epoch, cursor: next, chain, parted };
    }),
    ...(facts.wanted ? { wanted: facts.wanted } : {}),
    renews: { before: facts.renewBefore ?? 0 },
  };
  return { welcome, tracks, ends };
}

const MOST_EPOCHS = 100;

/** What the archive is to learn from a hello. */
export function toldBy(
  hello: Hello,
  gateway: GatewayId,
  { cursors, partings, now }: { cursors: readonly CursorState[]; partings: ReadonlyMap<Epoch, Seq>; now: number },
): Told {
  const newest = hello.epochs.at(-1);
  const cursorOf = (epoch: Epoch) => cursors.find((cursor) => cursor.epoch === epoch)?.next ?? 0;
  // A copy that is shorter than what is stored brings nothing any more.
  const open = hello.epochs.filter((told) => told === newest || told.next >= cursorOf(told.epoch));
  const { hardware } = hello;
  return {
    gateway,
    epochs: hello.epochs
      .filter(({ epoch }) => !partings.has(epoch))
      .map((told) => {
        const { epoch, next, boots } = told;
        return hardware !== undefined && told === newest ? { epoch, next, boots, hardware } : { epoch, next, boots };
      }),
    // A hello that is full may have left some out.
    open: hello.epochs.length < MOST_EPOCHS ? new Set(open.map(({ epoch }) => epoch)) : undefined,
    gaps: hello.gaps,
    arrivedAt: now,
  };
}

/** Why the gateway no longer has what the hub lacks, where it does not say so itself. */
function reasonBelowFloor(hello: Hello, { hub, generation }: WelcomeFacts, cursor: Seq): Gap['reason'] {
  if (hello.hub?.id === hub && hello.hub.generation !== generation) return 'hub-restored';
  return cursor > 0 ? 'undeclared-floor' : 'before-this-hub';
}
