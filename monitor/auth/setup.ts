import { randomBytes, timingSafeEqual } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, isoTime } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import { writeSynced } from '../../core/synced-files.ts';
import { type Accounts, addressKey, type NewUser } from './accounts.ts';
import { sha256 } from './secret.ts';

/** Without letters and digits that look alike. */
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const CHARACTERS = 16;
const GOOD_FOR_MS = 24 * 3_600_000;

export type Owner = Omit<NewUser, 'role' | 'sites'>;

export interface SetupOptions {
  readonly accounts: Accounts;
  readonly clock: Clock;
  /** Where the code is kept for whoever runs the hub. */
  readonly folder: string;
}

/** The first user of a new hub: whoever can read what the hub prints makes it, once, within a day. There is no default password. */
export class Setup {
  readonly #accounts: Accounts;
  readonly #clock: Clock;
  readonly #file: string;
  #code: { readonly hash: string; readonly expiresMs: number } | undefined;

  constructor({ accounts, clock, folder }: SetupOptions) {
    this.#accounts = accounts;
    this.#clock = clock;
    this.#file = join(folder, 'setup-code');
  }

  /** The code, new at each start; undefined where there are users, so that none is needed. */
  async open(): Promise<string | undefined> {
    await this.#forget();
    if (!(await this.isNeeded())) return undefined;
    const letters = [...randomBytes(CHARACTERS)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
    const code = letters.replace(/.{4}(?=.)/g, '$&-');
    const expiresMs = this.#clock.now() + GOOD_FOR_MS;
    await writeSynced(this.#file, `${code}\ngood until ${isoTime(expiresMs)}, once\n`);
    this.#code = { hash: sha256(letters), expiresMs };
    return code;
  }

  isNeeded(): Promise<boolean> {
    return this.#accounts.isEmpty();
  }

  /** Throws Fault setup-refused, LoginWait after wrong codes. */
  async check(code: string, address: string): Promise<void> {
    const right = await this.#accounts.slowed(['setup', addressKey(address)], async () => {
      const letters = code.toUpperCase().replace(/[^A-Z0-9]/g, '');
      const held = this.#code;
      if (held === undefined || this.#clock.now() >= held.expiresMs || !(await this.isNeeded())) return undefined;
      return timingSafeEqual(Buffer.from(sha256(letters)), Buffer.from(held.hash)) || undefined;
    });
    if (!right) throw new Fault('setup-refused');
  }

  /** Once `check` has let them in. Throws Fault request-invalid, setup-refused if another was faster. */
  async create(owner: Owner): Promise<void> {
    await this.#accounts.addUser({ ...owner, role: 'admin', sites: undefined }, true);
    await this.#forget();
  }

  /** Where there are users by now, made another way, the code is void. */
  async settle(): Promise<void> {
    if (!(await this.isNeeded())) await this.#forget();
  }

  async #forget(): Promise<void> {
    this.#code = undefined;
    await rm(this.#file, { force: true });
  }
}
