import uPlot from 'uplot';
import { dateOf } from '../../data/clock.ts';
import { badStretches, gapLimit, openGaps, type Stretch, type TrendData } from './trend-data.ts';

export interface ChartOptions {
  readonly zone: string;
  /** Longest expected distance between two readings, milliseconds. */
  readonly intervalMs: number | undefined;
  readonly stepMs: number | undefined;
  /** States have edges, not slopes. */
  readonly steps: boolean;
  readonly label: string;
  readonly format: (value: number) => string;
  readonly onCursor: (at: number | undefined, value: number | null) => void;
}

const HEIGHT = 300;
const HATCH_PX = 7;

/** A chart that keeps gaps open, hatches what was bad and shows the spread of steps behind the mean. */
export class Chart {
  readonly #plot: uPlot;
  readonly #options: ChartOptions;
  readonly #resize: ResizeObserver;
  #bad: readonly Stretch[] = [];

  constructor(place: HTMLElement, options: ChartOptions) {
    this.#options = options;
    this.#plot = new uPlot(this.#settings(place.clientWidth), [[], [], [], []], place);
    this.#resize = new ResizeObserver(() => this.#plot.setSize({ width: place.clientWidth, height: HEIGHT }));
    this.#resize.observe(place);
  }

  show(data: TrendData, from: number, to: number): void {
    const { intervalMs, stepMs } = this.#options;
    const limit = gapLimit(intervalMs, stepMs);
    const open = openGaps(data, limit);
    this.#bad = badStretches(data, limit);
    const seconds = open.at.map((at) => at / 1000);
    const none = seconds.map(() => null);
    this.#plot.batch(() => {
      this.#plot.setData([seconds, [...open.value], [...(open.low ?? none)], [...(open.high ?? none)]], false);
      this.#plot.setScale('x', { min: from / 1000, max: to / 1000 });
    });
  }

  /** After a change of colours. */
  redraw(): void {
    this.#plot.redraw(false, true);
  }

  destroy(): void {
    this.#resize.disconnect();
    this.#plot.destroy();
  }

  #settings(width: number): uPlot.Options {
    const { zone, steps, format, onCursor } = this.#options;
    const stepped = uPlot.paths.stepped?.({ align: 1 });
    const axis = {
      stroke: () => colour('--muted'),
      grid: { stroke: () => colour('--grid'), width: 1 },
      ticks: { show: false },
      font: '11px system-ui, sans-serif',
      gap: 6,
    };
    return {
      width,
      height: HEIGHT,
      legend: { show: false },
      tzDate: (seconds) => uPlot.tzDate(dateOf(seconds * 1000), zone),
      padding: [12, 10, 0, 0],
      cursor: { y: false, points: { size: 7, fill: () => colour('--text') } },
      scales: { y: { range: (_, min, max) => paddedRange(min, max) } },
      axes: [
        { ...axis, values: TIME_VALUES, space: 70 },
        { ...axis, size: 58, values: (_, splits) => splits.map(format) },
      ],
      series: [
        {},
        {
          stroke: () => colour('--line'),
          width: 1.5,
          spanGaps: false,
          points: { show: false },
          ...(steps && stepped ? { paths: stepped } : {}),
        },
        { stroke: 'transparent', points: { show: false } },
        { stroke: 'transparent', points: { show: false } },
      ],
      bands: [{ series: [3, 2], fill: () => colour('--band') }],
      hooks: {
        drawAxes: [(plot) => this.#hatch(plot)],
        setCursor: [
          (plot) => {
            const index = plot.cursor.idx;
            const seconds = index == null ? undefined : plot.data[0][index];
            const value = index == null ? null : plot.data[1]?.[index];
            onCursor(seconds === undefined ? undefined : seconds * 1000, value ?? null);
          },
        ],
      },
    };
  }

  #hatch(plot: uPlot): void {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (const { from, to } of this.#bad) {
      const left = plot.valToPos(from / 1000, 'x', true);
      const right = Math.max(plot.valToPos(to / 1000, 'x', true), left + 2 * devicePixelRatio);
      hatchRect(ctx, left, bbox.top, right - left, bbox.height);
    }
    ctx.restore();
  }
}

function hatchRect(ctx: CanvasRenderingContext2D, x: number, y: number, width: number, height: number): void {
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

/** A flat line is drawn in the middle, not on an edge. */
function paddedRange(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null) return [0, 1];
  const room = max > min ? (max - min) * 0.12 : Math.max(Math.abs(max) * 0.02, 0.5);
  return [min - room, max + room];
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
/** Least step of the axis, what it shows, and what it adds where the day changes. */
const TIME_VALUES: uPlot.Axis.Values = [
  [DAY, '{MM}-{DD}', null, null, null, null, null, null, 1],
  [HOUR, '{HH}:{mm}', '\n{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
  [MINUTE, '{HH}:{mm}', '\n{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', '\n{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
];
