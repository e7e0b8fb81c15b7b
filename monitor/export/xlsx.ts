import type { Readable } from 'node:stream';
import type { UnixMs } from '../../core/reading.ts';
import type { Line, Table } from './table.ts';
import { cellXml, excelTime, rowXml, STYLE, workbookOf } from './workbook.ts';

/** Rows of a sheet, the header among them. [Excel specifications and limits] */
export const MOST_SHEET_ROWS = 1_048_576;

/** A workbook of one sheet. Times are Excel's own in the site's zone, and Unix milliseconds beside. */
export function xlsxOf(table: Table, made: UnixMs): Readable {
  return workbookOf([{ name: 'history', widths: [24], rows: rowsOf(table) }], made);
}

async function* rowsOf({ columns, parts }: Table): AsyncGenerator<string, void> {
  yield rowXml(['time', 'at', ...columns].map((name) => cellXml(name)));
  for await (const lines of parts) yield lines.map(lineXml).join('');
}

function lineXml({ at, time, cells }: Line): string {
  const serial = excelTime(at, time.offsetMs(at));
  return rowXml([cellXml(serial, STYLE.milliseconds), cellXml(at), ...cells.map((value) => cellXml(value))]);
}
