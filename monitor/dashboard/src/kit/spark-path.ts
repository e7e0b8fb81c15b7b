export interface SparkPoint {
  readonly at: number;
  readonly value: number | null;
}

export const WIDTH = 200;
export const HEIGHT = 36;

/** The path of a small trend; where nothing was measured it is open. */
export function sparkPath(points: readonly SparkPoint[], from: number, to: number, gapMs: number): string {
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
  const low = Math.min(...values);
  const spread = Math.max(...values) - low;
  let before: SparkPoint | undefined;
  return points
    .map((point) => {
      const { at, value } = point;
      const joined = before !== undefined && before.value !== null && at - before.at <= gapMs;
      before = point;
      if (value === null) return '';
      const x = ((at - from) / (to - from)) * WIDTH;
      const y = HEIGHT - 3 - (spread === 0 ? 0.5 : (value - low) / spread) * (HEIGHT - 6);
      // A lone point is a dot: round ends make it one.
      return `${joined ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}${joined ? '' : 'h.01'}`;
    })
    .join('');
}
