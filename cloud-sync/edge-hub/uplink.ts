import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import { ENVELOPE_BYTES, encodeEnvelope, MAX_ENVELOPE_FRAMES } from '../protocol/envelope.ts';
import type { Gap } from '../protocol/messages.ts';
import type { Epoch, Seq } from '../protocol/numbers.ts';
import { briefGaps } from './brief-gaps.ts';
import type { EdgeSession } from './edge-session.ts';
import type { Outbox, StoredFrame } from './outbox.ts';
import type { Pace } from './pace.ts';
import { Wake } from './wake.ts';

export interface UplinkOptions {
  readonly session: EdgeSession;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly publish: (envelope: Buffer) => void;
}

/** Bytes of frames that go together at most. */
const ENVELOPE_TARGET = 128 * 1024;
/** Several envelopes share the window, so that the link is never empty while one is being stored. */
const ENVELOPES_UNDER_WAY = 4;
/** What MQTT's fixed header and topic take about, for the pace. */
const PACKET_OVERHEAD = 64;

/** Frames that lie between two numbers and are lost, without the hub having been told: a new hello tells it. */
export class Untold extends Error {}

/** Sends what the journal has, from the hub's cursor on, as far as the window admits. */
export class Uplink {
  readonly #options: UplinkOptions;
  readonly #wake = new Wake();
  readonly #stop = new AbortController();

  constructor(options: UplinkOptions) {
    this.#options = options;
  }

  /** Something has changed: an acknowledgement, a refusal, a commit. */
  wake(): void {
    this.#wake.notify();
  }

  end(): void {
    this.#stop.abort();
    this.wake();
  }

  /**
   * Until `end`.
   * @throws Untold, and what the outbox throws
   */
  async run(): Promise<void> {
    const { outbox, session } = this.#options;
    const stopListening = outbox.onCommit(() => {
      session.grown();
      this.wake();
    });
    try {
      while (!this.#stop.signal.aborted) {
        const place = session.place();
        if (place === undefined) await this.#wake.wait();
        else await this.#sendFrom(place.epoch, place.from);
      }
    } finally {
      stopListening();
    }
  }

  async #sendFrom(epoch: Epoch, from: Seq): Promise<void> {
    const { outbox, session } = this.#options;
    const { generation } = session;
    const batch = new Batch();
    let expected = from;
    for await (const frame of outbox.frames(epoch, from)) {
      if (this.#stop.signal.aborted || session.generation !== generation) return;
      // The iterator begins with the frame that holds `from`: what lies before it is there already.
      if (frame.first + frame.count <= expected) continue;
      if (frame.first > expected) this.#checkTold(epoch, expected, frame.first);
      if (!batch.takes(frame, session.window.size) && !(await this.#send(epoch, batch, generation))) return;
      batch.add(frame);
      expected = frame.first + frame.count;
    }
    if (batch.count > 0 && !(await this.#send(epoch, batch, generation))) return;
    if (session.generation !== generation || this.#hasMore(epoch, expected)) return;
    session.drained(epoch);
    this.#checkEnd(epoch, expected);
  }

  /** The end of a journal may be lost, and no frame follow that brings it to light: the hub hears of it in a new hello. */
  #checkEnd(epoch: Epoch, sentTo: Seq): void {
    const { session, outbox } = this.#options;
    const state = outbox.epochs().find((each) => each.epoch === epoch);
    if (state === undefined || state.next <= sentTo) return;
    const { next, floor } = state;
    if (isCovered(session.gaps, epoch, sentTo, next, floor) || !isCovered(outbox.gaps(), epoch, sentTo, next, floor))
      return;
    throw new Untold(`records ${sentTo} to ${next} are lost`);
  }

  /** A commit may have come between the end of the iteration and now. */
  #hasMore(epoch: Epoch, sentTo: Seq): boolean {
    const next = this.#options.outbox.epochs().find((state) => state.epoch === epoch)?.next ?? 0;
    // Frames that cannot be read are lost by declaration; what follows them comes with the next commit.
    return next > sentTo && sentTo !== this.#stuckAt(epoch, sentTo);
  }

  readonly #stuck = new Map<Epoch, Seq>();

  #stuckAt(epoch: Epoch, sentTo: Seq): Seq | undefined {
    const before = this.#stuck.get(epoch);
    this.#stuck.set(epoch, sentTo);
    return before;
  }

  /** False if what was to be sent is no longer wanted. */
  async #send(epoch: Epoch, batch: Batch, generation: number): Promise<boolean> {
    const { session, clock, pace, publish, outbox } = this.#options;
    const { frames, bytes } = batch.take();
    const waitMs = pace.take(bytes + ENVELOPE_BYTES + PACKET_OVERHEAD, clock.ticks());
    if (waitMs > 0) await clock.sleep(waitMs, this.#stop.signal).catch(() => {});
    const unwanted = () => this.#stop.signal.aborted || session.generation !== generation;
    while (!unwanted() && !session.window.admits(bytes)) await this.#wake.wait();
    const last = frames.at(-1);
    if (unwanted() || last === undefined) return false;
    const floor = outbox.epochs().find((state) => state.epoch === epoch)?.floor ?? 0;
    const envelope = { session: session.id, round: session.round, floor, frames: frames.map((frame) => frame.bytes) };
    session.sent(epoch, last.first + last.count, bytes, clock.ticks());
    publish(encodeEnvelope(envelope));
    return true;
  }

  #checkTold(epoch: Epoch, from: Seq, to: Seq): void {
    const { session, outbox } = this.#options;
    const floor = outbox.epochs().find((state) => state.epoch === epoch)?.floor ?? 0;
    // Below the floor the hub sees for itself that they are gone, but not why, and not of which points.
    const untold = briefGaps(outbox.gaps()).some((gap) => {
      const [begin, end] = [Math.max(from, gap.from), Math.min(to, gap.to)];
      return gap.epoch === epoch && begin < end && !isCovered(session.gaps, epoch, begin, end, 0);
    });
    if (untold) throw new Untold(`records ${from} to ${to} are lost`);
    if (isCovered(session.gaps, epoch, from, to, floor)) return;
    throw new Fault('frame-damaged', `records ${from} to ${to} are missing and not declared`);
  }
}

/** Is every number of [from, to) below the floor or in a declared gap? */
function isCovered(gaps: readonly Gap[], epoch: Epoch, from: Seq, to: Seq, floor: Seq): boolean {
  let at = Math.max(from, Math.min(floor, to));
  while (at < to) {
    const gap = gaps.find((each) => each.epoch === epoch && each.from <= at && at < each.to);
    if (gap === undefined) return false;
    at = gap.to;
  }
  return true;
}

/** Frames on their way into one envelope. */
class Batch {
  #frames: StoredFrame[] = [];
  #bytes = 0;

  get count(): number {
    return this.#frames.length;
  }

  takes(frame: StoredFrame, window: number): boolean {
    const fits = this.#bytes + frame.bytes.length <= Math.min(ENVELOPE_TARGET, window / ENVELOPES_UNDER_WAY);
    return this.#frames.length === 0 || (fits && this.#frames.length < MAX_ENVELOPE_FRAMES);
  }

  add(frame: StoredFrame): void {
    this.#frames.push(frame);
    this.#bytes += frame.bytes.length;
  }

  take(): { readonly frames: readonly StoredFrame[]; readonly bytes: number } {
    const taken = { frames: this.#frames, bytes: this.#bytes };
    this.#frames = [];
    this.#bytes = 0;
    return taken;
  }
}
