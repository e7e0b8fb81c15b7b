import { checkSecret } from '../../core/secret-folder.ts';
import { readText } from '../../core/settings.ts';
import type { BrokerSettings } from './settings.ts';

/** What opens a broker that is secured. */
export interface BrokerAccess {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly username?: string;
  readonly password?: string;
}

/** Throws Fault file-missing, or key-exposed where others may read the key or the password. */
export async function brokerAccess(
  given: Pick<BrokerSettings, 'ca' | 'cert' | 'key' | 'user' | 'passwordFile'>,
): Promise<BrokerAccess> {
  const { ca, cert, key, user, passwordFile } = given;
  const texts = {
    ca: ca && (await readText(ca)),
    cert: cert && (await readText(cert)),
    key: key && (await readText(key)),
    username: user,
    password: passwordFile && (await readText(passwordFile)).trim(),
  };
  for (const secret of [key, passwordFile]) if (secret !== undefined) await checkSecret(secret);
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined));
}
