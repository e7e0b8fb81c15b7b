import type { Catalogue } from '../../cloud-sync/protocol/catalogue.ts';
import { decodeFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import { chainAfter, type FrameHeader, readHeader } from '../../cloud-sync/protocol/frame.ts';
import { type Chain, type Epoch, NO_CHAIN, type Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { UnixMs } from '../../core/reading.ts';
import { EndCheck } from './end-check.ts';
import type { EpochLog } from './epoch-log.ts';
import type { Mark } from './frame-key.ts';
import { newestStamp } from './stamps.ts';

/** What the frames of an epoch tell of it, where nothing else is known any more. */
export interface EpochScan {
  readonly epoch: Epoch;
  /** After the last whole frame; at its first number if it has none. */
  readonly mark: Mark;
  /** No damaged frame in it can be its newest. */
  readonly isWhole: boolean;
  /** Of the last whole frame; -1 without any. */
  readonly newestBoot: number;
  readonly newestStamp: UnixMs;
  /** Where boots began, as far as the frame before is there too. */
  readonly boots: readonly (readonly [number, Seq, Chain])[];
  readonly catalogue: Catalogue | undefined;
  /** Of its first frame: its body, boot and kind are the same in every epoch it was moved to. */
  readonly firstContent: Chain | undefined;
}

/** Reads every frame of an epoch. */
export async function scanEpoch(log: EpochLog): Promise<EpochScan> {
  const boots: [number, Seq, Chain][] = [];
  let mark: Mark = { next: log.firsts.at(-1) ?? 0, chain: NO_CHAIN };
  let before: Mark = { next: 0, chain: NO_CHAIN };
  let last: { header: FrameHeader; bytes: Uint8Array } | undefined;
  const end = new EndCheck(log.floor);
  let catalogue: Catalogue | undefined;
  let firstContent: Chain | undefined;
  for await (const read of log.read(0)) {
    end.add(read);
    if (read.state === 'damaged') continue;
    const { bytes } = read.frame;
    const header = readHeader(Buffer.from(bytes));
    firstContent ??= contentOf(bytes);
    if (beginsBoot(header, before, boots)) boots.push([header.boot, header.first, header.chain]);
    if (header.kind === 'events') catalogue = newestCatalogue(bytes) ?? catalogue;
    before = { next: header.first + header.count, chain: chainAfter(bytes) };
    last = { header, bytes };
  }
  if (last && before.next >= mark.next) mark = before;
  return {
    ...{ epoch: log.epoch, mark, isWhole: end.isWhole, boots, catalogue, firstContent },
    newestBoot: last?.header.boot ?? -1,
    newestStamp: (last && newestStamp(last.bytes)) ?? 0,
  };
}

/** Only where the frame before is there too is it certain that none of the boot's came before. */
function beginsBoot({ boot, first, chain }: FrameHeader, before: Mark, boots: EpochScan['boots']): boolean {
  return first === before.next && chain === before.chain && boot > (boots.at(-1)?.[0] ?? -1);
}

/** Where in an epoch a frame of this content stands: from there on its records were moved on. */
export async function findContent(log: EpochLog, content: Chain): Promise<Mark | undefined> {
  for await (const read of log.read(0)) {
    if (read.state === 'damaged' || contentOf(read.frame.bytes) !== content) continue;
    return { next: read.key.first, chain: readHeader(Buffer.from(read.frame.bytes)).chain };
  }
  return undefined;
}

/** Hash of what does not change when a frame is moved into another epoch: boot, catalogue and body. */
function contentOf(bytes: Uint8Array): Chain {
  const rest = Buffer.from(bytes);
  rest.fill(0, 5, 29);
  rest.fill(0, 41, 49);
  rest.fill(0, 53, 57);
  return chainAfter(rest);
}

function newestCatalogue(bytes: Uint8Array): Catalogue | undefined {
  const frame = decodeFrame(Buffer.from(bytes));
  if (frame.kind !== 'events') return undefined;
  const events = frame.events.filter((event) => event.event === 'catalogue');
  return events.at(-1)?.catalogue;
}
