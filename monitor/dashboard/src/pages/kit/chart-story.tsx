import 'uplot/dist/uPlot.min.css';
import '../../kit/plot/plot.css';
import { useEffect, useRef } from 'preact/hooks';
import { language } from '../../data/i18n.ts';
import { theme } from '../../data/theme.ts';
import { lineLook } from '../../kit/plot/colours.ts';
import { Plot } from '../../kit/plot/plot.ts';
import { tk } from './texts.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const minutes = Array.from({ length: 60 }, (_, index) => index).filter((minute) => minute < 14 || minute > 20);
const wave = (minute: number) => 23 + 2 * Math.sin(minute / 7);
const isBad = (minute: number) => minute > 34 && minute < 41;
const columns = {
  at: minutes.map((minute) => minute * MINUTE),
  value: minutes.map((minute) => (isBad(minute) ? null : wave(minute))),
  low: minutes.map((minute) => (isBad(minute) ? null : wave(minute) - 0.5)),
  high: minutes.map((minute) => (isBad(minute) ? null : wave(minute) + 0.5)),
  bad: minutes.map((minute) => (isBad(minute) ? 1 : 0)),
};
const before = {
  at: columns.at,
  value: minutes.map((minute) => wave(minute + 9)),
  bad: minutes.map(() => 0),
};

/** A chart with every sign that it has. */
export function ChartStory() {
  const element = useRef<HTMLDivElement>(null);
  const words = language.value;
  const colours = theme.value;
  useEffect(() => {
    if (!element.current) return;
    const plot = new Plot(element.current, {
      ...{ zone: 'UTC', height: 220, watermark: tk('sim'), format: (value) => value.toFixed(0) },
      lines: [{ look: lineLook(0), steps: false, compared: true }],
      onCursor: () => {},
    });
    const shown = {
      lines: [{ data: columns, compared: before, gapMs: 3 * MINUTE }],
      limits: [{ value: 26, text: tk('limit'), side: 'above' as const }],
      late: [{ from: 21 * MINUTE, to: 29 * MINUTE }],
    };
    plot.show(shown, { from: 0, to: HOUR });
    return () => plot.destroy();
  }, [words, colours]);
  return <div ref={element} class="canvas" role="img" aria-label={tk('chart')} />;
}
