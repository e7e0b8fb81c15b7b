import { isFault } from '../../core/faults.ts';
import type { Catalogue } from '../protocol/catalogue.ts';
import type { DecodedFrame } from '../protocol/decode-frame.ts';
import { decodeEnvelope, type Envelope } from '../protocol/envelope.ts';
import type { Gap, Hello, Refuse, Welcome } from '../protocol/messages.ts';
import type { Epoch, GatewayId, Seq } from '../protocol/numbers.ts';
import type { CursorState } from './archive.ts';
import { openFrame, type Track } from './track.ts';

/** What an envelope adds, on its way to the archive. */
export interface Staged {
  readonly frames: readonly DecodedFrame[];
  readonly gaps: readonly Gap[];
  readonly quarantined: readonly Uint8Array[];
  readonly catalogue?: Catalogue;
  readonly cursor: CursorState;
  readonly bytes: number;
}

export interface Received {
  readonly staged?: Staged;
  readonly refuse?: Refuse;
  /** An epoch of which something came again: it is acknowledged once more. */
  readonly again?: Epoch;
}

type Opened = Envelope & { readonly frames: readonly Buffer[] };

interface Taken {
  readonly frames: DecodedFrame[];
  readonly gaps: Gap[];
  readonly quarantined: Buffer[];
  track?: Track;
  again?: Epoch;
}

export interface HubSessionOptions {
  readonly gateway: GatewayId;
  readonly id: number;
  readonly hello: Hello;
  readonly welcome: Welcome;
  readonly tracks: ReadonlyMap<Epoch, Track>;
}

/** One welcomed conversation, without I/O and time: bytes in, what is to be stored and said out. */
export class HubSession {
  readonly gateway: GatewayId;
  readonly id: number;
  readonly hello: Hello;
  readonly welcome: Welcome;
  readonly #tracks: ReadonlyMap<Epoch, Track>;
  readonly #stored = new Map<Epoch, Seq>();
  #round = 0;
  #refusedRound = -1;
  /** Ended: nothing of it may be stored any more. */
  ended = false;

  constructor({ gateway, id, hello, welcome, tracks }: HubSessionOptions) {
    this.gateway = gateway;
    this.id = id;
    this.hello = hello;
    this.welcome = welcome;
    this.#tracks = tracks;
    for (const [epoch, track] of tracks) this.#stored.set(epoch, track.cursor.next);
  }

  /** Next number of an epoch that is not stored yet. */
  storedBelow(epoch: Epoch): Seq {
    return this.#stored.get(epoch) ?? 0;
  }

  /** The archive has everything below `next`. */
  stored(epoch: Epoch, next: Seq): void {
    this.#stored.set(epoch, next);
  }

  /** Records that the gateway had journalled at its hello and that are not stored yet. */
  get backlog(): number {
    return this.hello.epochs.reduce((sum, { epoch, next }) => sum + Math.max(0, next - this.storedBelow(epoch)), 0);
  }

  /** The gateway's newest catalogue, which decodes every frame of its epochs. */
  adopt(catalogue: Catalogue): void {
    for (const track of this.#tracks.values()) track.adopt(catalogue);
  }

  receive(payload: Buffer): Received {
    let envelope: ReturnType<typeof decodeEnvelope>;
    try {
      envelope = decodeEnvelope(payload);
    } catch (error) {
      if (!isFault(error, 'frame-malformed')) throw error;
      return this.#refusedRound === this.#round ? {} : { refuse: this.refuse(error.code, undefined, error.message) };
    }
    if (envelope.session !== this.id) return { refuse: noSession(envelope) };
    if (envelope.round < this.#round) return {};
    this.#round = envelope.round;
    return this.#refusedRound === this.#round ? {} : this.#take(envelope);
  }

  #take(envelope: Opened): Received {
    const taken: Taken = { frames: [], gaps: [], quarantined: [] };
    let refuse: Refuse | undefined;
    for (const bytes of envelope.frames) {
      refuse = this.#judge(bytes, envelope, taken);
      if (refuse) break;
    }
    const { track, again, frames, gaps, quarantined } = taken;
    const told = this.hello.epochs.find(({ epoch }) => epoch === track?.epoch);
    if (track && told && !refuse) gaps.push(...track.takeEnd(told.next, told.chain, envelope.floor));
    const moved = track !== undefined && frames.length + gaps.length > 0;
    const rest = { ...(refuse ? { refuse } : {}), ...(again ? { again } : {}) };
    if (!moved) return rest;
    const bytes = envelope.frames.reduce((sum, { length }) => sum + length, 0);
    const catalogue = track.takeAdopted();
    const staged = { frames, gaps, quarantined, cursor: track.cursor, bytes, ...(catalogue ? { catalogue } : {}) };
    return { staged, ...rest };
  }

  #judge(bytes: Buffer, envelope: Opened, taken: Taken): Refuse | undefined {
    const header = openFrame(bytes);
    if ('refused' in header) return this.refuse(header.refused, taken.track, header.detail);
    const track = this.#tracks.get(header.epoch);
    if (track === undefined) return noSession(envelope);
    if (taken.track !== undefined && taken.track !== track) {
      return this.refuse('frame-malformed', taken.track, 'two epochs in one envelope');
    }
    taken.track = track;
    const judged = track.judge(header, bytes, envelope.floor);
    if (judged.verdict === 'refuse') return this.refuse(judged.code, track, judged.detail);
    if (judged.verdict === 'seen') taken.again = header.epoch;
    else taken.gaps.push(...judged.gaps);
    if (judged.verdict === 'take') taken.frames.push(judged.frame);
    if (judged.verdict === 'pass') taken.quarantined.push(judged.quarantined);
    return undefined;
  }

  /** Refuses what comes in this round from now on; the gateway goes back to `next`. */
  refuse(code: Refuse['code'], track: Track | undefined, detail?: string): Refuse {
    this.#refusedRound = this.#round;
    const place = track ? { epoch: track.epoch, next: track.cursor.next } : {};
    const why = detail === undefined ? {} : { detail: detail.slice(0, 500) };
    return { session: this.id, round: this.#round, code, ...place, ...why };
  }
}

export function noSession({ session, round }: { readonly session: number; readonly round: number }): Refuse {
  return { session, round, code: 'no-session' };
}
