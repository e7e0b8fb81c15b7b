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
  /** Why what lies below the gateway's floor is gone, where the gateway does not declare it. */
  readonly belowFloor: Gap['reason'];
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
  readonly #belowFloorReason: Gap['reason'];
  readonly #declared: readonly Gap[];
  readonly #poison: PoisonList;
  #next: Seq;
  #chain: Chain;
  #catalogue: number;
  #adopted: Catalogue | undefined;
  /** Point numbers that can be stored; undefined: the archive does not say. */
  readonly #numbers: Set<number> | undefined;
  /** The gateway's newest catalogue was asked for and came: it is known what it lacks. */
  #isAnswered = false;
  /** As the session began. */
  readonly #begin: Omit<CursorState, 'numbers'>;

  constructor({ cursor, belowFloor, declared, poison }: TrackOptions) {
    this.epoch = cursor.epoch;
    this.#next = cursor.next;
    this.#chain = cursor.chain;
    this.#catalogue = cursor.catalogue;
    const { numbers, ...begin } = cursor;
    this.#begin = begin;
    this.#numbers = numbers && new Set(numbers);
    this.#belowFloorReason = belowFloor;
    this.#declared = declared;
    this.#poison = poison;
  }

  get cursor(): CursorState {
    return { ...this.#begin, next: this.#next, chain: this.#chain, catalogue: this.#catalogue };
  }

  /** A catalogue that came beside the journal. */
  adopt(catalogue: Catalogue): void {
    this.#learn(catalogue);
    this.#adopted = catalogue;
    this.#isAnswered = true;
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

  /**
   * Losses up to the very end of a journal that ends at `end` with `chain`: no frame follows that would bring them to light.
   * Empty if anything is still to come.
   */
  takeEnd(end: Seq, chain: Chain, floor: Seq): readonly Gap[] {
    if (end <= this.#next) return [];
    const gaps = this.#gapsBefore(end, floor);
    if (gaps === undefined) return [];
    this.#moveTo(end, chain);
    return gaps;
  }

  #decode(header: FrameHeader, bytes: Buffer, gaps: readonly Gap[]): Verdict {
    let frame: DecodedFrame;
    try {
      frame = decodeBody(header, bytes);
    } catch (error) {
      if (!isFault(error, 'frame-malformed')) throw error;
      // Its checksum is right, so this is how it was written. Once more, in case it was our memory that erred.
      return this.#poisoned(header, bytes, gaps, { code: 'frame-malformed', detail: error.message, isSure: true });
    }
    const strange = this.#strangeNumber(frame);
    if (strange !== undefined) {
      const detail = `no catalogue has point number ${strange}`;
      return this.#poisoned(header, bytes, gaps, { code: 'catalogue-missing', detail, isSure: this.#isAnswered });
    }
    if (frame.kind === 'events') {
      for (const event of frame.events) if (event.event === 'catalogue') this.#learn(event.catalogue);
    }
    this.#moveTo(header.first + header.count, chainAfter(bytes));
    return { verdict: 'take', frame, gaps };
  }

  /** Refused the first time; passed over the second time, once it is sure that no third time would differ. */
  #poisoned(
    header: FrameHeader,
    bytes: Buffer,
    gaps: readonly Gap[],
    { code, detail, isSure }: { code: FaultCode; detail: string; isSure: boolean },
  ): Verdict {
    const after = chainAfter(bytes);
    if (!this.#poison.has(after) || !isSure) {
      if (this.#poison.size >= MOST_POISON) this.#poison.clear();
      this.#poison.add(after);
      return refuse(code, detail);
    }
    this.#poison.delete(after);
    const to = header.first + header.count;
    this.#moveTo(to, after);
    const gap: Gap = { epoch: this.epoch, from: header.first, to, reason: 'quarantined' };
    return { verdict: 'pass', quarantined: bytes, gaps: [...gaps, gap] };
  }

  #strangeNumber(frame: DecodedFrame): number | undefined {
    const numbers = this.#numbers;
    if (frame.kind === 'events' || numbers === undefined) return undefined;
    return frame.columns.find(({ point }) => !numbers.has(point))?.point;
  }

  #learn(catalogue: Catalogue): void {
    this.#catalogue = Math.max(this.#catalogue, catalogue.version);
    for (const { number } of catalogue.points) this.#numbers?.add(number);
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
    return { epoch: this.epoch, from: at, to, reason: this.#belowFloorReason };
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
