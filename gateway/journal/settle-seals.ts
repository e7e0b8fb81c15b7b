import { join } from 'node:path';
import { NO_CHAIN, type Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import type { Disk } from './disk.ts';
import type { EpochLog } from './epoch-log.ts';
import type { Meta, SegmentSeal } from './meta.ts';
import { segmentName } from './segment-folder.ts';

interface SettleDeps {
  readonly meta: Meta;
  readonly disk: Disk;
  readonly clock: Clock;
}

/** Seals are written after a segment is closed, and changed after it is gone: a crash in between leaves them behind. */
export async function settleSeals(epochs: readonly EpochLog[], { meta, disk, clock }: SettleDeps): Promise<void> {
  const isThere = ({ epoch, first }: SegmentSeal) => epochs.find((log) => log.epoch === epoch)?.firsts.includes(first);
  const kept = meta.get('seals').map((seal) => (seal.trimmed || isThere(seal) ? seal : { ...seal, trimmed: true }));
  const missing: SegmentSeal[] = [];
  for (const log of epochs) {
    const closed = log.ended ? log.firsts : log.firsts.slice(0, -1);
    const { next: end } = await log.mark();
    for (const [index, first] of closed.entries()) {
      const isSealed = kept.some((seal) => !seal.trimmed && seal.epoch === log.epoch && seal.first === first);
      if (!isSealed) missing.push(await sealOf(log, [first, log.firsts[index + 1] ?? end], { disk, clock }));
    }
  }
  if (missing.length === 0 && kept.every((seal, index) => seal === meta.get('seals')[index])) return;
  const place = ({ epoch }: SegmentSeal) => epochs.findIndex((log) => log.epoch === epoch);
  const seals = [...kept, ...missing].sort((one, other) => place(one) - place(other) || one.first - other.first);
  await meta.set(() => ({ seals }));
}

async function sealOf(
  log: EpochLog,
  [first, next]: readonly [Seq, Seq],
  { disk, clock }: Pick<SettleDeps, 'disk' | 'clock'>,
): Promise<SegmentSeal> {
  const chain = (await log.chainAt(next)) ?? NO_CHAIN;
  const bytes = await disk.bytes(join(log.folder, segmentName(first)));
  return { epoch: log.epoch, first, next, chain, bytes, closedAt: clock.now() };
}
