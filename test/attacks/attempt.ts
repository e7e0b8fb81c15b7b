import type { World } from './world.ts';

/** What became of one attempt. */
export interface Attempt {
  readonly what: string;
  /** `refused`: with a reason. `bounded`: it cost what it may cost and no more. `harmless`: it was taken and nothing came of it. */
  readonly outcome: 'refused' | 'bounded' | 'harmless' | 'SUCCEEDED';
  /** The reason it was given, or what it did. */
  readonly detail: string;
}

/** Attempts of one kind. After each row a healthy gateway and a reader must still be served. */
export interface Row {
  readonly name: string;
  /** Takes long: left out of `npm test`. */
  readonly isLong?: true;
  run(world: World): Promise<readonly Attempt[]>;
}

export function refused(what: string, detail: string): Attempt {
  return { what, outcome: 'refused', detail };
}

export function succeeded(what: string, detail: string): Attempt {
  return { what, outcome: 'SUCCEEDED', detail };
}

/** A figure that must stay within its bound. */
export function bounded(what: string, figure: number, most: number, unit: string): Attempt {
  const detail = `${Math.round(figure)} ${unit}, at most ${most}`;
  return figure <= most ? { what, outcome: 'bounded', detail } : succeeded(what, detail);
}

/** It may be taken, as long as this holds. */
export function harmless(what: string, holds: boolean, detail: string): Attempt {
  return holds ? { what, outcome: 'harmless', detail } : succeeded(what, detail);
}
