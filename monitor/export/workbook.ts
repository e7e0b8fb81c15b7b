import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { instant } from '../../core/clock.ts';
import type { UnixMs, Value } from '../../core/reading.ts';
import { DAY_MS } from '../local-days.ts';

/** Days from Excel's 1900 to 1970, counted as Excel does, with a 29 February 1900. [ECMA-376 Part 1, 18.17.4.1] */
const EXCEL_1970 = 25_569;
/** Characters that XML 1.0 cannot hold. */
const NOT_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** How cells look, by the numbers that they refer to it by. */
const FORMATS = [
  'yyyy\\-mm\\-dd hh:mm:ss.000',
  'yyyy\\-mm\\-dd hh:mm',
  '[h]:mm:ss',
  '0.0%',
  '#,##0.0',
  '#,##0',
] as const;
export const STYLE = { milliseconds: 1, minutes: 2, duration: 3, share: 4, decimal: 5, whole: 6, bold: 7 } as const;
type Style = (typeof STYLE)[keyof typeof STYLE];

export interface Sheet {
  /** At most 31 characters, none of []:*?/\, and not that of another sheet. */
  readonly name: string;
  /** In characters, from the first column on. */
  readonly widths: readonly number[];
  /** Rows as `rowXml` writes them. */
  readonly rows: AsyncIterable<string> | Iterable<string>;
}

/** A workbook, written as it is read: nothing but the rows at hand is in memory. [ECMA-376 Part 1] */
export function workbookOf(sheets: readonly Sheet[], made: UnixMs): Readable {
  const zip = new ZipFile();
  const mtime = instant(made);
  for (const [name, text] of Object.entries(fixed(sheets))) zip.addBuffer(Buffer.from(text), name, { mtime });
  const sources = sheets.map((sheet, index) => {
    const source = Readable.from(sheetXml(sheet), { objectMode: false });
    zip.addReadStream(source, `xl/worksheets/sheet${index + 1}.xml`, { mtime });
    return source;
  });
  zip.end();
  const output = zip.outputStream as Readable;
  // A source that fails must end the file: yazl would wait for it for ever. One that nobody reads any more must end its sources.
  for (const source of sources) source.on('error', (error) => output.destroy(error));
  output.on('close', () => {
    for (const source of sources) source.destroy();
  });
  return output;
}

export function rowXml(cells: readonly string[]): string {
  return `<row>${cells.join('')}</row>`;
}

/** Numbers are numbers, texts inline, so that none is taken for a formula; null is an empty cell. */
export function cellXml(value: Value | null, style?: Style): string {
  const look = style === undefined ? '' : ` s="${style}"`;
  if (value === null) return `<c${look}/>`;
  if (typeof value === 'number') return `<c${look}><v>${value}</v></c>`;
  if (typeof value === 'boolean') return `<c${look} t="b"><v>${value ? 1 : 0}</v></c>`;
  return `<c${look} t="inlineStr"><is><t xml:space="preserve">${escapeXml(value)}</t></is></c>`;
}

/** Days as Excel counts them, of an instant as a clock `offsetMs` ahead of UTC showed it. */
export function excelTime(at: UnixMs, offsetMs: number): number {
  return EXCEL_1970 + (at + offsetMs) / DAY_MS;
}

async function* sheetXml({ widths, rows }: Sheet): AsyncGenerator<string, void> {
  const columns = widths.map((width, index) => {
    return `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`;
  });
  const cols = columns.length === 0 ? '' : `<cols>${columns.join('')}</cols>`;
  yield `${HEAD}<worksheet xmlns="${MAIN}">${cols}<sheetData>`;
  yield* rows;
  yield '</sheetData></worksheet>';
}

function escapeXml(text: string): string {
  return text.replace(NOT_XML, '\uFFFD').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

function fixed(sheets: readonly Sheet[]): Readonly<Record<string, string>> {
  const each = (text: (number: number, name: string) => string) =>
    sheets.map(({ name }, index) => text(index + 1, escapeXml(name).replaceAll('"', '&quot;'))).join('');
  const styles = sheets.length + 1;
  const numFmts = FORMATS.map((code, index) => `<numFmt numFmtId="${164 + index}" formatCode="${code}"/>`).join('');
  const formats = FORMATS.map((_, index) => `<xf numFmtId="${164 + index}" applyNumberFormat="1"/>`).join('');
  return {
    '[Content_Types].xml': `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/>${each((number) => `<Override PartName="/xl/worksheets/sheet${number}.xml" ContentType="${TYPE}.worksheet+xml"/>`)}<Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/></Types>`,
    '_rels/.rels': `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${each((number, name) => `<sheet name="${name}" sheetId="${number}" r:id="rId${number}"/>`)}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${each((number) => `<Relationship Id="rId${number}" Type="${OFFICE}/worksheet" Target="worksheets/sheet${number}.xml"/>`)}<Relationship Id="rId${styles}" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`,
    'xl/styles.xml': `${HEAD}<styleSheet xmlns="${MAIN}"><numFmts count="${FORMATS.length}">${numFmts}</numFmts><fonts count="2"><font/><font><b/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="${FORMATS.length + 2}"><xf/>${formats}<xf fontId="1" applyFont="1"/></cellXfs></styleSheet>`,
  };
}
