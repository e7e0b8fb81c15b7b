import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { PeopleStore, Role } from '../archive/people-store.ts';
import type { Passwords } from './password.ts';
import { Throttle } from './throttle.ts';

/** Who asks, and what they may do. */
export interface Identity {
  readonly name: string;
  readonly role: Role;
  readonly via: 'session' | 'key' | 'demo';
}

/** A control-room screen stays open through a shift and over a weekend; it is used all the time. */
export const IDLE_MS = 12 * 3_600_000;
export const ABSOLUTE_MS = 7 * 24 * 3_600_000;
/** A session's last use is written at most this often. */
const TOUCH_MS = 5 * 60_000;

const USER_NAME = /^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,62}$/u;
const KEY_FORM = /^slk_[A-Za-z0-9_-]{43}$/;
const SECRET_FORM = /^[A-Za-z0-9_-]{43}$/;

/** Too many attempts: `waitMs` until the next one counts. */
export class LoginWait extends Fault {
  readonly waitMs: number;

  constructor(waitMs: number) {
    super('login-refused', `wait ${Math.ceil(waitMs / 1000)} s`);
    this.waitMs = waitMs;
  }
}

/** Users with sessions, and programs with keys. */
export class Accounts {
  readonly #store: PeopleStore;
  readonly #passwords: Passwords;
  readonly #clock: Clock;
  readonly #throttle = new Throttle();

  constructor(store: PeopleStore, passwords: Passwords, clock: Clock) {
    this.#store = store;
    this.#passwords = passwords;
    this.#clock = clock;
  }

  async isEmpty(): Promise<boolean> {
    return (await this.#store.users()).length === 0;
  }

  users(): ReturnType<PeopleStore['users']> {
    return this.#store.users();
  }

  /** Throws Fault request-invalid. */
  async addUser(name: string, password: string, role: Role): Promise<void> {
    if (!USER_NAME.test(name))
      throw new Fault(
        'request-invalid',
        `${JSON.stringify(name)} is no user name: letters, digits and . _ @ -, at most 63`,
      );
    await this.#store.addUser({ name, role, password: await this.#passwords.hash(password) }, this.#clock.now());
  }

  /** Throws Fault not-found, request-invalid. */
  async setPassword(name: string, password: string): Promise<void> {
    await this.#store.setPassword(name, await this.#passwords.hash(password));
  }

  /** The secret for the cookie. Throws Fault login-refused; LoginWait if it is too early to try again. */
  async login(name: string, password: string, address: string): Promise<{ secret: string; identity: Identity }> {
    const keys = [`user:${name}`, `address:${address}`];
    const waitMs = Math.max(...keys.map((key) => this.#throttle.wait(key, this.#clock.ticks())));
    if (waitMs > 0) throw new LoginWait(waitMs);
    const user = await this.#store.findUser(name);
    if (!(await this.#passwords.verify(password, user?.password)) || !user) {
      for (const key of keys) this.#throttle.failed(key, this.#clock.ticks());
      throw new Fault('login-refused');
    }
    for (const key of keys) this.#throttle.succeeded(key);
    const secret = newSecret();
    const now = this.#clock.now();
    await this.#store.addSession({ hash: sha256(secret), name, createdMs: now, usedMs: now }, now - ABSOLUTE_MS);
    return { secret, identity: { name, role: user.role, via: 'session' } };
  }

  async logout(secret: string): Promise<void> {
    await this.#store.endSession(sha256(secret));
  }

  async findBySession(secret: string): Promise<Identity | undefined> {
    if (!SECRET_FORM.test(secret)) return undefined;
    const session = await this.#store.findSession(sha256(secret));
    if (!session) return undefined;
    const now = this.#clock.now();
    if (now - session.usedMs > IDLE_MS || now - session.createdMs > ABSOLUTE_MS) {
      await this.#store.endSession(session.hash);
      return undefined;
    }
    if (now - session.usedMs > TOUCH_MS) await this.#store.touchSession(session.hash, now);
    return { name: session.name, role: session.role, via: 'session' };
  }

  /** The key, shown once. */
  async createKey(name: string, role: Role): Promise<string> {
    const key = `slk_${newSecret()}`;
    await this.#store.addKey({ hash: sha256(key), name, role }, this.#clock.now());
    return key;
  }

  async findByKey(key: string): Promise<Identity | undefined> {
    if (!KEY_FORM.test(key)) return undefined;
    const stored = await this.#store.findKey(sha256(key));
    return stored && { name: stored.name, role: stored.role, via: 'key' };
  }
}

/** 256 random bits need no slow hash: nobody guesses them. */
function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

function sha256(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
