import { encodeEvents } from '../../cloud-sync/protocol/event-body.ts';
import type { JournalEvent } from '../../cloud-sync/protocol/events.ts';
import {
  chainAfter,
  encodeFrame,
  type FrameHeader,
  type FrameKind,
  MAX_BODY_BYTES,
  MAX_FRAME_BYTES,
} from '../../cloud-sync/protocol/frame.ts';
import { type Epoch, NO_CHAIN } from '../../cloud-sync/protocol/numbers.ts';
import type { FrameKey, Mark } from './frame-key.ts';

/** What becomes one frame: encoded already, not yet numbered. */
export interface Part {
  readonly kind: FrameKind;
  readonly count: number;
  readonly body: Uint8Array;
  readonly catalogue: number;
  /** Stamped by a clock that nobody vouches for. */
  readonly clockUncertain: boolean;
}

export interface SealedFrame extends FrameKey {
  readonly bytes: Buffer;
}

export interface SealContext {
  readonly epoch: Epoch;
  readonly boot: number;
}

/** Numbers and chains the parts of one commit. Pure: a commit that fails uses up no number. */
export function sealFrames(
  parts: readonly Part[],
  from: Mark,
  context: SealContext,
): { frames: SealedFrame[]; mark: Mark } {
  const frames: SealedFrame[] = [];
  let { next, chain } = from;
  for (const { kind, count, body, catalogue, clockUncertain } of parts) {
    const header: FrameHeader = { kind, first: next, count, chain, catalogue, clockUncertain, ...context };
    const bytes = encodeFrame(header, body);
    chain = chainAfter(bytes);
    frames.push({ first: next, count, chainAfter: chain, bytes });
    next += count;
  }
  return { frames, mark: { next, chain } };
}

/** Can a frame hold this event? Only a catalogue of some ten thousand points is too long. */
export function fitsFrame(event: JournalEvent): boolean {
  const body = encodeEvents([event]);
  if (body.length > MAX_BODY_BYTES) return false;
  const header: FrameHeader = {
    ...{ kind: 'events', first: 0, count: 1, catalogue: 0, boot: 0, chain: NO_CHAIN, clockUncertain: false },
    epoch: '0'.repeat(32),
  };
  return encodeFrame(header, body).length <= MAX_FRAME_BYTES;
}
