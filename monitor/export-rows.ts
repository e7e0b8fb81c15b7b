import { seqToJson } from '../cloud-sync/protocol/numbers.ts';
import { csvLine } from '../core/csv.ts';
import type { History, HistoryRow, Span } from './archive/history.ts';
import type { KnownPoint } from './points.ts';
import { ZoneTime } from './zone-time.ts';

export interface ExportOptions {
  readonly format: 'csv' | 'ndjson';
  /** Adds epoch and number of each record. */
  readonly numbers: boolean;
  readonly zone: string;
}

/** One text per part of rows. Times of CSV are ISO 8601 in the site's zone, those of NDJSON Unix milliseconds. */
export async function* exportRows(
  history: History,
  point: KnownPoint,
  span: Span,
  { format, numbers, zone }: ExportOptions,
): AsyncGenerator<string, void> {
  const time = new ZoneTime(zone);
  for await (const rows of history.rows(point.series, span)) {
    yield rows
      .map((row) => (format === 'csv' ? toCsv(point, row, time, numbers) : jsonLine(point, row, numbers)))
      .join('');
  }
}

export function csvHeader(numbers: boolean): string {
  return `time,point,value,unit,quality,fault${numbers ? ',epoch,seq' : ''}\r\n`;
}

function toCsv({ id, entry }: KnownPoint, row: HistoryRow, time: ZoneTime, numbers: boolean): string {
  const { at, value, fault, epoch, seq } = row;
  const quality = fault === undefined ? 'good' : 'bad';
  const cells = [time.iso(at), id, value === null ? '' : String(value), entry.unit ?? '', quality, fault ?? ''];
  if (numbers) cells.push(epoch, seqToJson(seq));
  return csvLine(cells);
}

function jsonLine({ id, entry }: KnownPoint, row: HistoryRow, numbers: boolean): string {
  const { at, value, fault, epoch, seq } = row;
  const quality = fault === undefined ? 'good' : 'bad';
  const place = numbers ? { epoch, seq: seqToJson(seq) } : {};
  return `${JSON.stringify({ at, point: id, value, unit: entry.unit, quality, fault, ...place })}\n`;
}
