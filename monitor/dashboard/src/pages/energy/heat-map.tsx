import { formatTime } from '../../data/format.ts';
import { now } from '../../data/store.ts';
import { Unfold } from '../../kit/unfold.tsx';
import { type EnergyRow, type HeatCell, type HeatMap, HOURS, heatOf, heatShare, weekOf } from './energy-data.ts';
import { HatchPattern } from './hatch.tsx';
import { kwText } from './kw-text.ts';
import { te } from './texts.ts';
import { weekday } from './weekday.ts';

const CELL_W = 24;
const CELL_H = 24;
const LEFT = 74;
const BOTTOM = 20;
const HATCH = 'heat-hatch';

interface CardProps {
  readonly hours: readonly EnergyRow[];
  readonly day: number;
  readonly zone: string;
}

/** Hours of a week: when the plant draws how much. */
export function HeatMapCard({ hours, day, zone }: CardProps) {
  const map = heatOf(hours, weekOf(day, zone), zone, now.value);
  const isKnown = map.most > 0;
  const [from, to] = isKnown ? [kwText(map.least), kwText(map.most)] : ['–', '–'];
  return (
    <section class="card heat" aria-label={te('heat')}>
      <h2>{te('heat')}</h2>
      <svg
        viewBox={`0 0 ${LEFT + HOURS * CELL_W} ${map.days.length * CELL_H + BOTTOM}`}
        role="img"
        aria-label={te('heat.map', { from, to })}
      >
        <HatchPattern id={HATCH} />
        {map.days.map((start, row) => (
          <g key={start} class={start === day ? 'chosen-day' : ''}>
            <text x="0" y={row * CELL_H + 16}>
              {weekday(start, zone)}
            </text>
            {map.cells[row]?.map((cell, hour) => (
              <Cell
                key={hour}
                cell={cell}
                x={LEFT + hour * CELL_W}
                y={row * CELL_H}
                share={cell.kw == null ? 0 : heatShare(cell.kw, map)}
                text={sayCell(cell, weekday(start, zone), hour)}
              />
            ))}
          </g>
        ))}
        {[0, 6, 12, 18].map((hour) => (
          <text key={hour} x={LEFT + hour * CELL_W} y={map.days.length * CELL_H + 15}>
            {String(hour).padStart(2, '0')}
          </text>
        ))}
      </svg>
      <p class="heat-scale muted small">
        {from} kW <span class="heat-ramp" aria-hidden="true" /> {to} kW
      </p>
      <Unfold summary={te('table')} content={() => <HeatTable map={map} zone={zone} />} />
    </section>
  );
}

function HeatTable({ map, zone }: { readonly map: HeatMap; readonly zone: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with keys
    <section class="energy-table" tabIndex={0} aria-label={te('heat')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{te('day')}</th>
            {Array.from({ length: HOURS }, (_, hour) => String(hour).padStart(2, '0')).map((hour) => (
              <th key={hour} scope="col">
                {hour}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {map.days.map((start, row) => (
            <tr key={start}>
              <th scope="row">{formatTime(start, zone).slice(5, 10)}</th>
              {map.cells[row]?.map(({ kw, isPartial }, hour) => (
                <td key={hour}>{kw === undefined ? '' : `${isPartial && kw !== null ? '≥ ' : ''}${kwText(kw)}`}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface CellProps {
  readonly cell: HeatCell;
  readonly x: number;
  readonly y: number;
  readonly share: number;
  readonly text: string;
}

function Cell({ cell: { kw, isPartial }, x, y, share, text }: CellProps) {
  if (kw === undefined) return null;
  const box = { x: x + 1, y: y + 1, width: CELL_W - 2, height: CELL_H - 2 };
  return (
    <g data-kw={kw}>
      <title>{text}</title>
      <rect {...box} class="heat-ground" />
      {kw === null ? null : <rect {...box} class="heat-cell" opacity={0.08 + 0.92 * share} />}
      {kw === null || isPartial ? <rect {...box} fill={`url(#${HATCH})`} /> : null}
    </g>
  );
}

function sayCell({ kw, isPartial }: HeatCell, day: string, hour: number): string {
  if (kw == null) return te('heat.none', { day, hour });
  return te(isPartial ? 'heat.partial' : 'heat.cell', { day, hour, kw: kwText(kw) });
}
