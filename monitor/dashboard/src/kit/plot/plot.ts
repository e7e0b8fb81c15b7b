import uPlot from 'uplot';
import { dateOf } from '../../data/clock.ts';
import { colour, DOTS, type LineLook } from './colours.ts';
import { COLUMNS, columnsOf, type ShownLine } from './columns.ts';
import { drawHatch, drawLate, drawLimits, drawWatermark, type LimitLine } from './drawings.ts';
import { type Gestures, listenTo } from './gestures.ts';
import { badStretches, type Stretch } from './trend-data.ts';
import type { Window } from './window.ts';

/** What stays the same while a plot lives. */
export interface PlotOptions {
  readonly zone: string;
  readonly height: number;
  readonly lines: readonly LineOptions[];
  readonly format: (value: number) => string;
  /** Ends of the axis where they are always the same. */
  readonly range?: readonly [number, number] | undefined;
  /** Plots of one name have one cursor. */
  readonly syncKey?: string;
  /** Drawn across it. */
  readonly watermark?: string | undefined;
  readonly gestures?: Gestures;
  readonly onCursor: (at: number | undefined) => void;
}

export interface LineOptions {
  readonly look: LineLook;
  /** States have edges, not slopes. */
  readonly steps: boolean;
  /** Has a second, dotted line of another time. */
  readonly compared: boolean;
}

/** What a plot shows now. Lines stand in the order of the options. */
export interface Shown {
  readonly lines: readonly ShownLine[];
  readonly limits: readonly LimitLine[];
  readonly late: readonly Stretch[];
}

/** A box that is drawn in one chart is not drawn in the others as well. */
const CURSOR_ONLY: uPlot.Cursor.Sync.Filters = { pub: (type) => type === 'mousemove' || type === 'mouseleave' };
const NONE: Shown = { lines: [], limits: [], late: [] };
const X = 'x';

/** A chart that keeps gaps open, hatches what was bad and shows the spread of columns behind their mean. */
export class Plot {
  readonly #plot: uPlot;
  readonly #options: PlotOptions;
  readonly #resize: ResizeObserver;
  readonly #stopGestures: () => void;
  #shown: Shown = NONE;
  #bad: readonly Stretch[] = [];

  constructor(place: HTMLElement, options: PlotOptions) {
    this.#options = options;
    const empty = Array.from({ length: 1 + options.lines.length * COLUMNS }, () => []) as unknown as uPlot.AlignedData;
    this.#plot = new uPlot(this.#settings(place.clientWidth), empty, place);
    this.#stopGestures = options.gestures ? listenTo(this.#plot.over, options.gestures) : () => {};
    this.#resize = new ResizeObserver(() => {
      if (place.clientWidth > 0) this.#plot.setSize({ width: place.clientWidth, height: options.height });
    });
    this.#resize.observe(place);
  }

  show(shown: Shown, { from, to }: Window): void {
    const isNew = shown !== this.#shown;
    this.#shown = shown;
    this.#plot.batch(() => {
      if (isNew) {
        this.#bad = shown.lines.flatMap(({ data, gapMs }) => badStretches(data, gapMs));
        this.#plot.setData(columnsOf(shown.lines), false);
      }
      this.#plot.setScale(X, { min: from / 1000, max: to / 1000 });
    });
  }

  /** After a change of colours. */
  redraw(): void {
    this.#plot.redraw(false, true);
  }

  destroy(): void {
    this.#resize.disconnect();
    this.#stopGestures();
    this.#plot.destroy();
  }

  #settings(width: number): uPlot.Options {
    const { zone, height, lines, format, onCursor, syncKey, gestures } = this.#options;
    const axis = {
      stroke: () => colour('--muted'),
      grid: { stroke: () => colour('--grid'), width: 1 },
      ticks: { show: false },
      font: '11px system-ui, sans-serif',
      gap: 6,
    };
    return {
      width,
      height,
      legend: { show: false },
      tzDate: (seconds) => uPlot.tzDate(dateOf(seconds * 1000), zone),
      padding: [12, 24, 0, 0],
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: gestures !== undefined, y: false, setScale: false },
        bind: {
          // Shift and drag moves the picture: that is not a box.
          mousedown: (_, __, handler) => (event) => (event.shiftKey ? null : handler(event)),
          dblclick: () => () => null,
        },
        ...(syncKey === undefined ? {} : { sync: { key: syncKey, setSeries: false, filters: CURSOR_ONLY } }),
      },
      scales: { y: { range: (_, min, max) => this.#range(min, max) } },
      axes: [
        { ...axis, size: 38, values: TIME_VALUES, space: 70 },
        { ...axis, size: 62, values: (_, splits) => splits.map(format) },
      ],
      series: [{}, ...lines.flatMap(seriesOf)],
      bands: lines.map(({ look }, index) => ({
        series: [index * COLUMNS + 3, index * COLUMNS + 2],
        fill: () => `${colour(look.colour)}26`,
      })),
      hooks: {
        drawAxes: [
          (plot) => {
            if (this.#options.watermark !== undefined) drawWatermark(plot, this.#options.watermark);
            drawHatch(plot, this.#bad);
          },
        ],
        draw: [
          (plot) => {
            drawLimits(plot, this.#shown.limits);
            drawLate(plot, this.#shown.late);
          },
        ],
        setCursor: [
          (plot) => {
            const { left = -1 } = plot.cursor;
            onCursor(left < 0 ? undefined : plot.posToVal(left, X) * 1000);
          },
        ],
        setSelect: [(plot) => this.#selected(plot)],
      },
    };
  }

  #selected(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width <= 0) return;
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#options.gestures?.onBox(plot.posToVal(left, X) * 1000, plot.posToVal(left + width, X) * 1000);
  }

  /** A flat line is drawn in the middle, not on an edge. */
  #range(min: number | null, max: number | null): [number, number] {
    const { range } = this.#options;
    if (range) return [...range];
    if (min === null || max === null) return [0, 1];
    const near = max > min ? (max - min) * 0.6 : 0;
    const limits = this.#shown.limits.map(({ value }) => value).filter((v) => v > min - near && v < max + near);
    const [low, high] = [Math.min(min, ...limits), Math.max(max, ...limits)];
    const room = high > low ? (high - low) * 0.12 : Math.max(Math.abs(high) * 0.02, 0.5);
    return [low - room, high + room];
  }
}

function seriesOf({ look, steps, compared }: LineOptions): uPlot.Series[] {
  const stepped = steps ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
  const line = {
    stroke: () => colour(look.colour),
    spanGaps: false,
    points: { show: false },
    ...(stepped ? { paths: stepped } : {}),
  };
  const edge = { ...line, width: 1, alpha: 0.5 };
  return [
    { ...line, width: 1.5, dash: [...look.dash] },
    edge,
    edge,
    { ...line, width: 1.5, dash: [...DOTS], alpha: 0.75, show: compared },
  ];
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
/** Least step of the axis, what it shows, and what it adds where the day changes. */
const TIME_VALUES: uPlot.Axis.Values = [
  [28 * DAY, '{YYYY}-{MM}', null, null, null, null, null, null, 1],
  [DAY, '{MM}-{DD}', '\n{YYYY}', null, null, null, null, null, 1],
  [HOUR, '{HH}:{mm}', '\n{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
  [MINUTE, '{HH}:{mm}', '\n{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', '\n{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
];
