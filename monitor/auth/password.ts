import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { Fault } from '../../core/faults.ts';

/** OWASP's least for scrypt: 128 MiB and about half a second each [Password Storage Cheat Sheet]. */
const LOG_N = 17;
const R = 8;
const P = 1;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const MAX_MEMORY = 256 * 1024 * 1024;

const SHORTEST_PASSWORD = 10;
const LONGEST_PASSWORD = 1024;

/** More logins waiting than this are turned away: each would hold the next up for half a second. */
const MAX_WAITING = 8;

/** Hashes passwords, one at a time, so that a flood of logins cannot take the memory. */
export class Passwords {
  #queue: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  readonly #logN: number;

  /** A smaller `logN` is for tests only. */
  constructor(logN: number = LOG_N) {
    this.#logN = logN;
  }

  /** `scrypt$17$8$1$salt$hash`. Throws Fault request-invalid for one that is too short or too long. */
  async hash(password: string): Promise<string> {
    checkPassword(password);
    const salt = randomBytes(SALT_BYTES);
    const key = await this.#derive(password, salt, this.#logN);
    return ['scrypt', this.#logN, R, P, salt.toString('base64url'), key.toString('base64url')].join('$');
  }

  /** Takes as long for a user that does not exist. Throws Fault login-refused if too many wait. */
  async verify(password: string, stored: string | undefined): Promise<boolean> {
    const [, logN, , , salt, hash] = stored?.split('$') ?? [];
    if (logN === undefined || salt === undefined || hash === undefined) {
      await this.#derive(password, Buffer.alloc(SALT_BYTES), this.#logN);
      return false;
    }
    const key = await this.#derive(password, Buffer.from(salt, 'base64url'), Number(logN));
    const expected = Buffer.from(hash, 'base64url');
    return key.length === expected.length && timingSafeEqual(key, expected);
  }

  #derive(password: string, salt: Buffer, logN: number): Promise<Buffer> {
    if (this.#waiting >= MAX_WAITING) throw new Fault('login-refused', 'too many logins at once');
    this.#waiting++;
    const turn = this.#queue.then(() => deriveKey(password, salt, logN));
    this.#queue = turn.catch(() => {});
    return turn.finally(() => this.#waiting--);
  }
}

function checkPassword(password: string): void {
  if (password.length < SHORTEST_PASSWORD || password.length > LONGEST_PASSWORD) {
    throw new Fault('request-invalid', `a password has ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters`);
  }
}

function deriveKey(password: string, salt: Buffer, logN: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { N: 2 ** logN, r: R, p: P, maxmem: MAX_MEMORY };
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
