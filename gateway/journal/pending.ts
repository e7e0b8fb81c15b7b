import { ColumnBuilder } from '../../cloud-sync/protocol/column-builder.ts';
import { encodeReadings } from '../../cloud-sync/protocol/columns.ts';
import { encodeEvents } from '../../cloud-sync/protocol/event-body.ts';
import type { JournalEvent } from '../../cloud-sync/protocol/events.ts';
import type { Outcome, UnixMs } from '../../core/reading.ts';
import type { Part } from './seal.ts';

/** A frame holds at most so many readings, and about so many bytes of text, so that it stays far inside the format's bounds. */
const FRAME_READINGS = 16_384;
const FRAME_TEXT_BYTES = 256 * 1024;

/** Rough bytes of a stored reading, for the size trigger of the group commit. */
const READING_BYTES = 2;
const EVENT_BYTES = 200;

/** What waits for the next commit, in order. An event closes the running readings frame. */
export class Pending {
  readonly #parts: Part[] = [];
  readonly #builder = new ColumnBuilder();
  #textBytes = 0;
  #bytes = 0;
  #records = 0;
  #catalogue: number;
  readonly #isUncertain: () => boolean;
  /** Were the running frame's readings stamped by an uncertain clock? */
  #uncertain = false;

  /** `isUncertain`: does nobody vouch for the stamps that come now? */
  constructor(catalogue: number, isUncertain: () => boolean) {
    this.#catalogue = catalogue;
    this.#isUncertain = isUncertain;
  }

  /** Records that wait. */
  get records(): number {
    return this.#records;
  }

  /** About as many bytes as they will take on disk. */
  get bytes(): number {
    return this.#bytes;
  }

  reading(point: number, at: UnixMs, outcome: Outcome): void {
    const uncertain = this.#isUncertain();
    if (uncertain !== this.#uncertain) this.#closeReadings();
    this.#uncertain = uncertain;
    this.#builder.add(point, at, outcome);
    this.#records += 1;
    this.#bytes += READING_BYTES;
    if (outcome.quality === 'good' && typeof outcome.value === 'string') {
      this.#textBytes += outcome.value.length * 3;
      this.#bytes += outcome.value.length;
    }
    if (this.#builder.count >= FRAME_READINGS || this.#textBytes >= FRAME_TEXT_BYTES) this.#closeReadings();
  }

  event(event: JournalEvent): void {
    this.#closeReadings();
    if (event.event === 'catalogue') this.#catalogue = event.catalogue.version;
    const clockUncertain = this.#isUncertain();
    this.#parts.push({
      kind: 'events',
      count: 1,
      body: encodeEvents([event]),
      catalogue: this.#catalogue,
      clockUncertain,
    });
    this.#records += 1;
    this.#bytes += EVENT_BYTES;
  }

  /** Readings from now on refer to this catalogue, which no frame can hold. */
  refer(catalogue: number): void {
    this.#closeReadings();
    this.#catalogue = catalogue;
  }

  /** Hands over everything that waits and starts anew. */
  take(): Part[] {
    this.#closeReadings();
    this.#records = 0;
    this.#bytes = 0;
    return this.#parts.splice(0);
  }

  #closeReadings(): void {
    if (this.#builder.count === 0) return;
    this.#parts.push({
      kind: 'readings',
      count: this.#builder.count,
      body: encodeReadings(this.#builder.columns()),
      catalogue: this.#catalogue,
      clockUncertain: this.#uncertain,
    });
    this.#builder.clear();
    this.#textBytes = 0;
  }
}
