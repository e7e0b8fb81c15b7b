export interface SparkPoint {
  readonly at: number;
  readonly value: number | null;
}

interface SparklineProps {
  readonly label: string;
  readonly points: readonly SparkPoint[];
  readonly from: number;
  readonly to: number;
  /** Two points further apart are not joined. */
  readonly gapMs: number;
}

const WIDTH = 200;
const HEIGHT = 36;

/** A line small enough to stand beside a number; where nothing was measured it is open. */
export function Sparkline({ label, points, from, to, gapMs }: SparklineProps) {
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path d={sparkPath(points, from, to, gapMs)} />
    </svg>
  );
}

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
