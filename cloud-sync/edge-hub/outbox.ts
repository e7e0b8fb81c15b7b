import type { Catalogue } from '../protocol/catalogue.ts';
import type { Gap, Hello } from '../protocol/messages.ts';
import type { Chain, Epoch, Seq } from '../protocol/numbers.ts';

/** As `hello` says it: floor, next, chain at next, confirmed, and where each boot began. */
export type EpochState = Hello['epochs'][number];

/** A frame as it lies on disk and goes over the wire: encoded, compressed and checksummed once. */
export interface StoredFrame {
  readonly first: Seq;
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** A hub, and which life of it: the generation changes when it is restored from a backup. */
export interface HubIdentity {
  readonly id: string;
  readonly generation: string;
}

/** What the uplink needs of a journal. `gateway/journal` implements it. */
export interface Outbox {
  /** Oldest first; the last one is being written. */
  epochs(): readonly EpochState[];
  /**
   * Stored frames from the one that begins at `from` (or, if that is trimmed, from the floor) up to what is stored now; then
   * it ends. What is damaged is left out, and in `gaps()` before the frame that follows it comes.
   */
  frames(epoch: Epoch, from: Seq): AsyncIterable<StoredFrame>;
  /** Hash of all frames before `seq`; undefined if the journal no longer knows. */
  chainAt(epoch: Epoch, seq: Seq): Promise<Chain | undefined>;
  /**
   * The hub has everything below `next`, stored or declared lost, durably. May go down: a hub restored from a backup has less
   * than it had.
   */
  confirm(epoch: Epoch, next: Seq): Promise<void>;
  /** Declared losses that the hub has not confirmed yet. */
  gaps(): readonly Gap[];
  /** Puts the catalogue into the journal again, for a hub that lacks it. */
  republishCatalogue(): Promise<void>;
  /** Newest catalogue. */
  catalogue(): Catalogue;
  /** Calls back after each commit; returns a function that ends it. */
  onCommit(listener: () => void): () => void;
  /**
   * Another life of this journal has used the numbers from `at` on. Records from there on move to a new epoch, which is the
   * newest then; `epoch` ends at `at` (boots from there on are forgotten) and is dropped once the hub has the rest of it.
   */
  part(epoch: Epoch, at: Seq): Promise<void>;
  /** The hub that last welcomed this journal. */
  hub(): HubIdentity | null;
  setHub(hub: HubIdentity): Promise<void>;
}
