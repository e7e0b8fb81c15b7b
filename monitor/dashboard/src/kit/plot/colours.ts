/** A line is told from others by its colour and its dashes: neither is ever the only sign, a name stands beside both. */
export interface LineLook {
  /** Name of a colour of the style sheet. */
  readonly colour: string;
  readonly dash: readonly number[];
}

const COLOURS = 8;
/** The second eight of sixteen have the colours of the first. */
const DASHES: readonly (readonly number[])[] = [[], [9, 4]];
/** What is compared with. */
export const DOTS: readonly number[] = [1.5, 3.5];

export function lineLook(index: number): LineLook {
  return {
    colour: `--series-${(index % COLOURS) + 1}`,
    dash: DASHES[Math.floor(index / COLOURS) % DASHES.length] ?? [],
  };
}

/** What a colour of the style sheet is now: themes change. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
