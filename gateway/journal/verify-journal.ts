import { chainAfter, readHeader } from '../../cloud-sync/protocol/frame.ts';
import type { Gap } from '../../cloud-sync/protocol/messages.ts';
import type { Chain, Epoch, Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { ReadFrame } from './segment.ts';

/** Numbers from `from` up to, not including, `to`. */
export interface Hole {
  readonly from: Seq;
  readonly to: Seq;
  /** Neither declared lost nor below what the hub has confirmed. */
  readonly undeclared: boolean;
}

/** What `sluice journal verify` shows of an epoch. */
export interface EpochVerdict {
  readonly epoch: Epoch;
  readonly floor: Seq;
  readonly next: Seq;
  readonly frames: number;
  readonly records: number;
  readonly bytes: number;
  /** Frames whose bytes or key are damaged, as far as they can be told apart. */
  readonly damaged: number;
  /** First numbers of whole frames that do not carry the hash of the frame right before them. */
  readonly chainBreaks: readonly Seq[];
  readonly holes: readonly Hole[];
}

export interface VerifyOptions {
  readonly epoch: Epoch;
  readonly floor: Seq;
  readonly next: Seq;
  readonly confirmed: Seq;
  readonly gaps: readonly Gap[];
}

/** Looks at every frame of an epoch, in order. Nothing is changed. */
export async function verifyEpoch(frames: AsyncIterable<ReadFrame>, options: VerifyOptions): Promise<EpochVerdict> {
  const { epoch, floor, next } = options;
  const holes: Hole[] = [];
  const chainBreaks: Seq[] = [];
  const sums = { frames: 0, records: 0, bytes: 0, damaged: 0 };
  let expected = floor;
  let chain: Chain | undefined;
  const expect = (seq: Seq) => {
    if (seq > expected) holes.push({ from: expected, to: seq, undeclared: isUndeclared(expected, seq, options) });
  };
  for await (const read of frames) {
    if (read.state === 'damaged') {
      sums.damaged++;
      continue;
    }
    const { first, count, bytes } = read.frame;
    if (first < expected || first >= next) continue;
    expect(first);
    if (first === expected && chain !== undefined && readHeader(Buffer.from(bytes)).chain !== chain)
      chainBreaks.push(first);
    chain = chainAfter(bytes);
    expected = first + count;
    sums.frames++;
    sums.records += count;
    sums.bytes += bytes.length;
  }
  expect(next);
  return { epoch, floor, next, ...sums, chainBreaks, holes };
}

/** Is everything that is missing declared, and everything that is there in its place? */
export function isSound({ chainBreaks, holes }: EpochVerdict): boolean {
  return chainBreaks.length === 0 && !holes.some(({ undeclared }) => undeclared);
}

function isUndeclared(from: Seq, to: Seq, { epoch, confirmed, gaps }: VerifyOptions): boolean {
  let at = Math.max(from, confirmed);
  for (const gap of [...gaps].sort((one, other) => one.from - other.from)) {
    if (gap.epoch === epoch && gap.from <= at && at < gap.to) at = gap.to;
  }
  return at < to;
}
