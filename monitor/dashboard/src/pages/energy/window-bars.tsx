import type { Demand } from '../../data/api.ts';
import { Unfold } from '../../kit/unfold.tsx';
import type { DemandWindow } from './energy-data.ts';
import { HatchPattern } from './hatch.tsx';
import { clockText, kwText } from './kw-text.ts';
import { te } from './texts.ts';

const SHOWN = 16;
const WIDTH = 640;
const HEIGHT = 220;
const LEFT = 58;
const BOTTOM = 26;
const TOP = 24;
const HATCH = 'bars-hatch';

interface Props {
  readonly windows: readonly DemandWindow[];
  readonly demand: Demand;
  readonly zone: string;
}

/** The last windows as the clock has them, with where the running one will end, against the target. */
export function WindowBars({ windows, demand, zone }: Props) {
  const lengthMs = demand.to - demand.from;
  const before = windows.filter(({ at }) => at < demand.from).slice(-(SHOWN - 1));
  const { forecastKw, targetKw } = demand;
  const soFarKw = (demand.kwh * 3_600_000) / lengthMs;
  const most = 1.15 * Math.max(1e-9, targetKw ?? 0, forecastKw ?? 0, soFarKw, ...before.map(({ kw }) => kw ?? 0));
  const y = (kw: number) => TOP + (1 - kw / most) * (HEIGHT - TOP - BOTTOM);
  // The running window stands at the right; a window that the hub has nothing of leaves its place empty.
  const x = (at: number) => LEFT + ((SHOWN - 1 + (at - demand.from) / lengthMs) * (WIDTH - LEFT)) / SHOWN;
  const wide = (WIDTH - LEFT) / SHOWN - 5;
  const said = [...before.map((each) => sayWindow(each, zone)), sayRunning(demand, zone)];
  return (
    <section class="card bars" aria-label={te('bars')}>
      <h2>{te('bars')}</h2>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={said.slice(-4).join('; ')}>
        <HatchPattern id={HATCH} />
        {[0, most / 1.15 / 2, most / 1.15].map((kw) => (
          <g key={kw}>
            <line class="grid" x1={LEFT} x2={WIDTH} y1={y(kw)} y2={y(kw)} />
            <text x={LEFT - 6} y={y(kw) + 4} class="end">
              {kwText(kw)}
            </text>
          </g>
        ))}
        {before.map((each) => (
          <Bar key={each.at} window={each} x={x(each.at)} y={y} wide={wide} text={sayWindow(each, zone)} />
        ))}
        <g class="running">
          <title>{sayRunning(demand, zone)}</title>
          <rect class="window-bar" x={x(demand.from)} y={y(soFarKw)} width={wide} height={y(0) - y(soFarKw)} />
          {forecastKw === null ? (
            <rect x={x(demand.from)} y={TOP} width={wide} height={y(0) - TOP} fill={`url(#${HATCH})`} />
          ) : (
            <rect
              class={demand.state === 'below' ? 'forecast' : 'forecast over'}
              x={x(demand.from)}
              y={y(forecastKw)}
              width={wide}
              height={y(0) - y(forecastKw)}
            />
          )}
        </g>
        {Array.from({ length: SHOWN / 4 }, (_, index) => demand.from - (SHOWN - 1 - 4 * index) * lengthMs).map((at) => (
          <text key={at} x={x(at)} y={HEIGHT - 5}>
            {clockText(at, zone)}
          </text>
        ))}
        {targetKw === undefined ? null : (
          <g class="target">
            <line x1={LEFT} x2={WIDTH} y1={y(targetKw)} y2={y(targetKw)} />
            <text x={WIDTH - 4} y={y(targetKw) - 5} class="end">
              {te('demand.target')} {kwText(targetKw)}
            </text>
          </g>
        )}
      </svg>
      <p class="muted small">{te('bars.hint')}</p>
      <Unfold
        summary={te('table')}
        content={() => (
          <ul class="small">
            {said.toReversed().map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        )}
      />
    </section>
  );
}

interface BarProps {
  readonly window: DemandWindow;
  readonly x: number;
  readonly y: (kw: number) => number;
  readonly wide: number;
  readonly text: string;
}

function Bar({ window: { kw, isPartial }, x, y, wide, text }: BarProps) {
  const top = kw === null ? TOP : y(kw);
  return (
    <g>
      <title>{text}</title>
      {kw === null ? null : <rect class="window-bar" x={x} y={top} width={wide} height={y(0) - top} />}
      {kw === null || isPartial ? (
        <rect x={x} y={TOP} width={wide} height={y(0) - TOP} fill={`url(#${HATCH})`} />
      ) : null}
    </g>
  );
}

function sayWindow({ at, to, kw, isPartial }: DemandWindow, zone: string): string {
  const time = `${clockText(at, zone)}–${clockText(to, zone)}`;
  if (kw === null) return te('bar.none', { time });
  return te(isPartial ? 'bar.partial' : 'bar.known', { time, kw: kwText(kw) });
}

function sayRunning({ from, to, forecastKw }: Demand, zone: string): string {
  const time = `${clockText(from, zone)}–${clockText(to, zone)}`;
  return te('bar.running', { time, kw: kwText(forecastKw) });
}
