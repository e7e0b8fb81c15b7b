import { type Epoch, NO_CHAIN } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { UnixMs } from '../../core/reading.ts';
import type { Disk } from './disk.ts';
import { EpochLog } from './epoch-log.ts';
import type { Mark } from './frame-key.ts';
import type { Mender } from './mender.ts';
import type { EpochRecord, Meta, UncleanEnds } from './meta.ts';
import { epochFolder } from './segment-folder.ts';
import { settleSeals } from './settle-seals.ts';
import { newestStamp } from './stamps.ts';
import { settleTail, type Tail } from './tail.ts';

export interface TakeOverDeps {
  readonly folder: string;
  readonly meta: Meta;
  readonly disk: Disk;
  readonly mender: Mender;
  /** Oldest first; another one is added when the hardware is another. */
  readonly logs: EpochLog[];
  readonly marks: Map<Epoch, Mark>;
  readonly tail: Tail;
  readonly hardware: string | undefined;
  readonly newEpoch: () => Epoch;
  readonly settings: { readonly commitInterval: number };
  readonly clock: Clock;
  readonly log: Log;
}

export interface Begun {
  readonly boot: number;
  /** Stamp of the last record before this boot, if there is one. */
  readonly previousEnd: UnixMs | undefined;
  /** Bytes of the segment being written. */
  readonly newestBytes: number;
}

/** Puts right what a crash or damage left, and begins a boot. */
export async function takeOver(deps: TakeOverDeps): Promise<Begun> {
  const { meta, disk, mender, logs, marks, tail, clock, log } = deps;
  const newest = logs.at(-1) as EpochLog;
  const mended = await mender.wasMended(newest.epoch, newest.newestFirst);
  marks.set(newest.epoch, await settleTail(newest, tail, { meta, mended, log }));
  const last = await newest.lastFrame();
  const previousEnd = last && newestStamp(last);
  const moved = await leaveOtherHardware(deps);
  await settleSeals(logs, { meta, disk, clock });
  const boot = await beginBoot(deps, previousEnd);
  return { boot, previousEnd, newestBytes: moved ? 0 : tail.bytes };
}

/** A new identity: a wiped disk, or a journal begun anew on purpose. A first start that was cut short left an epoch unused. */
export async function addEpoch(meta: Meta, epoch: Epoch): Promise<void> {
  const record: EpochRecord = { epoch, boots: [], confirmed: 0, reserved: 0 };
  const used = meta.get('epochs').filter(({ reserved }) => reserved > 0);
  await meta.set(() => ({ epochs: [...used, record] }));
}

/**
 * A card that was moved to another board, or copied to one: the old board may write on under the old epoch, so this one begins
 * its own before the first write, and delivers what the old one has left. True if it did.
 */
async function leaveOtherHardware(deps: TakeOverDeps): Promise<boolean> {
  const { folder, meta, disk, mender, logs, marks, hardware, newEpoch, log } = deps;
  const known = meta.get('hardware');
  if (hardware === undefined || hardware === known) return false;
  const old = logs.at(-1) as EpochLog;
  const end = marks.get(old.epoch) as Mark;
  if (known === null || end.next === 0) {
    await meta.set(() => ({ hardware }));
    return false;
  }
  const epoch = newEpoch();
  const created: EpochRecord = { epoch, boots: [], confirmed: 0, reserved: 0 };
  const endOf = (record: EpochRecord) => (record.epoch === old.epoch ? { ...record, end } : record);
  await meta.set(() => ({ hardware, epochs: [...meta.get('epochs').map(endOf), created] }));
  await old.endAt(end);
  const begun = await EpochLog.open({ epoch, folder: epochFolder(folder, epoch), disk, mender, createAt: 0 });
  logs.push(begun);
  marks.set(epoch, await begun.mark());
  log.warn(
    { ended: old.epoch, next: end.next, epoch },
    'this journal was written on other hardware: a new epoch begins',
  );
  return true;
}

/** Boots are listed so that two histories that parted can be told apart; the oldest give way after 500. */
async function beginBoot({ meta, marks, settings }: TakeOverDeps, previousEnd: UnixMs | undefined): Promise<number> {
  const previous = meta.get('boot');
  const boot = previous + 1;
  const records = meta.get('epochs');
  const epochs = records.map((record, index) => {
    if (index < records.length - 1) return record;
    const { next, chain } = marks.get(record.epoch) ?? { next: 0, chain: NO_CHAIN };
    return { ...record, boots: [...record.boots, [boot, next, chain] as const].slice(-500) };
  });
  const clean = previous === 0 || meta.get('cleanEnd')?.boot === previous;
  const uncleanEnds: UncleanEnds = clean
    ? meta.get('uncleanEnds')
    : {
        count: meta.get('uncleanEnds').count + 1,
        last: {
          boot: previous,
          from: previousEnd ?? null,
          to: previousEnd === undefined ? null : previousEnd + settings.commitInterval,
        },
      };
  await meta.set(() => ({ boot, epochs, uncleanEnds }));
  return boot;
}
