import type { StoredFrame } from '../../cloud-sync/edge-hub/outbox.ts';
import type { Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Log } from '../../core/log.ts';
import type { EpochLog } from './epoch-log.ts';
import type { GapLedger } from './gap-ledger.ts';
import type { SetAside } from './set-aside.ts';

export interface ReadFramesOptions {
  readonly from: Seq;
  /** What was on the disk when the reading began: everything below must come. */
  readonly stored: Seq;
  readonly ledger: GapLedger;
  /** Keeps what is damaged as it was found. */
  readonly setAside?: SetAside | undefined;
  readonly log: Log;
}

/**
 * The whole frames of an epoch from `from` on. What is missing between them is declared lost by number: what a damaged frame
 * held, only its neighbours can tell.
 */
export async function* readFrames(epoch: EpochLog, options: ReadFramesOptions): AsyncIterable<StoredFrame> {
  const { ledger, log, stored } = options;
  const declareHole = async (from: Seq, to: Seq) => {
    // Below the floor retention has declared what there is to declare.
    const begin = ledger.skip(epoch.epoch, Math.max(from, epoch.floor));
    if (begin >= to) return;
    log.error({ epoch: epoch.epoch, from: begin, to }, 'stored frames are damaged: declared lost');
    await ledger.declare({ epoch: epoch.epoch, from: begin, to, reason: 'journal-damaged' });
  };
  let expected = options.from;
  for await (const read of epoch.read(expected)) {
    if (read.state === 'damaged') {
      await keep(read.found, epoch, options);
      continue;
    }
    if (read.key.first < expected) continue;
    await declareHole(expected, read.key.first);
    expected = read.key.first + read.key.count;
    yield read.frame;
  }
  await declareHole(expected, stored);
}

async function keep(
  found: { readonly key: Buffer; readonly bytes: Buffer } | undefined,
  { epoch }: EpochLog,
  { setAside }: ReadFramesOptions,
): Promise<void> {
  if (found) await setAside?.frame(`${epoch}-${found.key.subarray(0, 32).toString('hex')}`, found.bytes);
}
