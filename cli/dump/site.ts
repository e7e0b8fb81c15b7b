import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { type Clock, isoTime, parseTime } from '../../core/clock.ts';
import { isFault } from '../../core/faults.ts';
import { type Problem, pathText, problemLine, SettingsFault } from '../../core/settings.ts';
import { isSecretKey } from './redactor.ts';

const HIDDEN = '[secret]';
/** To instruments: some want a password. */
const MESSAGES = 'messages';
const DAY_MS = 86_400_000;

/** A configuration as far as it is YAML; undefined where it is none. */
export function looseTree(text: string): unknown {
  try {
    return parseDocument(text, { schema: 'core', stringKeys: true }).toJS({ maxAliasCount: 20 });
  } catch {
    return undefined;
  }
}

/**
 * The configuration without its comments, which may say anything, and without what stands under a secret's name, under a key that we
 * do not know, or in messages to instruments, where some want a password.
 */
export function withoutSecrets(tree: unknown, problems: readonly Problem[]): unknown {
  const unknown = new Set(problems.filter(({ message }) => message.startsWith('unknown key')).map(({ path }) => path));
  const walk = (value: unknown, path: readonly (string | number)[]): unknown => {
    const key = String(path.at(-1) ?? '');
    if (isSecretKey(key)) return HIDDEN;
    if (unknown.has(pathText(path))) return '[unknown key: left out]';
    if (key === MESSAGES) return '[messages to instruments: left out]';
    if (Array.isArray(value)) return value.map((part, at) => walk(part, [...path, at]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, walk(part, [...path, name])]));
  };
  return walk(tree, []);
}

/** What `check` finds; none if all is well. */
export async function problemsOf(load: () => Promise<unknown>): Promise<readonly Problem[]> {
  try {
    await load();
    return [];
  } catch (error) {
    if (error instanceof SettingsFault) return error.problems;
    throw error;
  }
}

/** A problem in a line, without the value that was found where secrets stand, and without text that is no YAML. */
export function problemText(problem: Problem): string {
  const { path, message } = problem;
  if (path === '') return problemLine({ ...problem, message: message.replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '…') });
  if (!path.split(/[.[\]]+/).some((key) => isSecretKey(key) || key === MESSAGES)) return problemLine(problem);
  return problemLine({ ...problem, message: message.replace(/\(got [\s\S]*\)$/, `(got ${HIDDEN})`) });
}

/** What lies in a data folder: names, sizes, modes. */
export async function listFolder(folder: string): Promise<object[]> {
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(async (name) => {
      const { size, mode, uid } = await stat(join(folder, name));
      return { name, size, mode: (mode & 0o7777).toString(8), owner: uid };
    }),
  );
}

/** Subjects and dates of certificates. Of keys nothing is read but the file's mode. */
export async function certificatesOf(
  dataDir: string,
  files: { readonly certificates: readonly string[]; readonly key: string },
  clock: Clock,
): Promise<object> {
  const found = await Promise.all(files.certificates.map((file) => describeCertificate(join(dataDir, file), clock)));
  const mode = await stat(join(dataDir, files.key)).then(
    (about) => (about.mode & 0o777).toString(8),
    ({ code }: NodeJS.ErrnoException) => `cannot be looked at: ${code}`,
  );
  return { found, modeOfPrivateFile: mode };
}

async function describeCertificate(file: string, clock: Clock): Promise<object> {
  try {
    const { subject, issuer, validFrom, validTo } = new X509Certificate(await readFile(file));
    const [from, to] = [parseTime(validFrom), parseTime(validTo)];
    return {
      ...{ file, subject, issuer, from: from && isoTime(from), to: to && isoTime(to) },
      daysLeft: to === undefined ? undefined : Math.floor((to - clock.now()) / DAY_MS),
    };
  } catch (error) {
    return { file, problem: reasonOf(error) };
  }
}

/** Why something could not be had, in a line. */
export function reasonOf(error: unknown): string {
  if (isFault(error)) return `${error.message} (${error.code}: ${error.action})`;
  const { code, message } = error as NodeJS.ErrnoException;
  return code !== undefined && !message.includes(code) ? `${code}: ${message}` : String(message ?? error);
}
