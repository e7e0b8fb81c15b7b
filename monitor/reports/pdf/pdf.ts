import type { Clock } from '../../../core/clock.ts';
import { SiteTime } from '../format.ts';
import type { Chart, Report } from '../report.ts';
import { drawChart } from './draw-chart.ts';
import { drawTable } from './draw-table.ts';
import { loadFonts } from './fonts.ts';
import { INK, INNER, PAGE, Sheet } from './sheet.ts';

const BOX = { width: 62, title: 16, height: 58, label: 18 } as const;
const LINE = 14;
const CHART_HEIGHT = 132;
const MOST_LABEL = 100;
const BETWEEN = 16;

/** The report on A4, its letters within it. Lets others work between its parts. */
export async function pdfOf(report: Report, clock: Pick<Clock, 'yield'>): Promise<Buffer> {
  const sheet = new Sheet(await loadFonts(), report);
  const time = new SiteTime(report.timezone);
  drawHead(sheet, report);
  drawSummary(sheet, report);
  for (const { title, charts, tables } of report.sections) {
    await clock.yield();
    sheet.need(60 + (charts.length > 0 ? CHART_HEIGHT : 0));
    sheet.y += 8;
    drawHeading(sheet, title);
    drawCharts(sheet, charts);
    for (const table of tables) await drawTable(sheet, table, { report, time, clock, isOnly: tables.length === 1 });
  }
  drawFrame(sheet, report, time);
  return sheet.end();
}

/** Two beside each other, one alone over the whole width. */
function drawCharts(sheet: Sheet, charts: readonly Chart[]): void {
  for (let index = 0; index < charts.length; index += 2) {
    const pair = charts.slice(index, index + 2);
    const width = pair.length === 2 ? (INNER - BETWEEN) / 2 : INNER;
    sheet.need(CHART_HEIGHT);
    for (const [place, chart] of pair.entries()) {
      const x = PAGE.left + place * (width + BETWEEN);
      drawChart(sheet, chart, { x, y: sheet.y, width, height: CHART_HEIGHT - 10 });
    }
    sheet.y += CHART_HEIGHT;
  }
}

function drawHeading(sheet: Sheet, title: string): void {
  sheet.line(title, PAGE.left, sheet.y, { size: 12, isBold: true });
  sheet.y += 18;
  rule(sheet, sheet.y - 2, INK.line);
  sheet.y += 5;
}

function rule(sheet: Sheet, y: number, colour: string): void {
  sheet.pdf
    .moveTo(PAGE.left, y)
    .lineTo(PAGE.left + INNER, y)
    .lineWidth(0.6)
    .strokeColor(colour)
    .stroke();
}

/** Title and facts at the left, boxes to sign at the right, as such papers have them. */
function drawHead(sheet: Sheet, report: Report): void {
  const top = sheet.y;
  const boxes = drawBoxes(sheet, report, top);
  const width = INNER - boxes - 16;
  for (const line of sheet.wrap(report.title, width, { size: 20, isBold: true })) {
    sheet.line(line, PAGE.left, sheet.y, { size: 20, isBold: true });
    sheet.y += 26;
  }
  sheet.y += 2;
  const label = Math.max(...report.facts.map(([name]) => sheet.width(name))) + 12;
  for (const [name, value] of report.facts) {
    sheet.line(name, PAGE.left, sheet.y, { colour: INK.muted });
    for (const line of sheet.wrap(value, width - label)) {
      sheet.line(line, PAGE.left + label, sheet.y);
      sheet.y += LINE;
    }
  }
  sheet.y = Math.max(sheet.y, top + BOX.title + BOX.height) + 14;
}

/** Answers how wide they are. */
function drawBoxes(sheet: Sheet, { signers, signing }: Report, top: number): number {
  const width = Math.min(BOX.width, (INNER * 0.6 - BOX.label) / signers.length);
  const whole = BOX.label + signers.length * width;
  const left = PAGE.left + INNER - whole;
  const { pdf } = sheet;
  pdf.lineWidth(0.8).strokeColor(INK.line);
  pdf.rect(left, top, BOX.label, BOX.title + BOX.height).stroke();
  const letters = [...signing];
  if (letters.length <= 3) {
    const first = top + (BOX.title + BOX.height - letters.length * 14) / 2;
    for (const [index, letter] of letters.entries())
      sheet.line(letter, left, first + index * 14, { size: 10, width: BOX.label, align: 'center' });
  } else {
    pdf.save();
    pdf.rotate(-90, { origin: [left + 4, top + BOX.title + BOX.height] });
    sheet.line(signing, left + 4, top + BOX.title + BOX.height, {
      width: BOX.title + BOX.height,
      align: 'center',
    });
    pdf.restore();
  }
  for (const [index, signer] of signers.entries()) {
    const x = left + BOX.label + index * width;
    pdf.lineWidth(0.8).strokeColor(INK.line);
    pdf.rect(x, top, width, BOX.title).stroke();
    pdf.rect(x, top + BOX.title, width, BOX.height).stroke();
    const [line = ''] = sheet.wrap(signer, width - 4, { size: 8.5 });
    sheet.line(line, x, top + 3, { size: 8.5, width, align: 'center' });
  }
  return whole;
}

function drawSummary(sheet: Sheet, { summary }: Report): void {
  const widest = Math.max(...summary.map(({ title }) => sheet.width(title, { isBold: true })));
  const label = Math.min(MOST_LABEL, widest) + 14;
  for (const { title, lines } of summary) {
    const heads = sheet.wrap(title, label - 14, { isBold: true });
    const wrapped = lines.flatMap((line) => sheet.wrap(line, INNER - label));
    sheet.need(Math.max(heads.length, Math.min(wrapped.length, 3)) * LINE + 4);
    rule(sheet, sheet.y - 3, INK.rule);
    const top = sheet.y;
    for (const [index, head] of heads.entries()) sheet.line(head, PAGE.left, top + index * LINE, { isBold: true });
    for (const line of wrapped) {
      sheet.need(LINE);
      sheet.line(line, PAGE.left + label, sheet.y);
      sheet.y += LINE;
    }
    // A heading of two lines beside one line of words.
    if (sheet.y >= top) sheet.y = Math.max(sheet.y, top + heads.length * LINE);
    sheet.y += 4;
  }
}

/** What every page says: whose it is at the top, as of when and which page below. */
function drawFrame(sheet: Sheet, report: Report, time: SiteTime): void {
  const small = { size: 8, colour: INK.muted } as const;
  const [, , made] = report.facts;
  sheet.onEachPage((page, pages) => {
    sheet.line(`${report.site} · ${report.title} · ${report.period}`, PAGE.left, 30, small);
    rule(sheet, 43, INK.rule);
    const foot = PAGE.height - 32;
    rule(sheet, foot - 6, INK.rule);
    sheet.line(
      `${made?.[0] ?? ''} ${time.minute(report.madeAt)} (${report.timezone}) · Sluice`,
      PAGE.left,
      foot,
      small,
    );
    sheet.line(`${page} / ${pages}`, PAGE.left, foot, { ...small, width: INNER, align: 'right' });
  });
}
