import { formatTime } from '../../data/format.ts';
import { expectedInterval } from '../../data/point-state.ts';
import { zoneOf } from '../../data/store.ts';
import { readText } from '../../data/value-text.ts';
import { Unfold } from '../../kit/unfold.tsx';
import { exportPath, exportStep } from './export-links.ts';
import { nameOf } from './line-text.ts';
import type { Line } from './lines.ts';
import { shownWindow } from './state.ts';
import { tableRows } from './table-rows.ts';
import { tt } from './texts.ts';

const MOST_ROWS = 200;

/** The same data to read, copy and take along. */
export function TrendTable({ lines }: { readonly lines: readonly Line[] }) {
  const window = shownWindow.value;
  const intervals = lines.map(({ point }) => expectedInterval(point) ?? 60_000);
  const step = exportStep(window, Math.min(...intervals, 3_600_000));
  const ids = lines.map(({ point }) => point.id);
  return (
    <section class="card trends-table">
      <div class="trends-files">
        {(['csv', 'xlsx'] as const).map((format) => (
          <a key={format} href={exportPath(ids, window, step, format)} download>
            {step === undefined
              ? tt('export.raw', { format: format.toUpperCase() })
              : tt('export.step', { format: format.toUpperCase(), step })}
          </a>
        ))}
      </div>
      <Unfold summary={tt('table')} content={() => <Rows lines={lines} />} />
    </section>
  );
}

function Rows({ lines }: { readonly lines: readonly Line[] }) {
  const zone = zoneOf(lines[0]?.point.gateway ?? '');
  const { rows, left } = tableRows(
    lines.map(({ source }) => source.data.value),
    shownWindow.value,
    MOST_ROWS,
  );
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with keys */}
      <section class="table" tabIndex={0} aria-label={tt('table')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{tt('table.time')}</th>
              {lines.map(({ point }) => (
                <th key={point.id} scope="col">
                  {nameOf(point)} {point.unit ? `[${point.unit}]` : ''}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ at, cells }) => (
              <tr key={at}>
                <td>{formatTime(at, zone)}</td>
                {lines.map(({ point }, index) => (
                  <td key={point.id}>{cellText(point, cells[index])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {left > 0 ? <p class="muted small">{tt('table.left', { n: left })}</p> : null}
    </>
  );
}

function cellText(point: Line['point'], cell: number | null | undefined): string {
  if (cell === undefined) return '';
  return cell === null ? tt('tip.bad') : readText(point, cell);
}
