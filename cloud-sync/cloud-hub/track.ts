import { type FaultCode, isFault } from '../../core/faults.ts';
import type { Catalogue } from '../protocol/catalogue.ts';
import { type DecodedFrame, decodeBody } from '../protocol/decode-frame.ts';
import { chainAfter, type FrameHeader, readHeader } from '../protocol/frame.ts';
import type { Gap } from '../protocol/messages.ts';
import type { Chain, Epoch, Seq } from '../protocol/numbers.ts';
import type { CursorState } from './archive.ts';

/** What a frame came to. */
export type Verdict =
  | { readonly verdict: 'take'; readonly frame: DecodedFrame; readonly gaps: readonly Gap[] }
  | { readonly verdict: 'pass'; readonly quarantined: Buffer; readonly gaps: readonly Gap[] }
  | { readonly verdict: 'seen' }
  | { readonly verdict: 'refuse'; readonly code: FaultCode; readonly detail?: string };

/** Frames that could not be decoded, by gateway and place: kept across sessions, since the second time decides. */
export type PoisonList = Set<string>;

const MOST_POISON = 100;

export interface TrackOptions {
  readonly cursor: CursorState;
  /** False if the archive had never heard of the epoch. */
  readonly known: boolean;
  /** Losses that the gateway declares. */
  readonly declared: readonly Gap[];
  readonly poison: PoisonList;
}

/**
 * Where one epoch stands in a session, ahead of the archive by what is on its way there. Judges frames in the order of the
 * protocol; moves on only with those it takes or passes.
 */
export class Track {
  readonly epoch: Epoch;
  readonly #known: boolean;
  readonly #declared: readonly Gap[];
  readonly #poison: PoisonList;
  #next: Seq;
  #chain: Chain;
  #catalogue: number;
  #adopted: Catalogue | undefined;
  readonly #boots: CursorState['boots'];

  constructor({ cursor, known, declared, poison }: TrackOptions) {
    this.epoch = cursor.epoch;
    this.#next = cursor.next;
    this.#chain = cursor.chain;
    this.#catalogue = cursor.catalogue;
    this.#boots = cursor.boots;
    this.#known = known;
    this.#declared = declared;
    this.#poison = poison;
  }

  get cursor(): CursorState {
    const { epoch } = this;
    return { epoch, next: this.#next, chain: this.#chain, catalogue: this.#catalogue, boots: this.#boots };
  }

  /** A catalogue that came beside the journal. */
  adopt(catalogue: Catalogue): void {
    this.#catalogue = Math.max(this.#catalogue, catalogue.version);
    this.#adopted = catalogue;
  }

  /** What was adopted and is not on its way to the archive yet. */
  takeAdopted(): Catalogue | undefined {
    const adopted = this.#adopted;
    this.#adopted = undefined;
    return adopted;
  }

  /** `header` is the frame's; `floor` the lowest number that the gateway still has. */
  judge(header: FrameHeader, bytes: Buffer, floor: Seq): Verdict {
    const end = header.first + header.count;
    if (end <= this.#next) return { verdict: 'seen' };
    if (header.first < this.#next) return refuse('chain-mismatch', 'a frame overlaps what is stored');
    const gaps = this.#gapsBefore(header.first, floor);
    if (gaps === undefined) return refuse('out-of-sequence', `expected ${this.#next}, not ${header.first}`);
    // After a declared gap the history is the gateway's to tell.
    if (gaps.length === 0 && header.chain !== this.#chain) return refuse('chain-mismatch');
    if (header.kind === 'readings' && header.catalogue !== 0 && header.catalogue > this.#catalogue) {
      return refuse('catalogue-missing', `version ${header.catalogue}`);
    }
    return this.#decode(header, bytes, gaps);
  }

  #decode(header: FrameHeader, bytes: Buffer, gaps: readonly Gap[]): Verdict {
    const end = header.first + header.count;
    const after = chainAfter(bytes);
    try {
      const frame = decodeBody(header, bytes);
      if (frame.kind === 'events') {
        for (const event of frame.events) {
          if (event.event === 'catalogue') this.#catalogue = Math.max(this.#catalogue, event.catalogue.version);
        }
      }
      this.#moveTo(end, after);
      return { verdict: 'take', frame, gaps };
    } catch (error) {
      if (!isFault(error, 'frame-malformed')) throw error;
      // Its checksum is right, so this is how it was written. Once more, in case it was our memory that erred.
      if (!this.#poison.has(after)) {
        if (this.#poison.size >= MOST_POISON) this.#poison.clear();
        this.#poison.add(after);
        return refuse('frame-malformed', error.message);
      }
      this.#poison.delete(after);
      this.#moveTo(end, after);
      const gap: Gap = { epoch: this.epoch, from: header.first, to: end, reason: 'quarantined' };
      return { verdict: 'pass', quarantined: bytes, gaps: [...gaps, gap] };
    }
  }

  #moveTo(next: Seq, chain: Chain): void {
    this.#next = next;
    this.#chain = chain;
  }

  /** What lies between the cursor and `first`, if every bit of it is lost by declaration; undefined otherwise. */
  #gapsBefore(first: Seq, floor: Seq): Gap[] | undefined {
    const gaps: Gap[] = [];
    let at = this.#next;
    while (at < first) {
      const gap = this.#declaredAt(at) ?? this.#belowFloor(at, floor);
      if (gap === undefined) return undefined;
      // What was declared lost and comes all the same is not lost.
      const to = Math.min(gap.to, first);
      gaps.push(at === gap.from && to === gap.to ? gap : { epoch: gap.epoch, from: at, to, reason: gap.reason });
      at = to;
    }
    return gaps;
  }

  #declaredAt(at: Seq): Gap | undefined {
    return this.#declared.find(({ epoch, from, to }) => epoch === this.epoch && from <= at && at < to);
  }

  #belowFloor(at: Seq, floor: Seq): Gap | undefined {
    if (at >= floor) return undefined;
    const following = this.#declared.filter(({ epoch, from }) => epoch === this.epoch && from > at);
    const to = Math.min(floor, ...following.map(({ from }) => from));
    const reason = this.#known || this.#next > 0 ? 'undeclared-floor' : 'before-this-hub';
    return { epoch: this.epoch, from: at, to, reason };
  }
}

function refuse(code: FaultCode, detail?: string): Verdict {
  return detail === undefined ? { verdict: 'refuse', code } : { verdict: 'refuse', code, detail };
}

/** The header, or why the frame is refused. */
export function openFrame(bytes: Buffer): FrameHeader | { readonly refused: FaultCode; readonly detail: string } {
  try {
    return readHeader(bytes);
  } catch (error) {
    if (!isFault(error, 'frame-malformed', 'frame-damaged')) throw error;
    return { refused: error.code, detail: error.message };
  }
}
