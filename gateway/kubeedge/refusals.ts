import type { UnixMs } from '../../core/reading.ts';

export interface Refusal {
  readonly code: number;
  readonly reason: string;
  readonly at: UnixMs;
}

/** Any program at the broker makes EdgeCore answer: of so many devices it is remembered. */
const MOST = 1000;
/** What is refused is tried again within ten minutes: one that has not come again for so long is over. */
const OVER_AFTER_MS = 1_800_000;

/** What EdgeCore refused, by device and by what it was asked. The id is empty where EdgeCore could not read of which device it was. */
export class Refusals {
  readonly #byKey = new Map<string, Refusal>();

  /** Undefined: it was taken. Whether it is the first of its device and kind. */
  heard(id: string, kind: string, refusal: Refusal | undefined): boolean {
    const key = `${kind} ${id}`;
    const isFirst = !this.#byKey.delete(key);
    if (refusal === undefined) return false;
    this.#byKey.set(key, refusal);
    for (const oldest of this.#byKey.keys()) {
      if (this.#byKey.size <= MOST) break;
      this.#byKey.delete(oldest);
    }
    return isFirst;
  }

  /** The newest of each device. */
  list(now: UnixMs): ReadonlyMap<string, Refusal> {
    const newest = new Map<string, Refusal>();
    for (const [key, refusal] of this.#byKey) {
      if (now - refusal.at > OVER_AFTER_MS) this.#byKey.delete(key);
      else newest.set(idOf(key), refusal);
    }
    return newest;
  }

  /** EdgeCore has begun to know the device. */
  forget(id: string): void {
    for (const key of this.#byKey.keys()) if (idOf(key) === id) this.#byKey.delete(key);
  }
}

function idOf(key: string): string {
  return key.slice(key.indexOf(' ') + 1);
}
