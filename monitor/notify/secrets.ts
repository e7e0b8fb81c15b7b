import { readFile } from 'node:fs/promises';
import { Fault } from '../../core/faults.ts';
import type { ReceiverSettings } from './settings.ts';

/** Keys of secrets, and whether they are needed. Each may also be given as a file. */
export const SECRETS_OF: Readonly<Record<ReceiverSettings['kind'], Readonly<Record<string, boolean>>>> = {
  webhook: { secret: false, bearer: false },
  email: {},
  telegram: { token: true },
  slack: { url: true },
  alimtalk: {},
};

/** NAME of `${NAME}`. */
export function envName(text: string): string | undefined {
  return /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(text)?.[1];
}

/** Where secrets come from, besides files. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Undefined if none is configured. Throws Fault settings-invalid for a variable that is not set, file-missing. */
export async function readSecret(
  given: { readonly inline?: string | undefined; readonly file?: string | undefined },
  environment: Environment,
): Promise<string | undefined> {
  const { inline, file } = given;
  if (inline !== undefined) return fromEnvironment(inline, environment);
  if (file === undefined) return undefined;
  try {
    const text = (await readFile(file, 'utf8')).trim();
    if (text === '') throw new Fault('settings-invalid', `${file} is empty`);
    return text;
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('file-missing', file, { cause });
  }
}

function fromEnvironment(text: string, environment: Environment): string {
  const name = envName(text) ?? '';
  const value = environment[name];
  if (value === undefined || value === '') {
    throw new Fault('settings-invalid', `the environment variable ${name} is not set`);
  }
  return value;
}

/** Each `${NAME}` within a text. Throws Fault settings-invalid for one that is not set. */
export function fillIn(text: string, environment: Environment): string {
  return text.replace(/\$\{[A-Za-z_][A-Za-z0-9_]*\}/g, (each) => fromEnvironment(each, environment));
}
