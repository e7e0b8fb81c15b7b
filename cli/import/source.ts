import type { Path } from '../../core/settings.ts';

/** Notes what could not be translated, at its place in the source. */
export type Note = (path: Path, message: string, suggestion?: string) => void;

export type Fields = Readonly<Record<string, unknown>>;

/** The value if it is a mapping, else an empty one. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** The mappings of a list; nothing if it is none. */
export function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

/** What a table has for a word of the source, and not what every object has. */
export function lookup<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

const PARITIES: Readonly<Record<string, 'none' | 'even' | 'odd'>> = { N: 'none', E: 'even', O: 'odd' };

/** By its first letter; one that is none is noted. */
export function parityOf(value: unknown, path: Path, note: Note): 'none' | 'even' | 'odd' | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  const parity = lookup(PARITIES, text.charAt(0).toUpperCase());
  if (parity === undefined) note(path, `\`${text}\` is no parity of ours`, 'none, even or odd');
  return parity;
}

export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** Numbers, and texts that are numbers such as "0.1" or "0x100". */
export function numberOf(value: unknown): number | undefined {
  const text = textOf(value);
  if (text === undefined || typeof value === 'boolean') return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** Notes each key that an importer neither translates nor may pass over because it changes no reading. */
export function noteRest(given: Fields, known: readonly string[], path: Path, note: Note): void {
  for (const key of Object.keys(given)) if (!known.includes(key)) note([...path, key], 'is not translated');
}

/** Seconds, as a duration of ours. */
export function secondsText(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds}s` : `${Math.max(1, Math.round(seconds * 1000))}ms`;
}
