import { nearest } from '../../core/suggest.ts';
import type { Scalar } from './config-data.ts';
import type { Config } from './objects.ts';

/**
 * Every mapper spells its keys its own way: `serialPort`, `serialName`, `com.serialPort`. One spelling for all: lower case, the last part
 * alone.
 */
export function plainKey(key: string): string {
  return key
    .slice(key.lastIndexOf('.') + 1)
    .replaceAll(/[-_]/g, '')
    .toLowerCase();
}

/** Keys of `configData` by their plain spelling, and those that nobody here knows. */
export class Keys {
  readonly #values: ReadonlyMap<string, Scalar>;
  readonly #given: Config;

  constructor(given: Config) {
    this.#given = given;
    this.#values = new Map(Object.entries(given).map(([key, value]) => [plainKey(key), value]));
  }

  has(...names: readonly string[]): boolean {
    return names.some((name) => this.#values.has(name));
  }

  /** Of the first of these that is given and not empty. */
  text(...names: readonly string[]): string | undefined {
    for (const name of names) {
      const value = this.#values.get(name);
      if (value !== undefined && String(value).trim() !== '') return String(value).trim();
    }
    return undefined;
  }

  /** A number, also where it came as a text; what is no number stays as it is, for the schema to complain about. */
  number(...names: readonly string[]): number | string | undefined {
    const text = this.text(...names);
    if (text === undefined) return undefined;
    const value = Number(text);
    return Number.isFinite(value) ? value : text;
  }

  flag(...names: readonly string[]): boolean {
    return this.text(...names)?.toLowerCase() === 'true' || this.text(...names) === '1';
  }

  /** What is given and not among these, in words. */
  unknown(known: readonly string[]): string[] {
    return Object.keys(this.#given)
      .filter((key) => !known.includes(plainKey(key)))
      .map((key) => {
        const near = nearest(plainKey(key), known);
        return `\`${key}\` is not known here${near ? `; did you mean \`${near}\`?` : ''}`;
      });
  }
}

/** Cycles that long would be more than a day in milliseconds: they are nanoseconds, as mappers up to 1.17 have them. */
const SURELY_NANOSECONDS = 1e8;
const DAY_MS = 86_400_000;
/** Half an hour and more is rare as milliseconds, and could be some of nanoseconds. */
const DOUBTFUL_MS = 1_800_000;
/** Mappers read once a second where nothing is said. */
export const DEFAULT_CYCLE_MS = 1000;
/** More often no property is read, whatever the object says. */
const SHORTEST_CYCLE_MS = 20;

/** Milliseconds, or what is wrong. `note`: how it was understood, where that is not plain. */
export function cycleMs(cycle: number): { readonly ms: number; readonly note?: string } | { readonly problem: string } {
  if (!Number.isFinite(cycle) || cycle < 0) return { problem: `a cycle of ${cycle} is none` };
  if (cycle === 0) return { ms: DEFAULT_CYCLE_MS };
  if (cycle >= SURELY_NANOSECONDS) {
    const ms = Math.max(SHORTEST_CYCLE_MS, Math.round(cycle / 1e6));
    if (ms > DAY_MS) return { problem: `a cycle of ${cycle} is more than a day, also as nanoseconds` };
    return { ms, note: `a cycle of ${cycle} is taken for nanoseconds: ${ms} ms` };
  }
  if (cycle < SHORTEST_CYCLE_MS) {
    return { ms: SHORTEST_CYCLE_MS, note: `a cycle of ${cycle} ms is too short: ${SHORTEST_CYCLE_MS} ms` };
  }
  if (cycle > DAY_MS)
    return { problem: `a cycle of ${cycle} ms is more than a day; as nanoseconds it is ${cycle / 1e6} ms` };
  if (cycle < DOUBTFUL_MS) return { ms: Math.round(cycle) };
  const hours = Math.round(cycle / 360_000) / 10;
  return {
    ms: Math.round(cycle),
    note: `a cycle of ${cycle} is taken for milliseconds: ${hours} h; in nanoseconds it would be ${cycle / 1e6} ms`,
  };
}
