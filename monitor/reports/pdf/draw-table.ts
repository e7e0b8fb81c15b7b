import type { Clock } from '../../../core/clock.ts';
import { cellText, type SiteTime } from '../format.ts';
import type { Column, Report, Table } from '../report.ts';
import { INK, INNER, PAGE, type Sheet, type TextLook } from './sheet.ts';

const SIZE = 8;
const LINE = 10.5;
const PAD = { x: 5, y: 2.6 } as const;
/** Longer texts end in dots: a device may say anything. */
const MOST_LINES = 3;
const ROWS_BETWEEN = 25;

export interface TableLook {
  readonly report: Report;
  readonly time: SiteTime;
  readonly clock: Pick<Clock, 'yield'>;
  /** The section's title says what it is. */
  readonly isOnly: boolean;
}

/** Rows that go on over pages; each page begins with the heads of the columns. */
export async function drawTable(sheet: Sheet, table: Table, { report, time, clock, isOnly }: TableLook): Promise<void> {
  const { columns, rows, note, title } = table;
  const widths = widthsOf(columns);
  const heads = columns.map(({ title: head, unit }) => (unit === undefined ? head : `${head} (${unit})`));
  sheet.need(60);
  if (!isOnly) {
    sheet.line(title, PAGE.left, sheet.y, { size: 9.5, isBold: true });
    sheet.y += 15;
  }
  drawRow(sheet, heads, { columns, widths, isHead: true });
  for (const [index, row] of rows.entries()) {
    if (index % ROWS_BETWEEN === 0) await clock.yield();
    const texts = columns.map((column, place) => cellText(row[place] ?? null, column, report, time));
    const unknown = columns.map((_, place) => row[place] === null);
    if (sheet.room < heightOf(sheet, texts, widths)) {
      sheet.need(PAGE.height);
      drawRow(sheet, heads, { columns, widths, isHead: true });
    }
    drawRow(sheet, texts, { columns, widths, isHead: false, unknown });
  }
  if (note !== undefined) {
    for (const line of sheet.wrap(note, INNER, { size: SIZE })) {
      sheet.need(LINE + 4);
      sheet.line(line, PAGE.left, sheet.y + 4, { size: SIZE, colour: INK.muted });
      sheet.y += LINE;
    }
  }
  sheet.y += 12;
}

function widthsOf(columns: readonly Column[]): readonly number[] {
  const all = columns.reduce((sum, { weight }) => sum + weight, 0);
  return columns.map(({ weight }) => (INNER * weight) / all);
}

interface RowLook {
  readonly columns: readonly Column[];
  readonly widths: readonly number[];
  readonly isHead: boolean;
  readonly unknown?: readonly boolean[];
}

function heightOf(sheet: Sheet, texts: readonly string[], widths: readonly number[], isBold = false): number {
  const lines = texts.map((text, index) => linesOf(sheet, text, widths[index] ?? 0, isBold).length);
  return Math.max(...lines) * LINE + 2 * PAD.y;
}

function linesOf(sheet: Sheet, text: string, width: number, isBold: boolean): readonly string[] {
  const lines = sheet.wrap(text, width - 2 * PAD.x, { size: SIZE, isBold });
  return lines.length <= MOST_LINES
    ? lines
    : [...lines.slice(0, MOST_LINES - 1), `${lines[MOST_LINES - 1]?.slice(0, -1)}…`];
}

function drawRow(sheet: Sheet, texts: readonly string[], { columns, widths, isHead, unknown = [] }: RowLook): void {
  const height = heightOf(sheet, texts, widths, isHead);
  if (isHead) sheet.pdf.rect(PAGE.left, sheet.y, INNER, height).fill(INK.fill);
  let x: number = PAGE.left;
  for (const [index, text] of texts.entries()) {
    const width = widths[index] ?? 0;
    const isRight = columns[index]?.kind !== 'text' && columns[index]?.kind !== 'time';
    const look: TextLook = {
      ...{
        size: SIZE,
        isBold: isHead,
        width: width - 2 * PAD.x,
        align: isRight ? ('right' as const) : ('left' as const),
      },
      colour: unknown[index] ? INK.muted : INK.text,
    };
    for (const [number, line] of linesOf(sheet, text, width, isHead).entries())
      sheet.line(line, x + PAD.x, sheet.y + PAD.y + number * LINE, look);
    x += width;
  }
  sheet.y += height;
  sheet.pdf
    .moveTo(PAGE.left, sheet.y)
    .lineTo(PAGE.left + INNER, sheet.y)
    .lineWidth(0.4)
    .strokeColor(isHead ? INK.line : INK.rule)
    .stroke();
}
