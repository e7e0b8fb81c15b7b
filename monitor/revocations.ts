import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isoTime } from '../core/clock.ts';
import type { UnixMs } from '../core/reading.ts';

const FILE = 'revoked';

export interface RevokedCertificate {
  /** Hex, lower case. */
  readonly serial: string;
  readonly gateway: string;
  readonly at: UnixMs;
}

/**
 * Certificates that let nobody in any more, one line each in `<dataDir>/revoked`. The archive knows them as well; this file is never
 * overwritten by a restore, so that what was revoked after the backup stays out.
 */
export class Revocations {
  readonly #file: string;
  readonly #serials: Set<string>;

  private constructor(file: string, serials: Set<string>) {
    this.#file = file;
    this.#serials = serials;
  }

  static async open(dataDir: string): Promise<Revocations> {
    const file = join(dataDir, FILE);
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    const serials = text.split('\n').map((line) => line.split(' ')[0] ?? '');
    return new Revocations(file, new Set(serials.filter((serial) => serial !== '')));
  }

  has(serial: string): boolean {
    return this.#serials.has(serial);
  }

  all(): readonly string[] {
    return [...this.#serials];
  }

  /** On the disk when it resolves. */
  async add(certificates: readonly RevokedCertificate[]): Promise<void> {
    const fresh = certificates.filter(({ serial }) => !this.#serials.has(serial));
    const handle = await open(this.#file, 'a', 0o600);
    try {
      await handle.writeFile(fresh.map(({ serial, gateway, at }) => `${serial} ${gateway} ${isoTime(at)}\n`).join(''));
      await handle.sync();
    } finally {
      await handle.close();
    }
    for (const { serial } of fresh) this.#serials.add(serial);
  }
}
