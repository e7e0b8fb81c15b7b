import type { UnixMs } from '../../core/reading.ts';

/** Numbers from 0 to 1, the same everywhere for the same seed (Mulberry32). */
export type Random = () => number;

export function randomFor(text: string): Random {
  let state = hash(text);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (const character of text) h = Math.imul(h ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return h >>> 0;
}

/** Swings about 0, never beyond -1 and 1. `area` is its integral over time, in milliseconds. */
export interface Wave {
  at(at: UnixMs): number;
  area(at: UnixMs): number;
}

/** A wave of minutes with a smaller one of seconds on it. */
export function wave(random: Random): Wave {
  const parts = [
    { share: 0.8, periodMs: 240_000 + 600_000 * random(), start: random() },
    { share: 0.2, periodMs: 15_000 + 25_000 * random(), start: random() },
  ];
  const total = (each: (part: { share: number; periodMs: number }, angle: number) => number) => (at: UnixMs) =>
    parts.reduce((sum, part) => sum + each(part, 2 * Math.PI * ((at % part.periodMs) / part.periodMs + part.start)), 0);
  return {
    at: total(({ share }, angle) => share * Math.sin(angle)),
    area: total(({ share, periodMs }, angle) => (-share * periodMs * Math.cos(angle)) / (2 * Math.PI)),
  };
}
