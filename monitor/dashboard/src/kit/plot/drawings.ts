import type uPlot from 'uplot';
import { colour } from './colours.ts';
import type { Stretch } from './trend-data.ts';

const HATCH_PX = 7;
const COMB_PX = 6;
const COMB_TOOTH_PX = 6;
const LABEL_PX = 14;

/** Where there was no valid value. */
export function drawHatch(plot: uPlot, stretches: readonly Stretch[]): void {
  inPlot(plot, (ctx) => {
    const { top, height } = plot.bbox;
    for (const stretch of stretches) {
      const [left, right] = edges(plot, stretch);
      hatchRect(ctx, { x: left, y: top, width: right - left, height });
    }
  });
}

/** A comb on the time axis where readings came late. */
export function drawLate(plot: uPlot, stretches: readonly Stretch[]): void {
  inPlot(plot, (ctx) => {
    const bottom = plot.bbox.top + plot.bbox.height;
    const px = devicePixelRatio;
    ctx.strokeStyle = colour('--line');
    ctx.lineWidth = 1.5 * px;
    ctx.beginPath();
    for (const [left, right] of touching(
      stretches.map((stretch) => edges(plot, stretch)),
      COMB_TOOTH_PX * px,
    )) {
      ctx.moveTo(left, bottom - px);
      ctx.lineTo(right, bottom - px);
      // Teeth hang on the canvas, so that they do not crawl.
      const first = Math.ceil(left / (COMB_TOOTH_PX * px)) * COMB_TOOTH_PX * px;
      for (let x = first; x <= right; x += COMB_TOOTH_PX * px) {
        ctx.moveTo(x, bottom);
        ctx.lineTo(x, bottom - COMB_PX * px);
      }
    }
    ctx.stroke();
  });
}

/** Pieces that lie so close are one. */
export function touching(pieces: readonly (readonly [number, number])[], within: number): [number, number][] {
  const joined: [number, number][] = [];
  for (const [left, right] of [...pieces].sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && left - last[1] <= within) last[1] = Math.max(last[1], right);
    else joined.push([left, right]);
  }
  return joined;
}

export interface LimitLine {
  readonly value: number;
  readonly text: string;
  readonly side: 'above' | 'below';
}

/** Thin lines with their words, only where the plot reaches them: a limit far away must not flatten the line. */
export function drawLimits(plot: uPlot, limits: readonly LimitLine[]): void {
  inPlot(plot, (ctx) => {
    const px = devicePixelRatio;
    const { left, width } = plot.bbox;
    ctx.strokeStyle = colour('--limit');
    ctx.fillStyle = colour('--muted');
    ctx.lineWidth = px;
    ctx.font = `${11 * px}px system-ui, sans-serif`;
    // On the old side: what is newest is looked at most.
    ctx.textAlign = 'left';
    let said = Number.POSITIVE_INFINITY;
    for (const { value, text, side } of [...limits].sort((a, b) => a.value - b.value)) {
      const y = Math.round(plot.valToPos(value, 'y', true)) + 0.5;
      ctx.setLineDash([6 * px, 3 * px]);
      ctx.beginPath();
      ctx.moveTo(left, y);
      ctx.lineTo(left + width, y);
      ctx.stroke();
      ctx.setLineDash([]);
      // Limits that lie close: the lines stand, the words of one would hide the other's.
      if (said - y < LABEL_PX * px) continue;
      said = y;
      ctx.textBaseline = side === 'above' ? 'bottom' : 'top';
      ctx.fillText(text, left + 6 * px, y + (side === 'above' ? -2 : 3) * px, width - 12 * px);
    }
  });
}

/** Says across the plot that nothing of it was measured. */
export function drawWatermark(plot: uPlot, text: string): void {
  inPlot(plot, (ctx) => {
    const { left, top, width, height } = plot.bbox;
    ctx.fillStyle = colour('--watermark');
    ctx.font = `700 ${Math.min(height * 0.42, width * 0.16)}px system-ui, sans-serif`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.fillText(text, left + width / 2, top + height / 2, width);
  });
}

function edges(plot: uPlot, { from, to }: Stretch): readonly [number, number] {
  const left = plot.valToPos(from / 1000, 'x', true);
  return [left, Math.max(plot.valToPos(to / 1000, 'x', true), left + 2 * devicePixelRatio)];
}

function inPlot(plot: uPlot, draw: (ctx: CanvasRenderingContext2D) => void): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw(ctx);
  ctx.restore();
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function hatchRect(ctx: CanvasRenderingContext2D, { x, y, width, height }: Box): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, width, height);
  ctx.clip();
  ctx.fillStyle = colour('--hatch-fill');
  ctx.fillRect(x, y, width, height);
  ctx.strokeStyle = colour('--hatch');
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  const step = HATCH_PX * devicePixelRatio;
  // Lines hang on the canvas, not on the stretch, so that they do not crawl while it grows.
  for (let at = Math.floor((x - height) / step) * step; at < x + width; at += step) {
    ctx.moveTo(at, y + height);
    ctx.lineTo(at + height, y);
  }
  ctx.stroke();
  ctx.restore();
}
