import { HEIGHT, type SparkPoint, sparkPath, WIDTH } from './spark-path.ts';

interface SparklineProps {
  readonly label: string;
  readonly points: readonly SparkPoint[];
  readonly from: number;
  readonly to: number;
  /** Two points further apart are not joined. */
  readonly gapMs: number;
}

/** A line small enough to stand beside a number; where nothing was measured it is open. */
export function Sparkline({ label, points, from, to, gapMs }: SparklineProps) {
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path d={sparkPath(points, from, to, gapMs)} />
    </svg>
  );
}
