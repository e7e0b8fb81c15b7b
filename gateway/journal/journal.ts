import type { EpochState, HubIdentity, Outbox, StoredFrame } from '../../cloud-sync/edge-hub/outbox.ts';
import type { Catalogue } from '../../cloud-sync/protocol/catalogue.ts';
import type { JournalEvent } from '../../cloud-sync/protocol/events.ts';
import type { Gap } from '../../cloud-sync/protocol/messages.ts';
import type { Chain, Epoch, Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Outcome, UnixMs } from '../../core/reading.ts';
import type { Service } from '../../core/service.ts';
import type { Disk } from './disk.ts';
import type { EpochLog } from './epoch-log.ts';
import { Epochs } from './epochs.ts';
import type { Mark } from './frame-key.ts';
import { GapLedger } from './gap-ledger.ts';
import type { Mender } from './mender.ts';
import type { LastVerified, Meta, UncleanEnds } from './meta.ts';
import { partEpoch } from './parting.ts';
import { readFrames } from './read-frames.ts';
import { readParts } from './read-parts.ts';
import type { RetentionSettings } from './retention.ts';
import { Ballast } from './room.ts';
import { fitsFrame } from './seal.ts';
import { Trimmer } from './trimmer.ts';
import { Upkeep } from './upkeep.ts';
import { type EpochVerdict, verifyEpoch } from './verify-journal.ts';
import { type EventOptions, Writer } from './writer.ts';

/** Bytes and milliseconds. */
export interface JournalSettings extends RetentionSettings {
  readonly commitInterval: number;
  readonly commitBytes: number;
}

export interface JournalDeps {
  readonly folder: string;
  readonly meta: Meta;
  readonly disk: Disk;
  /** None in a journal that is only looked at. */
  readonly mender: Mender | undefined;
  /** Oldest first; the last is written to. */
  readonly logs: readonly EpochLog[];
  readonly marks: ReadonlyMap<Epoch, Mark>;
  readonly boot: number;
  /** Stamp of the last record before this boot, if there was one. */
  readonly previousEnd: UnixMs | undefined;
  /** Bytes of the segment being written, as it was found. */
  readonly newestBytes: number;
  readonly settings: JournalSettings;
  readonly newEpoch: () => Epoch;
  readonly clock: Clock;
  readonly log: Log;
}

/** Records on disk at the edge, numbered, until the hub has confirmed them. `openJournal` makes one. */
export class Journal implements Outbox, Service {
  readonly name = 'journal';
  readonly what = 'journal';
  readonly #deps: JournalDeps;
  readonly #epochs: Epochs;
  readonly #ledger: GapLedger;
  readonly #upkeep: Upkeep;
  readonly #ballast: Ballast;
  readonly #writer: Writer;
  #catalogue: Catalogue | null;

  constructor(deps: JournalDeps) {
    this.#deps = deps;
    const { folder, meta, disk, clock, log, settings, newestBytes, boot } = deps;
    this.#epochs = new Epochs(meta, deps.logs, deps.marks);
    this.#ledger = new GapLedger(meta);
    this.#ballast = new Ballast(folder, disk);
    this.#catalogue = meta.get('catalogue');
    const shared = { meta, epochs: this.#epochs, ledger: this.#ledger, clock, log };
    const trimmer = new Trimmer({ ...shared, disk, settings });
    const { maxBytes } = settings;
    this.#upkeep = new Upkeep({
      ...shared,
      trimmer,
      ballast: this.#ballast,
      setAside: deps.mender?.setAside,
      maxBytes,
      newestBytes,
    });
    const catalogue = this.#catalogue?.version ?? 0;
    this.#writer = new Writer({ ...shared, upkeep: this.#upkeep, boot, settings, catalogue });
  }

  get epoch(): Epoch {
    return this.#epochs.current.epoch;
  }

  get boot(): number {
    return this.#deps.boot;
  }

  /** Stamp of the last record before this boot, if there was one. */
  get previousEnd(): UnixMs | undefined {
    return this.#deps.previousEnd;
  }

  /** Records that never entered the journal because the disk refused for too long. */
  get dropped(): number {
    return this.#writer.dropped;
  }

  /** A write failed and has not been repaired yet. */
  get failing(): boolean {
    return this.#writer.failing;
  }

  /** Milliseconds for which the disk has owed the end of a write. */
  stalledMs(): number {
    return this.#writer.stalledMs;
  }

  /** Is there a reserve of space for declaring losses on a full disk? */
  get hasBallast(): boolean {
    return this.#ballast.made;
  }

  uncleanEnds(): UncleanEnds {
    return this.#deps.meta.get('uncleanEnds');
  }

  lastVerified(): LastVerified | null {
    return this.#deps.meta.get('lastVerified');
  }

  async noteVerified(lastVerified: LastVerified): Promise<void> {
    await this.#deps.meta.set(() => ({ lastVerified }));
  }

  /** Bytes that may still be written to its disk. */
  freeBytes(): Promise<number> {
    return this.#deps.disk.free(this.#deps.folder);
  }

  /** Next number to be used: everything below is on the disk. */
  get next(): Seq {
    return this.#epochs.mark.next;
  }

  /** Bytes of frames on disk. */
  get bytes(): number {
    return this.#upkeep.bytes;
  }

  reading(point: number, at: UnixMs, outcome: Outcome): void {
    this.#writer.reading(point, at, outcome);
  }

  event(event: JournalEvent, options: EventOptions = {}): void {
    this.#writer.event(event, options);
  }

  /** The catalogue that readings from now on refer to. */
  async publish(catalogue: Catalogue): Promise<void> {
    this.#catalogue = catalogue;
    await this.#deps.meta.set(() => ({ catalogue }));
    const event = { event: 'catalogue', at: this.#deps.clock.now(), catalogue } as const;
    // A hub that lacks it asks for it, and gets it in parts.
    if (fitsFrame(event)) this.event(event, { urgent: true });
    else this.#writer.refer(catalogue.version);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { meta, clock, boot, log } = this.#deps;
    const whole = await this.#writer.run(signal);
    if (!whole) return;
    await meta
      .set(() => ({ cleanEnd: { boot, at: clock.now(), epoch: this.epoch, ...this.#epochs.mark } }))
      .catch((error: unknown) => {
        log.warn({ error: String(error) }, 'the orderly end could not be noted');
      });
  }

  /** Commits at once what was given so far; resolves when it is on the disk. */
  flush(): Promise<void> {
    return this.#writer.flush();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#epochs.all, this.#deps.meta].map((each) => each.close()));
  }

  // Outbox: what the uplink needs.

  epochs(): readonly EpochState[] {
    return this.#epochs.states();
  }

  async *frames(epoch: Epoch, from: Seq): AsyncIterable<StoredFrame> {
    const stored = this.#epochs.markOf(epoch)?.next ?? 0;
    const { log, mender } = this.#deps;
    const options = { from, stored, ledger: this.#ledger, setAside: mender?.setAside, log };
    try {
      yield* readFrames(this.#epochs.find(epoch), options);
    } catch (error) {
      // The handle is being mended: what is there, a later reading finds.
      if (!this.failing) throw error;
    }
  }

  /** The whole frames that are on the disk now, of an epoch, from the one that begins at `from`; nothing is declared by reading them. */
  async *wholeFrames(epoch: Epoch, from: Seq = 0): AsyncIterable<StoredFrame> {
    const to = this.#epochs.markOf(epoch)?.next ?? 0;
    for await (const read of readParts(this.#epochs.find(epoch), { from, to }))
      if (read.state === 'whole') yield read.frame;
  }

  /**
   * Looks at every frame that is on the disk; nothing is declared by it. `sealedOnly` leaves out what is being written, `pause` is
   * awaited between parts of about 1 MiB.
   */
  async verify(options: { sealedOnly?: boolean; pause?: () => Promise<void> } = {}): Promise<readonly EpochVerdict[]> {
    const { sealedOnly = false, pause } = options;
    const verdicts: EpochVerdict[] = [];
    for (const { epoch, floor, next, confirmed } of this.#epochs.states()) {
      // During a pause it may have been given up.
      if (!this.#epochs.has(epoch)) continue;
      const log = this.#epochs.find(epoch);
      const to = sealedOnly && !log.ended ? log.newestFirst : next;
      const frames = readParts(log, { from: floor, to, pause });
      verdicts.push(await verifyEpoch(frames, { epoch, floor, next: to, confirmed, gaps: this.gaps() }));
    }
    return verdicts;
  }

  async chainAt(epoch: Epoch, seq: Seq): Promise<Chain | undefined> {
    const mark = this.#epochs.markOf(epoch);
    if (mark?.next === seq) return mark.chain;
    const seal = this.#deps.meta.get('seals').find((each) => each.epoch === epoch && each.next === seq);
    const chain = (await this.#epochs.find(epoch).chainAt(seq)) ?? seal?.chain;
    // Damaged there: once it is declared, the hub goes on behind it.
    if (chain === undefined) for await (const _ of this.frames(epoch, seq)) break;
    return chain;
  }

  async confirm(epoch: Epoch, next: Seq): Promise<void> {
    this.#epochs.confirm(epoch, next);
    // May lag: the hub says it again.
    await this.#ledger.confirmed(epoch, next).catch((error: unknown) => {
      this.#deps.log.warn({ error: String(error) }, 'what is confirmed could not be noted');
    });
  }

  confirmedBelow(epoch: Epoch): Seq {
    return this.#epochs.confirmedBelow(epoch);
  }

  part(epoch: Epoch, at: Seq): Promise<void> {
    return this.#writer.alone(async (signal) => {
      const { newestBytes, segmentBytes } = this.#upkeep;
      const from = { ...this.#deps, epochs: this.#epochs, ledger: this.#ledger, newestBytes, segmentBytes };
      const parted = await partEpoch(from, { epoch, at }, signal);
      if (parted) this.#upkeep.begun(parted.newestBytes);
    });
  }

  hub(): HubIdentity | null {
    return this.#deps.meta.get('hub');
  }

  async setHub(hub: HubIdentity): Promise<void> {
    const known = this.hub();
    if (known?.id === hub.id && known.generation === hub.generation) return;
    await this.#deps.meta.set(() => ({ hub }));
  }

  gaps(): readonly Gap[] {
    return this.#ledger.all();
  }

  /** The catalogue of the last start, if there was one. */
  knownCatalogue(): Catalogue | null {
    return this.#catalogue;
  }

  catalogue(): Catalogue {
    if (this.#catalogue === null) throw new TypeError('the catalogue is published before the first session');
    return this.#catalogue;
  }

  async republishCatalogue(): Promise<void> {
    await this.publish(this.catalogue());
  }

  onCommit(listener: () => void): () => void {
    return this.#writer.onCommit(listener);
  }
}
