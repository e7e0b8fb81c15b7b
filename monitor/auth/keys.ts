import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { KeyStore, StoredKey } from '../archive/key-store.ts';
import type { Access, Identity } from './access.ts';
import type { Leave } from './leave.ts';
import { newSecret, refOf, sha256 } from './secret.ts';

const KEY_FORM = /^slk_[A-Za-z0-9_-]{43}$/;
/** A key's last use is written at most this often. */
const TOUCH_MS = 5 * 60_000;

export interface NewKey extends Access {
  /** What it is for. */
  readonly name: string;
  readonly madeBy: string;
  /** How long it is good, in ms; undefined: until it is revoked. */
  readonly ttlMs: number | undefined;
}

export type ShownKey = Omit<StoredKey, 'hash'> & { readonly id: string };

/** What programs come with. */
export class Keys {
  readonly #store: KeyStore;
  readonly #clock: Clock;
  readonly #leave: Leave;

  constructor(store: KeyStore, clock: Clock, leave: Leave) {
    this.#store = store;
    this.#clock = clock;
    this.#leave = leave;
  }

  /** The key itself is shown this once. */
  async create({ name, role, sites, madeBy, ttlMs }: NewKey): Promise<{ readonly id: string; readonly key: string }> {
    const key = `slk_${newSecret()}`;
    const hash = sha256(key);
    const createdMs = this.#clock.now();
    const expiresMs = ttlMs === undefined ? undefined : createdMs + ttlMs;
    const unused = { usedMs: undefined, revokedMs: undefined };
    await this.#store.add({ hash, name, role, sites, createdMs, madeBy, expiresMs, ...unused });
    return { id: refOf(hash), key };
  }

  /** Undefined for one that is unknown, revoked or over. */
  async find(key: string): Promise<Identity | undefined> {
    if (!KEY_FORM.test(key)) return undefined;
    const stored = await this.#store.find(sha256(key));
    const now = this.#clock.now();
    if (!stored || stored.revokedMs !== undefined || now >= (stored.expiresMs ?? Number.POSITIVE_INFINITY))
      return undefined;
    const { hash, name, role, sites, usedMs = 0 } = stored;
    if (now - usedMs > TOUCH_MS) await this.#store.touch(hash, now);
    return { name, role, sites, via: 'key', ref: refOf(hash) };
  }

  async list(): Promise<readonly ShownKey[]> {
    return (await this.#store.list()).map(({ hash, ...key }) => ({ id: refOf(hash), ...key }));
  }

  /** Answers what it was for. Throws Fault not-found. */
  async revoke(id: string): Promise<string> {
    const key = (await this.#store.list()).find(({ hash }) => refOf(hash) === id);
    if (!key) throw new Fault('not-found', `key ${id}`);
    await this.#store.revoke(key.hash, this.#clock.now());
    this.#leave.ended(id);
    return key.name;
  }
}
