import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { KeyStore } from '../archive/key-store.ts';
import type { Likes, PeopleStore, User } from '../archive/people-store.ts';
import type { SessionStore } from '../archive/session-store.ts';
import type { Access, Identity } from './access.ts';
import { Keys } from './keys.ts';
import { LastOnes } from './last-ones.ts';
import { Leave } from './leave.ts';
import type { Passwords } from './password.ts';
import { checkPassword } from './password-rules.ts';
import { Sessions } from './sessions.ts';
import { Throttle } from './throttle.ts';

const USER_NAME = /^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,62}$/u;

/** Users and the addresses they came from, for whom attempts are counted apart. */
const MOST_SEEN = 10_000;

/** Too many attempts: `waitMs` until the next one counts. */
export class LoginWait extends Fault {
  readonly waitMs: number;

  constructor(waitMs: number) {
    super('login-refused', `wait ${Math.ceil(waitMs / 1000)} s`);
    this.waitMs = waitMs;
  }
}

export interface NewUser extends Access, Partial<Likes> {
  readonly name: string;
  readonly password: string;
}

export interface AccountStores {
  readonly people: PeopleStore;
  readonly sessions: SessionStore;
  readonly keys: KeyStore;
}

/** Who may come in: users with passwords; their sessions, and the keys of programs. */
export class Accounts {
  readonly sessions: Sessions;
  readonly keys: Keys;
  /** Told when a session or a key ends. */
  readonly leave = new Leave();
  readonly #people: PeopleStore;
  readonly #passwords: Passwords;
  readonly #clock: Clock;
  readonly #throttle = new Throttle();
  readonly #seen = new LastOnes(MOST_SEEN);

  constructor({ people, sessions, keys }: AccountStores, passwords: Passwords, clock: Clock) {
    this.#people = people;
    this.#passwords = passwords;
    this.#clock = clock;
    this.sessions = new Sessions(sessions, clock, this.leave);
    this.keys = new Keys(keys, clock, this.leave);
  }

  async isEmpty(): Promise<boolean> {
    return (await this.#people.users()).length === 0;
  }

  users(): Promise<readonly User[]> {
    return this.#people.users();
  }

  async findUser(name: string): Promise<User | undefined> {
    const stored = await this.#people.findUser(name);
    if (!stored) return undefined;
    const { password: _, ...user } = stored;
    return user;
  }

  /** `isFirst`: only where there is nobody yet. Throws Fault request-invalid, setup-refused. */
  async addUser({ password, ...user }: NewUser, isFirst = false): Promise<void> {
    if (!USER_NAME.test(user.name))
      throw new Fault(
        'request-invalid',
        `${JSON.stringify(user.name)} is no user name: letters, digits and . _ @ -, at most 63`,
      );
    checkPassword(password, user.name);
    const likes = { language: user.language, timezone: user.timezone };
    const hash = await this.#passwords.hash(password);
    await this.#people.addUser({ ...user, ...likes, password: hash, createdMs: this.#clock.now() }, isFirst);
  }

  /** Answers what they might do before. What is open for them begins anew. Throws Fault not-found, last-admin. */
  async setAccess(name: string, access: Access): Promise<Access> {
    const before = await this.#people.setAccess(name, access);
    await this.sessions.reopen(name);
    return before;
  }

  /** Their sessions end. Throws Fault not-found, last-admin. */
  async removeUser(name: string): Promise<Access> {
    const sessions = await this.sessions.list(name);
    const before = await this.#people.removeUser(name);
    await this.sessions.endAllOf(name);
    for (const { id } of sessions) this.leave.ended(id);
    return before;
  }

  /** Ends the user's sessions: whoever knew the old password is out. Throws Fault not-found, request-invalid. */
  async setPassword(name: string, password: string, keptSession?: string): Promise<void> {
    checkPassword(password, name);
    await this.#people.setPassword(name, await this.#passwords.hash(password));
    await this.sessions.endAllOf(name, keptSession);
  }

  /** One's own: needs the old one. The session that asks stays. Throws Fault login-refused, LoginWait, request-invalid. */
  async changePassword(
    { name, ref }: Identity,
    given: { readonly current: string; readonly password: string },
    address: string,
  ): Promise<void> {
    checkPassword(given.password, name);
    await this.prove(name, given.current, address);
    await this.setPassword(name, given.password, ref);
  }

  setLikes(name: string, likes: Likes): Promise<void> {
    return this.#people.setLikes(name, likes);
  }

  /** The user whose name and password these are. Throws Fault login-refused; LoginWait if it is too early to try again. */
  async prove(name: string, password: string, address: string): Promise<User> {
    const pair = pairOf(name, address);
    const isKnown = this.#seen.has(pair);
    const found = await this.slowed(isKnown ? [`pair:${pair}`] : strangerKeys(name, address), async () => {
      const user = await this.#people.findUser(name);
      return (await this.#passwords.verify(password, user?.password, isKnown ? 'known' : 'stranger'))
        ? user
        : undefined;
    });
    if (!found) throw new Fault('login-refused');
    this.#seen.add(pair);
    // Those who have a right password sit there: what was mistyped at this address is no flood.
    this.#throttle.succeeded(addressKey(address));
    return found;
  }

  /** A guess, undefined if it was wrong: each that is makes the next ones of the same keys wait longer. Throws LoginWait. */
  async slowed<T>(keys: readonly string[], guess: () => Promise<T | undefined>): Promise<T | undefined> {
    const waitMs = Math.max(...keys.map((key) => this.#throttle.wait(key, this.#clock.ticks())));
    if (waitMs > 0) throw new LoginWait(waitMs);
    const right = await guess();
    for (const key of keys) {
      if (right === undefined) this.#throttle.failed(key, this.#clock.ticks());
      else this.#throttle.succeeded(key);
    }
    return right;
  }
}

/**
 * What holds up somebody who has not logged in from this address before. Whoever has is counted by themselves: what others try, elsewhere
 * or behind the same proxy, does not make them wait, so that a flood locks no owner out.
 */
function strangerKeys(name: string, address: string): readonly string[] {
  return [`user:${name}`, addressKey(address)];
}

/** Guesses at anything from one address. */
export function addressKey(address: string): string {
  return `address:${address}`;
}

function pairOf(name: string, address: string): string {
  return `${name} ${address}`;
}
