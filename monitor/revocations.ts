import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Peer } from '../cloud-sync/cloud-hub/gateway-stream.ts';
import { isoTime, parseTime } from '../core/clock.ts';
import type { UnixMs } from '../core/reading.ts';

const FILE = 'revoked';
/** In the place of a serial: all that the gateway had by then, whether anybody knows of it or not. */
const ALL = '*';

/** Certificates are stamped to the second: one made at once after a revocation must not count as made before. */
const STAMP_MS = 1000;

/** A line of the file. */
export interface Revocation {
  /** Hex, lower case; or `*`. */
  readonly serial: string;
  readonly gateway: string;
  readonly at: UnixMs;
  /** Of the public key, if it is known. */
  readonly key?: string;
}

/**
 * Certificates that let nobody in any more, one line each in `<dataDir>/revoked`: serial, gateway, time, key. The archive knows them as
 * well; this file is never overwritten by a restore, so that what was revoked after the backup stays out. Nor does a certificate get in
 * that was issued between the backup and the revocation, of which a restored archive knows nothing: `*` revokes up to a time.
 */
export class Revocations {
  readonly #file: string;
  readonly #serials = new Set<string>();
  readonly #keys = new Set<string>();
  readonly #until = new Map<string, UnixMs>();

  private constructor(file: string, lines: readonly Revocation[]) {
    this.#file = file;
    for (const line of lines) this.#note(line);
  }

  static async open(dataDir: string): Promise<Revocations> {
    const file = join(dataDir, FILE);
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    return new Revocations(file, text.split('\n').flatMap(parseLine));
  }

  has({ serial, gateway, key, issuedAt }: Peer): boolean {
    const until = this.#until.get(gateway);
    return this.#serials.has(serial) || this.#keys.has(key) || (until !== undefined && issuedAt + STAMP_MS <= until);
  }

  hasKey(key: string): boolean {
    return this.#keys.has(key);
  }

  all(): readonly string[] {
    return [...this.#serials];
  }

  /** On the disk when it resolves. */
  async add(lines: readonly Revocation[]): Promise<void> {
    const fresh = lines.filter(({ serial }) => !this.#serials.has(serial));
    const handle = await open(this.#file, 'a', 0o600);
    try {
      await handle.writeFile(fresh.map(formatLine).join(''));
      await handle.sync();
    } finally {
      await handle.close();
    }
    for (const line of fresh) this.#note(line);
  }

  #note({ serial, gateway, at, key }: Revocation): void {
    if (serial === ALL) this.#until.set(gateway, Math.max(at, this.#until.get(gateway) ?? 0));
    else this.#serials.add(serial);
    if (key !== undefined) this.#keys.add(key);
  }
}

/** All of a gateway's, up to now. */
export function everyOneOf(gateway: string, at: UnixMs): Revocation {
  return { serial: ALL, gateway, at };
}

function formatLine({ serial, gateway, at, key }: Revocation): string {
  return `${[serial, gateway, isoTime(at), ...(key ? [key] : [])].join(' ')}\n`;
}

/** What a power cut left half is passed over: the archive has it too, or the revocation was never answered. */
function parseLine(line: string): readonly Revocation[] {
  const [serial = '', gateway = '', time = '', key] = line.split(' ');
  if (serial === '') return [];
  return [{ serial, gateway, at: parseTime(time) ?? 0, ...(key ? { key } : {}) }];
}
