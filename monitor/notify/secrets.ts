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

/** Shorter ones are found in any text. */
const LEAST_HIDDEN = 4;

/** Reads secrets, and knows afterwards what no log, answer or error may hold. */
export class Secrets {
  readonly #environment: Environment;
  readonly #known = new Set<string>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Undefined if none is configured. Throws Fault settings-invalid for a variable that is not set, file-missing. */
  async read(given: {
    readonly inline?: string | undefined;
    readonly file?: string | undefined;
  }): Promise<string | undefined> {
    const { inline, file } = given;
    if (inline !== undefined) return this.fillIn(inline);
    if (file === undefined) return undefined;
    try {
      const text = (await readFile(file, 'utf8')).trim();
      if (text === '') throw new Fault('settings-invalid', `${file} is empty`);
      return this.#keep(text);
    } catch (cause) {
      if (cause instanceof Fault) throw cause;
      throw new Fault('file-missing', file, { cause });
    }
  }

  /** The same of an address, which must be one. */
  async readUrl(given: Parameters<Secrets['read']>[0], place: string): Promise<string> {
    const text = (await this.read(given)) ?? '';
    if (!/^https?:\/\//.test(text) || !URL.canParse(text)) {
      throw new Fault('settings-invalid', `${place}: the secret is no address (http://… or https://…)`);
    }
    return text;
  }

  /** Each `${NAME}` within a text. Throws Fault settings-invalid for one that is not set. */
  fillIn(text: string): string {
    return text.replace(/\$\{[A-Za-z_][A-Za-z0-9_]*\}/g, (each) => this.#fromEnvironment(envName(each) ?? ''));
  }

  /** From here on it is in no text. */
  hide(secret: string): void {
    this.#keep(secret);
  }

  /** A text of somebody else's, who may have quoted what we said. */
  redact(text: string): string {
    let clean = text;
    for (const secret of this.#known) clean = clean.replaceAll(secret, '***');
    return clean;
  }

  #fromEnvironment(name: string): string {
    const value = this.#environment[name];
    if (value === undefined || value === '') {
      throw new Fault('settings-invalid', `the environment variable ${name} is not set`);
    }
    return this.#keep(value);
  }

  #keep(secret: string): string {
    // An address is quoted without its host, too.
    const { pathname = '', search = '' } = URL.canParse(secret) ? new URL(secret) : {};
    for (const each of [secret, pathname + search]) if (each.length >= LEAST_HIDDEN) this.#known.add(each);
    return secret;
  }
}
