import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { FaultCode } from '../core/faults.ts';
import type { UnixMs, Value } from '../core/reading.ts';
import type { DeskChange } from './alarms/alarm.ts';

/** Newest reading of a point since the last batch. */
export interface LiveReading {
  readonly point: string;
  readonly at: UnixMs;
  readonly value: Value | null;
  readonly quality: 'good' | 'bad';
  readonly fault?: FaultCode;
}

/** History that has just been stored for a point: late, or more of it than the newest reading. Both ends included. */
export interface Filled {
  readonly point: string;
  readonly from: UnixMs;
  readonly to: UnixMs;
}

export type FeedMessage = { readonly id: string } & (
  | { readonly event: 'reading'; readonly data: readonly LiveReading[] }
  | { readonly event: 'filled'; readonly data: readonly Filled[] }
  | { readonly event: 'alarm'; readonly data: readonly DeskChange[] }
  | { readonly event: 'gateway'; readonly data: { readonly gateway: string; readonly catalogue: boolean } }
);

const BATCH_MS = 250;
/** Four messages a second for about four minutes: longer than a page needs to reconnect. */
const RING = 1000;
/** Of a large plant less is kept: some 20 MB. */
const RING_ITEMS = 100_000;

export type Listener = (message: FeedMessage) => void;

/** What changes, in batches, to whoever listens; the last few minutes can be asked for again. */
export class LiveFeed {
  readonly #clock: Clock;
  readonly #boot = randomBytes(4).toString('hex');
  readonly #listeners = new Set<Listener>();
  readonly #ring: FeedMessage[] = [];
  #ringItems = 0;
  #readings = new Map<string, LiveReading>();
  #filled = new Map<string, Filled>();
  /** Is its catalogue new too? */
  #gateways = new Map<string, boolean>();
  #alarms: DeskChange[] = [];
  #count = 0;
  #pending = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  reading(reading: LiveReading): void {
    this.#readings.set(reading.point, reading);
    this.#schedule();
  }

  filled({ point, from, to }: Filled): void {
    const held = this.#filled.get(point);
    this.#filled.set(point, {
      point,
      from: Math.min(from, held?.from ?? from),
      to: Math.max(to, held?.to ?? to),
    });
    this.#schedule();
  }

  /** Something about a gateway's link has changed, or what it knows. */
  gateway(id: string, catalogue = false): void {
    this.#gateways.set(id, catalogue || (this.#gateways.get(id) ?? false));
    this.#schedule();
  }

  /** Each change of an alarm, in order. */
  alarm(change: DeskChange): void {
    this.#alarms.push(change);
    this.#schedule();
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Messages after `id`; undefined if they are no longer known, so that the listener must begin anew. */
  since(id: string): readonly FeedMessage[] | undefined {
    const [boot, text] = id.split('-');
    const number = Number(text);
    if (boot !== this.#boot || !Number.isSafeInteger(number) || number > this.#count) return undefined;
    const missing = this.#count - number;
    return missing > this.#ring.length ? undefined : this.#ring.slice(this.#ring.length - missing);
  }

  /** Id of the newest message, also before the first. */
  get position(): string {
    return `${this.#boot}-${this.#count}`;
  }

  #schedule(): void {
    if (this.#pending) return;
    this.#pending = true;
    this.#clock.after(BATCH_MS, () => this.#flush());
  }

  #flush(): void {
    this.#pending = false;
    const readings = [...this.#readings.values()];
    const filled = [...this.#filled.values()];
    const gateways = [...this.#gateways];
    this.#readings = new Map();
    this.#filled = new Map();
    this.#gateways = new Map();
    const alarms = this.#alarms;
    this.#alarms = [];
    for (const [gateway, catalogue] of gateways) {
      this.#send({ id: this.#nextId(), event: 'gateway', data: { gateway, catalogue } });
    }
    if (alarms.length > 0) this.#send({ id: this.#nextId(), event: 'alarm', data: alarms });
    if (readings.length > 0) this.#send({ id: this.#nextId(), event: 'reading', data: readings });
    if (filled.length > 0) this.#send({ id: this.#nextId(), event: 'filled', data: filled });
  }

  #nextId(): string {
    this.#count++;
    return this.position;
  }

  #send(message: FeedMessage): void {
    this.#ring.push(message);
    this.#ringItems += itemsOf(message);
    while (this.#ring.length > RING || this.#ringItems > RING_ITEMS) {
      const oldest = this.#ring.shift();
      if (oldest === undefined) break;
      this.#ringItems -= itemsOf(oldest);
    }
    for (const listener of this.#listeners) listener(message);
  }
}

/** An alarm's change carries its whole alarm: as much as ten readings. */
function itemsOf({ event, data }: FeedMessage): number {
  if (event === 'alarm') return data.length * 10;
  return Array.isArray(data) ? data.length : 1;
}
