import { useRef } from 'preact/hooks';
import { useSize } from '../../kit/use-size.ts';
import { HatchPattern } from '../energy/hatch.tsx';
import { numberText } from './cell-text.ts';
import type { Chart, ChartPoint } from './report.ts';
import { tp } from './texts.ts';

const HEIGHT = 190;
const LEFT = 54;
const BELOW = 24;
const TOP = 10;
/** Told apart without colours. */
const DASHES = ['', '6 3', '2 3', '10 4'] as const;

interface Place {
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
  readonly base: number;
}

/** Bars or lines. What is not known is hatched and breaks the line; what is known in part has an outline only. */
export function ReportChart({ chart }: { readonly chart: Chart }) {
  const frame = useRef<HTMLDivElement>(null);
  const { width } = useSize(frame);
  const { title, unit, series, target, from, to, ticks } = chart;
  const isBars = chart.kind === 'bars';
  const values = series.flatMap(({ points }) => points.flatMap(([, , value]) => value ?? []));
  const all = target ? [...values, target.value] : values;
  const scale = scaleOf(isBars ? Math.min(0, ...all) : Math.min(...all), Math.max(...all));
  const [low = 0, high = 1] = [scale[0], scale.at(-1)];
  const y = (value: number) => TOP + (1 - (value - low) / (high - low)) * (HEIGHT - TOP - BELOW);
  const x = (at: number) => LEFT + ((at - from) * (width - LEFT - 8)) / (to - from);
  const place = { x, y, base: y(Math.max(0, low)) };
  const every = Math.max(1, Math.ceil((ticks.length * 46) / Math.max(1, width - LEFT)));
  const hatch = `report-hatch-${chart.id.replace(/[^a-z0-9]/gi, '')}`;
  const hasGaps = series.some(({ points }) => points.some(([, , value, isWhole]) => value === null || !isWhole));
  return (
    <figure class="report-chart">
      <figcaption>
        <strong>{title}</strong> <span class="muted">{unit}</span>
        {isBars ? null : (
          <span class="report-legend">
            {series.map(({ name }, index) => (
              <span key={name}>
                <svg width="26" height="8" aria-hidden="true">
                  <line
                    class={`report-line line-${index}`}
                    x1="0"
                    x2="26"
                    y1="4"
                    y2="4"
                    stroke-dasharray={DASHES[index]}
                  />
                </svg>
                {name}
              </span>
            ))}
          </span>
        )}
      </figcaption>
      <div ref={frame}>
        {width > 0 ? (
          <svg width={width} height={HEIGHT} role="img" aria-label={tp('chart', { title, unit })}>
            <HatchPattern id={hatch} />
            {scale.map((value) => (
              <g key={value}>
                <line class="grid" x1={LEFT} x2={width - 8} y1={y(value)} y2={y(value)} />
                <text class="end" x={LEFT - 6} y={y(value) + 4}>
                  {numberText(value, decimalsOf(scale))}
                </text>
              </g>
            ))}
            {ticks
              .filter((_, index) => index % every === 0)
              .map(({ at, text }) => (
                <text key={at} x={x(at)} y={HEIGHT - 6}>
                  {text}
                </text>
              ))}
            {series.map(({ name, points }, index) =>
              isBars ? (
                <Bars key={name} points={points} place={place} unit={unit} hatch={hatch} />
              ) : (
                <path
                  key={name}
                  class={`report-line line-${index}`}
                  stroke-dasharray={DASHES[index]}
                  d={pathOf(points, place)}
                />
              ),
            )}
            {target ? (
              <g class="report-target">
                <line x1={LEFT} x2={width - 8} y1={y(target.value)} y2={y(target.value)} />
                <text class="end" x={width - 8} y={y(target.value) - 4}>
                  {target.name} {numberText(target.value, 0)}
                </text>
              </g>
            ) : null}
          </svg>
        ) : null}
      </div>
      {isBars && hasGaps ? <p class="muted small">{tp('chart.legend')}</p> : null}
    </figure>
  );
}

function Bars(props: {
  readonly points: readonly ChartPoint[];
  readonly place: Place;
  readonly unit: string;
  readonly hatch: string;
}) {
  const { points, place, unit, hatch } = props;
  const { x, y, base } = place;
  return (
    <g>
      {points.map(([from, to, value, isWhole]) => {
        const gap = Math.min(2, (x(to) - x(from)) * 0.15);
        const box = { x: x(from) + gap, width: Math.max(0.5, x(to) - x(from) - 2 * gap) };
        if (value === null) return <rect key={from} {...box} y={TOP} height={base - TOP} fill={`url(#${hatch})`} />;
        const figure = `${numberText(value, 1)} ${unit}`;
        return (
          <rect
            key={from}
            class={isWhole ? 'report-bar' : 'report-bar part'}
            {...box}
            y={Math.min(base, y(value))}
            height={Math.max(1, Math.abs(base - y(value)))}
          >
            <title>{isWhole ? figure : tp('chart.part', { value: figure })}</title>
          </rect>
        );
      })}
    </g>
  );
}

function pathOf(points: readonly ChartPoint[], { x, y }: Place): string {
  let isDrawing = false;
  const parts: string[] = [];
  for (const [from, to, value] of points) {
    if (value === null) isDrawing = false;
    else {
      const [px, py] = [x((from + to) / 2).toFixed(1), y(value).toFixed(1)];
      // One alone between silences would be no line.
      parts.push(isDrawing ? `L${px} ${py}` : `M${px} ${py}h3`);
      isDrawing = true;
    }
  }
  return parts.join('');
}

function scaleOf(low: number, high: number): readonly number[] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const span = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(span / 4));
  const step = ([1, 2, 5, 10].find((each) => each * power >= span / 4) ?? 10) * power;
  const first = Math.floor(low / step) * step;
  const count = Math.max(1, Math.ceil((high - first) / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, index) => Number((first + index * step).toPrecision(12)));
}

function decimalsOf([first = 0, second = 1]: readonly number[]): number {
  const step = Math.abs(second - first);
  return step >= 1 ? 0 : Math.min(3, Math.ceil(-Math.log10(step)));
}
