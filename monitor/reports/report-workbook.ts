import type { Readable } from 'node:stream';
import { cellXml, excelTime, rowXml, type Sheet, STYLE, workbookOf } from '../export/workbook.ts';
import { DAY_MS } from '../local-days.ts';
import { ZoneTime } from '../zone-time.ts';
import type { Cell, Chart, Column, Report, Table } from './report.ts';

/** Longest name of a sheet. [Excel specifications and limits] */
const MOST_NAME = 31;
const CHARACTERS_PER_WEIGHT = 7;

/** The report as tables to go on reckoning with: a sheet of words, one for each table, and one for each chart with what it is drawn from. */
export function reportWorkbook(report: Report): Readable {
  const zone = new ZoneTime(report.timezone);
  const taken = new Set<string>();
  const titled = (name: string) => {
    const plain = name.replace(/[[\]:*?/\\]/g, ' ').trim();
    for (let number = 1; ; number++) {
      const end = number === 1 ? '' : ` ${number}`;
      const own = plain.slice(0, MOST_NAME - end.length) + end;
      // Excel does not tell capitals from small letters here.
      if (taken.has(own.toLowerCase())) continue;
      taken.add(own.toLowerCase());
      return own;
    }
  };
  const sheets: Sheet[] = [{ name: titled(report.title), widths: [24, 100], rows: wordRows(report) }];
  for (const { tables, charts } of report.sections) {
    for (const table of tables) sheets.push({ name: titled(table.title), ...tableSheet(table, zone) });
    for (const chart of charts) sheets.push({ name: titled(chart.title), ...chartSheet(chart, zone) });
  }
  return workbookOf(sheets, report.madeAt);
}

function* wordRows({ title, facts, summary, signers, signing }: Report): Generator<string, void> {
  yield rowXml([cellXml(title, STYLE.bold)]);
  for (const [name, value] of facts) yield rowXml([cellXml(name), cellXml(value)]);
  yield rowXml([]);
  for (const { title: topic, lines } of summary) {
    for (const [index, line] of lines.entries()) {
      yield rowXml([index === 0 ? cellXml(topic, STYLE.bold) : cellXml(null), cellXml(line)]);
    }
  }
  yield rowXml([]);
  yield rowXml([cellXml(signing, STYLE.bold)]);
  for (const signer of signers) yield rowXml([cellXml(signer)]);
}

function tableSheet({ columns, rows, note }: Table, zone: ZoneTime): Omit<Sheet, 'name'> {
  function* all(): Generator<string, void> {
    yield rowXml(
      columns.map(({ title, unit }) => cellXml(unit === undefined ? title : `${title} (${unit})`, STYLE.bold)),
    );
    for (const row of rows) yield rowXml(columns.map((column, index) => cellOf(row[index] ?? null, column, zone)));
    if (note !== undefined) yield rowXml([cellXml(note)]);
  }
  return { widths: columns.map(({ weight }) => Math.max(8, Math.round(weight * CHARACTERS_PER_WEIGHT))), rows: all() };
}

/** A row per bar or point of a line. */
function chartSheet({ series, unit }: Chart, zone: ZoneTime): Omit<Sheet, 'name'> {
  function* all(): Generator<string, void> {
    const starts = [...new Set(series.flatMap(({ points }) => points.map(([from]) => from)))].sort((a, b) => a - b);
    const values = series.map(({ points }) => new Map(points.map(([from, , value]) => [from, value])));
    yield rowXml([cellXml(null), ...series.map(({ name }) => cellXml(`${name} (${unit})`, STYLE.bold))]);
    for (const at of starts) {
      const time = cellXml(excelTime(at, zone.offsetMs(at)), STYLE.minutes);
      yield rowXml([time, ...values.map((own) => cellXml(own.get(at) ?? null))]);
    }
  }
  return { widths: [18, ...series.map(() => 24)], rows: all() };
}

/** What is not known is an empty cell: a sum over the column stays right. */
function cellOf(value: Cell, { kind, decimals = 1 }: Column, zone: ZoneTime): string {
  if (typeof value !== 'number') return cellXml(value === '' ? null : value);
  switch (kind) {
    case 'time':
      return cellXml(excelTime(value, zone.offsetMs(value)), STYLE.minutes);
    case 'duration':
      return cellXml(value / DAY_MS, STYLE.duration);
    case 'share':
      return cellXml(value, STYLE.share);
    default:
      return cellXml(value, decimals === 0 ? STYLE.whole : STYLE.decimal);
  }
}
