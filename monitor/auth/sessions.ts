import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { SessionStore, StoredSession } from '../archive/session-store.ts';
import type { Access, Identity } from './access.ts';
import type { Leave } from './leave.ts';
import { newSecret, refOf, SECRET_FORM, sha256 } from './secret.ts';

/** A control-room screen stays open through a shift and over a weekend; it is used all the time. */
export const IDLE_MS = 12 * 3_600_000;
export const ABSOLUTE_MS = 7 * 24 * 3_600_000;
/** Nobody tells us when a provider takes back its word: ask it again each day. */
const OIDC_ABSOLUTE_MS = 12 * 3_600_000;
/** A session's last use is written at most this often. */
const TOUCH_MS = 5 * 60_000;
const MOST_BROWSER_CHARACTERS = 200;

/** Where somebody comes from. */
export interface Origin {
  readonly address: string;
  readonly browser?: string | undefined;
}

/** A session as its owner and administrators see it. */
export interface ShownSession {
  readonly id: string;
  readonly name: string;
  readonly via: StoredSession['via'];
  readonly createdMs: number;
  readonly usedMs: number;
  readonly address: string | undefined;
  readonly browser: string | undefined;
}

/** Who is logged in, from where, and until when. */
export class Sessions {
  readonly #store: SessionStore;
  readonly #clock: Clock;
  readonly #leave: Leave;

  constructor(store: SessionStore, clock: Clock, leave: Leave) {
    this.#store = store;
    this.#clock = clock;
    this.#leave = leave;
  }

  /** The secret for the cookie, and who it stands for. */
  async begin(
    who: Access & { readonly name: string; readonly via: StoredSession['via'] },
    { address, browser }: Origin,
  ): Promise<{ readonly secret: string; readonly identity: Identity }> {
    const secret = newSecret();
    const hash = sha256(secret);
    const now = this.#clock.now();
    const { name, via, role, sites } = who;
    const from = { address, browser: browser?.slice(0, MOST_BROWSER_CHARACTERS) };
    await this.#store.add(
      { hash, name, via, role, sites, createdMs: now, usedMs: now, ...from },
      Math.trunc(now - ABSOLUTE_MS),
    );
    return { secret, identity: { name, role, sites, via: viaOf(via), ref: refOf(hash) } };
  }

  /** `address`: where this request comes from. */
  async find(secret: string, address?: string): Promise<Identity | undefined> {
    if (!SECRET_FORM.test(secret)) return undefined;
    const session = await this.#store.find(sha256(secret));
    if (!session) return undefined;
    const now = this.#clock.now();
    const { hash, name, role, sites } = session;
    if (!isGood(session, now)) {
      await this.#end(hash);
      return undefined;
    }
    if (now - session.usedMs > TOUCH_MS) await this.#store.touch(hash, now, address);
    return { name, role, sites, via: viaOf(session.via), ref: refOf(hash) };
  }

  /** Those that are still good, of everybody or of one. */
  async list(name?: string): Promise<readonly ShownSession[]> {
    const now = this.#clock.now();
    const all = await this.#store.list();
    return all
      .filter((session) => isGood(session, now) && (name === undefined || session.name === name))
      .map(({ hash, role: _, sites: __, ...session }) => ({ id: refOf(hash), ...session }));
  }

  async endBySecret(secret: string): Promise<void> {
    await this.#end(sha256(secret));
  }

  /** `owner`: only one of theirs; anything else is not there. Answers whose it was. Throws Fault not-found. */
  async end(id: string, owner?: string): Promise<string> {
    const session = (await this.#store.list()).find(({ hash }) => refOf(hash) === id);
    if (!session || (owner !== undefined && session.name !== owner)) throw new Fault('not-found', `session ${id}`);
    await this.#end(session.hash);
    return session.name;
  }

  /** All of a user; `except`: the id of the one that stays. */
  async endAllOf(name: string, except?: string): Promise<void> {
    const theirs = (await this.#store.list()).filter((session) => session.name === name && session.via === 'password');
    const kept = theirs.find(({ hash }) => refOf(hash) === except);
    await this.#store.endOf(name, kept?.hash);
    for (const { hash } of theirs) if (hash !== kept?.hash) this.#leave.ended(refOf(hash));
  }

  /** What somebody may do has changed: what is open for them begins anew. */
  async reopen(name: string): Promise<void> {
    for (const { hash, name: owner } of await this.#store.list()) if (owner === name) this.#leave.ended(refOf(hash));
  }

  async #end(hash: string): Promise<void> {
    await this.#store.end(hash);
    this.#leave.ended(refOf(hash));
  }
}

function viaOf(via: StoredSession['via']): Identity['via'] {
  return via === 'oidc' ? 'oidc' : 'session';
}

function isGood({ via, createdMs, usedMs }: StoredSession, now: number): boolean {
  return now - usedMs <= IDLE_MS && now - createdMs <= (via === 'oidc' ? OIDC_ABSOLUTE_MS : ABSOLUTE_MS);
}
