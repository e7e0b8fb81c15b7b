import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { Fault } from '../../core/faults.ts';

/** OWASP's least for scrypt: 128 MiB and about half a second each [Password Storage Cheat Sheet]. */
const LOG_N = 17;
const R = 8;
const P = 1;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const MAX_MEMORY = 256 * 1024 * 1024;

/** More waiting in a lane than this are turned away: each would hold the next up for half a second. */
const MAX_WAITING = 8;

/** known: somebody who has been here before, from the same address, or who is logged in. They go first. */
export type Lane = 'known' | 'stranger';

/**
 * Hashes passwords, one at a time, so that a flood of logins cannot take the memory; in two lanes, so that strangers from a thousand
 * addresses hold up nobody but each other.
 */
export class Passwords {
  readonly #waiting: Readonly<Record<Lane, (() => Promise<void>)[]>> = { known: [], stranger: [] };
  #isBusy = false;
  readonly #logN: number;

  /** A smaller `logN` is for tests only. */
  constructor(logN: number = LOG_N) {
    this.#logN = logN;
  }

  /** `scrypt$17$8$1$salt$hash`. What makes a good one is asked in `password-rules.ts`. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    const key = await this.#derive({ password, salt, logN: this.#logN }, 'known');
    return ['scrypt', this.#logN, R, P, salt.toString('base64url'), key.toString('base64url')].join('$');
  }

  /** Takes as long for a user that does not exist. Throws Fault login-refused if too many wait in that lane. */
  async verify(password: string, stored: string | undefined, lane: Lane = 'stranger'): Promise<boolean> {
    const [, logN, , , salt, hash] = stored?.split('$') ?? [];
    if (logN === undefined || salt === undefined || hash === undefined) {
      await this.#derive({ password, salt: Buffer.alloc(SALT_BYTES), logN: this.#logN }, lane);
      return false;
    }
    const key = await this.#derive({ password, salt: Buffer.from(salt, 'base64url'), logN: Number(logN) }, lane);
    const expected = Buffer.from(hash, 'base64url');
    return key.length === expected.length && timingSafeEqual(key, expected);
  }

  #derive(derivation: Derivation, lane: Lane): Promise<Buffer> {
    const waiting = this.#waiting[lane];
    if (waiting.length >= MAX_WAITING) throw new Fault('login-refused', 'too many logins at once');
    return new Promise((resolve, reject) => {
      waiting.push(() => deriveKey(derivation).then(resolve, reject));
      if (!this.#isBusy) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    const { known, stranger } = this.#waiting;
    for (let next = known.shift() ?? stranger.shift(); next; next = known.shift() ?? stranger.shift()) await next();
    this.#isBusy = false;
  }
}

interface Derivation {
  readonly password: string;
  readonly salt: Buffer;
  readonly logN: number;
}

function deriveKey({ password, salt, logN }: Derivation): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { N: 2 ** logN, r: R, p: P, maxmem: MAX_MEMORY };
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
