import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { instant } from '../../core/clock.ts';
import type { UnixMs, Value } from '../../core/reading.ts';
import { DAY_MS } from '../local-days.ts';
import type { Line, Table } from './table.ts';

/** Rows of a sheet, the header among them. [Excel specifications and limits] */
export const MOST_SHEET_ROWS = 1_048_576;
/** Days from Excel's 1900 to 1970, counted as Excel does, with a 29 February 1900. [ECMA-376 Part 1, 18.17.4.1] */
const EXCEL_1970 = 25_569;
/** Characters that XML 1.0 cannot hold. */
const NOT_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/**
 * A workbook of one sheet, written as it is read: nothing but the line at hand is in memory. Times are Excel's own in the site's
 * zone, and Unix milliseconds beside; numbers are numbers, texts inline, so that none is taken for a formula. [ECMA-376 Part 1]
 */
export function xlsxOf(table: Table, made: UnixMs): Readable {
  const zip = new ZipFile();
  const mtime = instant(made);
  for (const [name, text] of Object.entries(FIXED)) zip.addBuffer(Buffer.from(text), name, { mtime });
  const sheet = Readable.from(sheetOf(table), { objectMode: false });
  zip.addReadStream(sheet, 'xl/worksheets/sheet1.xml', { mtime });
  zip.end();
  const output = zip.outputStream as Readable;
  // A source that fails must end the file: yazl would wait for it for ever. One that nobody reads any more must end its source.
  sheet.on('error', (error) => output.destroy(error));
  output.on('close', () => sheet.destroy());
  return output;
}

async function* sheetOf({ columns, parts }: Table): AsyncGenerator<string, void> {
  const header = ['time', 'at', ...columns].map(cellXml).join('');
  yield `${HEAD}<worksheet xmlns="${MAIN}"><cols><col min="1" max="1" width="24" customWidth="1"/></cols><sheetData><row>${header}</row>`;
  for await (const lines of parts) yield lines.map(lineXml).join('');
  yield '</sheetData></worksheet>';
}

function lineXml({ at, time, cells }: Line): string {
  const serial = EXCEL_1970 + (at + time.offsetMs(at)) / DAY_MS;
  return `<row><c s="1"><v>${serial}</v></c>${cellXml(at)}${cells.map(cellXml).join('')}</row>`;
}

function cellXml(value: Value | null): string {
  if (value === null) return '<c/>';
  if (typeof value === 'number') return `<c><v>${value}</v></c>`;
  if (typeof value === 'boolean') return `<c t="b"><v>${value ? 1 : 0}</v></c>`;
  return `<c t="inlineStr"><is><t xml:space="preserve">${escapeXml(value)}</t></is></c>`;
}

function escapeXml(text: string): string {
  return text.replace(NOT_XML, '\uFFFD').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

const FIXED = {
  '[Content_Types].xml': `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPE}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/></Types>`,
  '_rels/.rels': `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  'xl/workbook.xml': `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="history" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  'xl/_rels/workbook.xml.rels': `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`,
  'xl/styles.xml': `${HEAD}<styleSheet xmlns="${MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd hh:mm:ss.000"/></numFmts><fonts count="1"><font/></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>`,
};
