import type { Bundle, Delivery, Lane, Notice, Watch } from './notice.ts';
import { NEW_LANE } from './notice.ts';

/** All that planning remembers; what is stored of it is the same. */
export class NotifyState {
  readonly watches = new Map<string, Watch>();
  readonly lanes = new Map<string, Lane>();
  /** Next entry of the desk's log; undefined: it was never read. */
  cursor: number | undefined;

  merge(draft: Draft): void {
    for (const [key, watch] of draft.watches) {
      if (watch) this.watches.set(key, watch);
      else this.watches.delete(key);
    }
    for (const [receiver, lane] of draft.lanes) this.lanes.set(receiver, lane);
    this.cursor = draft.cursor;
  }
}

/** What one transaction is about to store; forgotten if it fails. */
export class Draft {
  readonly #base: NotifyState;
  readonly watches = new Map<string, Watch | undefined>();
  readonly lanes = new Map<string, Lane>();
  readonly notices: Notice[] = [];
  readonly deliveries: Delivery[] = [];
  cursor: number | undefined;

  constructor(base: NotifyState) {
    this.#base = base;
    this.cursor = base.cursor;
  }

  get isEmpty(): boolean {
    return this.watches.size === 0 && this.lanes.size === 0 && this.cursor === this.#base.cursor;
  }

  watch(key: string): Watch | undefined {
    return this.watches.has(key) ? this.watches.get(key) : this.#base.watches.get(key);
  }

  watchKeys(): ReadonlySet<string> {
    return new Set([...this.#base.watches.keys(), ...this.watches.keys()]);
  }

  laneNames(): ReadonlySet<string> {
    return new Set([...this.#base.lanes.keys(), ...this.lanes.keys()]);
  }

  lane(receiver: string): Lane {
    return this.lanes.get(receiver) ?? this.#base.lanes.get(receiver) ?? NEW_LANE;
  }

  /** Was anything stored of this watch before? */
  isKnown(key: string): boolean {
    return this.#base.watches.has(key);
  }

  setBundle(receiver: string, key: string, bundle: Bundle): void {
    const lane = this.lane(receiver);
    this.lanes.set(receiver, { ...lane, open: { ...lane.open, [key]: bundle } });
  }
}
