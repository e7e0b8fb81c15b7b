import { type Limit, type Scale, toShare } from './scale.ts';

interface IndicatorProps {
  readonly label: string;
  /** As people read it, with its unit. */
  readonly text: string;
  /** `null`: there is none, and no pointer is drawn. */
  readonly value: number | null;
  readonly scale: Scale;
  readonly limits: readonly Limit[];
  readonly isTrusted: boolean;
}

const WIDTH = 200;
const TOP = 12;
const THICK = 10;

/** A moving analogue indicator: where the value stands between its limits is seen before it is read. */
export function Indicator({ label, text, value, scale, limits, isTrusted }: IndicatorProps) {
  const x = (at: number) => toShare(at, scale) * WIDTH;
  const low = limits.filter(({ kind }) => kind === 'below').map(({ at }) => at);
  const high = limits.filter(({ kind }) => kind === 'above').map(({ at }) => at);
  const from = x(low.length > 0 ? Math.max(...low) : scale.from);
  const to = x(high.length > 0 ? Math.min(...high) : scale.to);
  return (
    <svg
      class={isTrusted ? 'indicator' : 'indicator doubtful'}
      viewBox={`-6 0 ${WIDTH + 12} 38`}
      role="img"
      aria-label={`${label}: ${text}`}
    >
      <rect class="track" x={0} y={TOP} width={WIDTH} height={THICK} rx={2} />
      <rect class="normal" x={from} y={TOP} width={Math.max(0, to - from)} height={THICK} />
      {limits.map(({ at, kind, priority }) => (
        <path
          key={`${kind} ${at} ${priority}`}
          class={`limit tone-${priority}`}
          d={`M${x(at)} ${TOP - 3}v${THICK + 6}`}
        />
      ))}
      {value === null ? null : (
        <path class="pointer" d={`M${x(value)} ${TOP + 1}l-5.500 -9.500h11zM${x(value)} ${TOP}v${THICK}`} />
      )}
      <text x={0} y={33}>
        {scale.from}
      </text>
      <text x={WIDTH} y={33} text-anchor="end">
        {scale.to}
      </text>
    </svg>
  );
}
