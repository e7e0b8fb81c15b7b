import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../core/faults.ts';
import { checkSecret, previousOf, replaceFolder } from '../../core/secret-folder.ts';

/** What proves who this gateway is: made by `joinHub`, kept in `<dataDir>/identity`. PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
  /** The hub's CA. */
  readonly ca: string;
}

const CERTIFICATE = 'gateway.crt';
const KEY = 'gateway.key';
const CA = 'ca.crt';

/**
 * The bundle, or the one before it if a power cut fell between the two renames that replace it.
 * @throws Fault not-enrolled, key-exposed, data-dir if it cannot be read
 */
export async function loadIdentity(dataDir: string): Promise<Identity> {
  const folder = join(dataDir, 'identity');
  const found = (await readBundle(folder)) ?? (await readBundle(previousOf(folder)));
  if (found === undefined) throw new Fault('not-enrolled', folder);
  return found;
}

/** The bundle that was replaced last, if it is still whole. Throws as `loadIdentity`. */
export async function loadPrevious(dataDir: string): Promise<Identity | undefined> {
  return readBundle(previousOf(join(dataDir, 'identity')));
}

export async function saveIdentity(dataDir: string, { certificate, key, ca }: Identity): Promise<void> {
  await replaceFolder(join(dataDir, 'identity'), { [CERTIFICATE]: certificate, [KEY]: key, [CA]: ca });
}

async function readBundle(folder: string): Promise<Identity | undefined> {
  let texts: string[];
  try {
    texts = await Promise.all([CERTIFICATE, KEY, CA].map((name) => readFile(join(folder, name), 'utf8')));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    // There, perhaps, and not to be read: to enrol anew would be the wrong advice.
    throw new Fault('data-dir', folder, { cause });
  }
  await checkSecret(join(folder, KEY));
  const [certificate = '', key = '', ca = ''] = texts;
  return { certificate, key, ca };
}
