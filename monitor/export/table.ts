import type { UnixMs, Value } from '../../core/reading.ts';
import type { KnownPoint } from '../points.ts';
import { ZoneTime } from '../zone-time.ts';
import type { ExportRequest } from './request.ts';
import { type ExportSource, type Parts, readingRows, sideBySide, stepColumns, stepRows } from './rows.ts';

/** A line of the file. Its time is written as each format has times, before the cells. */
export interface Line {
  readonly at: UnixMs;
  /** Of the site that the line is of. */
  readonly time: ZoneTime;
  readonly cells: readonly (Value | null)[];
}

export interface Table {
  /** Without those of the time. */
  readonly columns: readonly string[];
  readonly parts: AsyncIterable<readonly Line[]>;
}

export interface TableOptions extends ExportSource {
  readonly zoneOf: (point: KnownPoint) => string;
}

/** What an export says, before it is written in any format. */
export function exportTable(source: TableOptions, points: readonly KnownPoint[], request: ExportRequest): Table {
  return request.layout === 'wide' ? wide(source, points, request) : long(source, points, request);
}

function long(source: TableOptions, points: readonly KnownPoint[], request: ExportRequest): Table {
  const { stepMs, agg, numbers } = request;
  const figures = stepMs === undefined ? [] : stepColumns(agg);
  const columns =
    stepMs === undefined
      ? ['point', 'value', 'unit', 'quality', 'fault', ...(numbers ? ['epoch', 'seq'] : [])]
      : ['point', 'unit', ...figures];
  async function* parts() {
    for (const point of points) {
      const time = new ZoneTime(source.zoneOf(point));
      for await (const rows of partsOf(source, point, request)) {
        const unit = point.entry.unit ?? null;
        yield rows.map(({ at, cells: [first = null, ...rest] }) => ({
          at,
          time,
          cells: stepMs === undefined ? [point.id, first, unit, ...rest] : [point.id, unit, first, ...rest],
        }));
      }
    }
  }
  return { columns, parts: parts() };
}

function wide(source: TableOptions, points: readonly KnownPoint[], request: ExportRequest): Table {
  const { stepMs, agg } = request;
  const columns = points.flatMap(({ id, entry }) => {
    const name = entry.unit === undefined ? id : `${id} [${entry.unit}]`;
    return stepMs === undefined ? [name] : stepColumns(agg, `${name} `);
  });
  async function* parts() {
    const [first] = points;
    if (first === undefined) return;
    // One table has one clock: that of the first point's site.
    const time = new ZoneTime(source.zoneOf(first));
    const width = stepMs === undefined ? 1 : agg.length;
    const all = points.map((point) => partsOf(source, point, request));
    for await (const rows of sideBySide(
      all,
      points.map(() => width),
    ))
      yield rows.map((row) => ({ ...row, time }));
  }
  return { columns, parts: parts() };
}

function partsOf(source: TableOptions, point: KnownPoint, request: ExportRequest): Parts {
  const { stepMs } = request;
  return stepMs === undefined
    ? readingRows(source, point, request)
    : stepRows(source, point, request, { stepMs, zone: source.zoneOf(point) });
}
