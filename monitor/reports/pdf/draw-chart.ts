import { numberText } from '../format.ts';
import type { Chart } from '../report.ts';
import { scaleOf } from '../scale.ts';
import { INK, type Sheet } from './sheet.ts';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const SMALL = { size: 6.5, colour: INK.muted } as const;
const LEFT = 30;
const BELOW = 11;
/** Told apart on a black-and-white printer too. */
const LINES: readonly { readonly colour: string; readonly dash?: readonly [number, number] }[] = [
  { colour: '#1f2328' },
  { colour: '#1f5fa8', dash: [4, 2] },
  { colour: '#b54708', dash: [1.5, 1.5] },
  { colour: '#6941c6', dash: [7, 2] },
];

/** Bars or lines as vectors. What is not known has no bar and breaks the line; what is known in part has an outline only. */
export function drawChart(sheet: Sheet, chart: Chart, box: Box): void {
  const { title, unit, series, target } = chart;
  sheet.line(`${title} (${unit})`, box.x, box.y, { size: 8.5, isBold: true });
  const legend = chart.kind === 'lines' ? drawLegend(sheet, chart, box) : 0;
  const plot = {
    x: box.x + LEFT,
    y: box.y + 17 + legend,
    width: box.width - LEFT,
    height: box.height - 17 - legend - BELOW,
  };
  const values = series.flatMap(({ points }) => points.flatMap(([, , value]) => (value === null ? [] : [value])));
  if (target) values.push(target.value);
  const isBars = chart.kind === 'bars';
  const [low, high] = values.length === 0 ? [0, 1] : [Math.min(...values), Math.max(...values)];
  const scale = scaleOf(isBars ? Math.min(0, low) : low, high, 4);
  drawAxes(sheet, chart, plot, scale);
  const place = placing(chart, plot, scale);
  for (const [index, { points }] of series.entries()) {
    if (isBars) drawBars(sheet, points, place);
    else drawLine(sheet, points, place, LINES[index % LINES.length] ?? { colour: INK.text });
  }
  if (target) drawTarget(sheet, target, plot, place);
}

type Points = Chart['series'][number]['points'];

interface Place {
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
  readonly base: number;
}

function placing({ from, to }: Chart, plot: Box, scale: readonly number[]): Place {
  const [low = 0, high = 1] = [scale[0], scale.at(-1)];
  const y = (value: number) => plot.y + plot.height * (1 - (value - low) / (high - low || 1));
  return { x: (at) => plot.x + (plot.width * (at - from)) / (to - from), y, base: y(Math.max(0, low)) };
}

function drawAxes(sheet: Sheet, chart: Chart, plot: Box, scale: readonly number[]): void {
  const { pdf } = sheet;
  const { x, y } = placing(chart, plot, scale);
  const step = Math.abs((scale[1] ?? 1) - (scale[0] ?? 0));
  const decimals = step >= 1 ? 0 : Math.min(3, Math.ceil(-Math.log10(step)));
  for (const value of scale) {
    pdf
      .moveTo(plot.x, y(value))
      .lineTo(plot.x + plot.width, y(value))
      .lineWidth(0.4)
      .strokeColor(INK.rule)
      .stroke();
    sheet.line(numberText(value, decimals), plot.x - LEFT, y(value) - 4, { ...SMALL, width: LEFT - 4, align: 'right' });
  }
  for (const { at, text } of chart.ticks) {
    pdf
      .moveTo(x(at), plot.y + plot.height)
      .lineTo(x(at), plot.y + plot.height + 2)
      .strokeColor(INK.line)
      .stroke();
    const width = sheet.width(text, SMALL);
    sheet.line(text, Math.min(x(at) - width / 2, plot.x + plot.width - width), plot.y + plot.height + 3, SMALL);
  }
}

function drawBars({ pdf }: Sheet, points: Points, { x, y, base }: Place): void {
  for (const [from, to, value, isWhole] of points) {
    if (value === null) continue;
    const [left, right] = [x(from), x(to)];
    const gap = Math.min(1, (right - left) * 0.15);
    const top = Math.min(y(value), base);
    pdf.rect(left + gap, top, Math.max(0.3, right - left - 2 * gap), Math.max(0.3, Math.abs(base - y(value))));
    if (isWhole) pdf.fill(INK.line);
    else pdf.lineWidth(0.6).strokeColor(INK.line).stroke();
  }
}

function drawLine(
  { pdf }: Sheet,
  points: Points,
  { x, y }: Place,
  { colour, dash }: { readonly colour: string; readonly dash?: readonly [number, number] },
): void {
  pdf.save().lineWidth(0.9).strokeColor(colour);
  if (dash) pdf.dash(dash[0], { space: dash[1] });
  for (const run of runsOf(points)) {
    const [first, ...rest] = run.map(([from, to, value]) => [x((from + to) / 2), y(value)] as const);
    if (!first) continue;
    pdf.moveTo(...first);
    // One alone between silences would be no line.
    if (rest.length === 0) pdf.lineTo(first[0] + 0.8, first[1]);
    for (const place of rest) pdf.lineTo(...place);
  }
  pdf.stroke().restore();
}

/** Stretches in which something is known. */
function runsOf(points: Points): (readonly [number, number, number])[][] {
  const runs: (readonly [number, number, number])[][] = [[]];
  for (const [from, to, value] of points) {
    if (value === null) runs.push([]);
    else runs.at(-1)?.push([from, to, value]);
  }
  return runs;
}

function drawTarget(sheet: Sheet, target: NonNullable<Chart['target']>, plot: Box, { y }: Place): void {
  const { pdf } = sheet;
  pdf.save().lineWidth(0.8).strokeColor('#b42318').dash(3, { space: 2 });
  pdf
    .moveTo(plot.x, y(target.value))
    .lineTo(plot.x + plot.width, y(target.value))
    .stroke()
    .restore();
  const text = `${target.name} ${numberText(target.value, 0)}`;
  const width = sheet.width(text, SMALL);
  sheet.line(text, plot.x + plot.width - width, y(target.value) - 8, { ...SMALL, colour: '#b42318' });
}

/** Answers how high it is. */
function drawLegend(sheet: Sheet, { series }: Chart, { x, y, width }: Box): number {
  const { pdf } = sheet;
  let left = x;
  let top = y + 13;
  for (const [index, { name }] of series.entries()) {
    const wide = 20 + sheet.width(name, SMALL) + 10;
    if (left + wide > x + width && left > x) {
      left = x;
      top += 9;
    }
    const { colour, dash } = LINES[index % LINES.length] ?? { colour: INK.text };
    pdf.save().lineWidth(1).strokeColor(colour);
    if (dash) pdf.dash(dash[0], { space: dash[1] });
    pdf
      .moveTo(left, top + 4)
      .lineTo(left + 16, top + 4)
      .stroke()
      .restore();
    sheet.line(name, left + 20, top, SMALL);
    left += wide;
  }
  return top - y + 9 - 13;
}
