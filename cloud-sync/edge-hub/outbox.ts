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
  /** The hub has stored everything below `next`, durably. */
  confirm(epoch: Epoch, next: Seq): Promise<void>;
  /** Declared losses that the hub has not confirmed yet. */
  gaps(): readonly Gap[];
  /** Puts the catalogue into the journal again, for a hub that lacks it. */
  republishCatalogue(): Promise<void>;
  /** Newest catalogue. */
  catalogue(): Catalogue;
  /** Calls back after each commit; returns a function that ends it. */
  onCommit(listener: () => void): () => void;
}
