import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Point } from '../../data/api.ts';
import { every } from '../../data/clock.ts';
import { decimalsOf, formatNumber, formatTime } from '../../data/format.ts';
import { t, titleOf } from '../../data/i18n.ts';
import { expectedInterval } from '../../data/point-state.ts';
import { devices, now, zoneOf } from '../../data/store.ts';
import { useSize } from '../../kit/use-size.ts';
import type { Range } from './board.ts';
import { tb } from './texts.ts';
import { type Lines, linePath, type Span, STEP_MS, spanOf, TrendLines } from './trend-lines.ts';

interface TrendTileProps {
  readonly points: readonly Point[];
  readonly range: Range;
}

const LEFT = 48;
const BOTTOM = 18;
/** Room for half of the uppermost number, also where letters are larger. */
const TOP = 10;

/** Up to eight lines, told apart by their dashes as well as by their place in the legend. */
export function TrendTile({ points, range }: TrendTileProps) {
  const ids = points.map(({ id }) => id).join(' ');
  const source = useMemo(() => new TrendLines(points, range), [ids, range]);
  useEffect(() => {
    const load = () => void source.load(now.peek());
    load();
    return every(Math.max(STEP_MS[range], 10_000), load);
  }, [source]);
  const held = source.held.value;
  if (held === 'loading') return <div class="tile-skeleton" role="status" aria-label={t('state.loading')} />;
  if (held === 'failed') {
    return (
      <p role="alert">
        {tb('trend.failed')}{' '}
        <button type="button" class="act" onClick={() => void source.load(now.peek())}>
          {t('tile.retry')}
        </button>
      </p>
    );
  }
  const span = spanOf(held.lines);
  return (
    <div class="board-trend">
      {span ? <Drawing held={held} span={span} range={range} /> : <p class="muted">{tb('trend.none')}</p>}
      <ul class="board-lines small">
        {held.lines.map(({ point }, index) => (
          <li key={point.id}>
            <svg class={`board-line line-${index}`} viewBox="0 0 26 8" width="26" height="8" aria-hidden="true">
              <path d="M1 4h24" />
            </svg>
            {nameOf(point)} {point.unit ? <span class="unit">{point.unit}</span> : null}
          </li>
        ))}
      </ul>
    </div>
  );
}

export function nameOf(point: Point): string {
  const device = devices.value.find(({ id }) => id === `${point.gateway}/${point.device}`);
  const name = device ? titleOf(device.title, device.name) : point.device;
  return `${name} ${titleOf(point.title, point.point)}`;
}

interface DrawingProps {
  readonly held: Lines;
  readonly span: Span;
  readonly range: Range;
}

function Drawing({ held, span, range }: DrawingProps) {
  const element = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(element);
  const plot = { width: Math.max(0, width - LEFT - 4), height: Math.max(0, height - BOTTOM - TOP) };
  const zone = zoneOf(held.lines[0]?.point.gateway ?? '');
  const points = held.lines.map(({ point }) => nameOf(point)).join(', ');
  const text = (value: number) => formatNumber(value, Math.min(2, decimalsOf(Number(value.toPrecision(4)))));
  const time = (at: number) => formatTime(at, zone).slice(range === '7d' ? 5 : 11, 16);
  return (
    <div ref={element} class="board-plot">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={tb('trend.of', { points })}>
        {[0, 0.5, 1].map((share) => {
          const y = TOP + share * plot.height;
          return (
            <g key={share}>
              <path class="grid" d={`M${LEFT} ${y}h${plot.width}`} />
              <text x={LEFT - 6} y={y + 4} text-anchor="end">
                {text(span.high - share * (span.high - span.low))}
              </text>
            </g>
          );
        })}
        <text x={LEFT} y={height - 2}>
          {time(held.from)}
        </text>
        <text x={width - 4} y={height - 2} text-anchor="end">
          {time(held.to)}
        </text>
        <g transform={`translate(${LEFT} ${TOP})`}>
          {held.lines.map(({ point, rows }, index) => (
            <path
              key={point.id}
              class={`board-line line-${index}`}
              d={linePath(rows, held, span, Math.max(1.5 * STEP_MS[range], 3 * (expectedInterval(point) ?? 0)), plot)}
            />
          ))}
        </g>
      </svg>
    </div>
  );
}
