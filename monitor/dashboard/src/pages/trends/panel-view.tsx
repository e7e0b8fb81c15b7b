import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { decimalsOf, formatNumber } from '../../data/format.ts';
import { language } from '../../data/i18n.ts';
import { limitsOf } from '../../data/rules.ts';
import { session, zoneOf } from '../../data/store.ts';
import { theme } from '../../data/theme.ts';
import { axisText } from '../../data/value-text.ts';
import { onPlotKey } from '../../kit/plot/gestures.ts';
import { Plot, type Shown } from '../../kit/plot/plot.ts';
import { countGaps } from '../../kit/plot/trend-data.ts';
import { gapOf, nameOf, resolutionText } from './line-text.ts';
import type { Line } from './lines.ts';
import { heightOf, type Panel } from './panels.ts';
import { cursorAt, gestures, pointer, shownWindow } from './state.ts';
import { tt } from './texts.ts';

interface Props {
  readonly panel: Panel;
  readonly panels: number;
  readonly lines: readonly Line[];
  readonly onWidth: (px: number) => void;
}

/** The lines of one unit. */
export function PanelView({ panel, panels, lines, onWidth }: Props) {
  const element = useRef<HTMLDivElement>(null);
  const plot = useSignal<Plot | undefined>(undefined);
  const [first] = lines;
  const zone = zoneOf(first?.point.gateway ?? '');
  const height = heightOf(panel, panels);
  const shown = useComputed(() => shownOf(lines));
  const simulated = session.value.state === 'in' && session.value.me.demo ? tt('sim') : undefined;
  useEffect(() => {
    if (!element.current || !first) return;
    const made = new Plot(element.current, {
      ...{ zone, height, syncKey: 'trends', watermark: simulated, gestures },
      range: first.point.kind === 'boolean' ? ON_OFF : undefined,
      format: (value) => axisText(first.point, value),
      lines: lines.map(({ look, compared }) => ({ look, steps: panel.states, compared: compared !== undefined })),
      onCursor: (at) => {
        cursorAt.value = at;
      },
    });
    plot.value = made;
    return () => made.destroy();
  }, [panel.key, zone, height, simulated, lines.length]);
  useEffect(() => {
    const place = element.current;
    if (!place) return;
    const watch = new ResizeObserver(() => onWidth(Math.max(1, place.clientWidth - AXIS_PX)));
    watch.observe(place);
    return () => watch.disconnect();
  }, []);
  useSignalEffect(() => plot.value?.show(shown.value, shownWindow.value));
  useSignalEffect(() => {
    if (theme.value && language.value) plot.value?.redraw();
  });
  const names = lines.map(({ point }) => nameOf(point)).join(', ');
  return (
    <section
      class="card panel"
      data-panel={panel.key}
      aria-busy={lines.some(({ source }) => source.state.value === 'loading')}
    >
      <header class="small">
        <strong>{panel.unit === '' ? (first ? nameOf(first.point) : '') : panel.unit}</strong>
        <Notes lines={lines} />
      </header>
      {/* biome-ignore lint/a11y/useSemanticElements: a canvas */}
      <div
        class="plot"
        role="group"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved with keys, and says which
        tabIndex={0}
        aria-label={tt('chart', { points: names })}
        aria-description={tt('keys')}
        onKeyDown={(event) => {
          if (!event.ctrlKey && !event.metaKey && onPlotKey(event.key, gestures)) event.preventDefault();
        }}
        onPointerMove={({ clientX, clientY }) => {
          pointer.value = { x: clientX, y: clientY };
        }}
        onPointerLeave={() => {
          pointer.value = undefined;
        }}
      >
        <div ref={element} class="canvas" />
        <State lines={lines} />
      </div>
    </section>
  );
}

/** What the axis and the room at its end take of the width. */
const AXIS_PX = 86;
const ON_OFF = [-0.15, 1.15] as const;

function shownOf(lines: readonly Line[]): Shown {
  return {
    lines: lines.map(({ point, source, compared }) => ({
      data: source.data.value,
      compared: compared?.data.value,
      gapMs: gapOf(point, source.resolution.value),
    })),
    late: lines.flatMap(({ source }) => source.late.value),
    limits: lines.flatMap(({ point }) =>
      limitsOf(point).map(({ at, kind }) => {
        const words = tt('limit', { limit: formatNumber(at, decimalsOf(at)) });
        // Where several share the axis, a limit says whose it is.
        return { value: at, side: kind, text: lines.length > 1 ? `${nameOf(point)} · ${words}` : words };
      }),
    ),
  };
}

/** How fine it is, and what its signs mean: only those that are there. */
function Notes({ lines }: { readonly lines: readonly Line[] }) {
  const resolutions = new Set(lines.map(({ point, source }) => resolutionText(point, source.resolution.value)));
  const { from, to } = shownWindow.value;
  const gaps = lines.reduce((sum, { point, source }) => {
    const { at } = source.data.value;
    const seen = { at: at.filter((time) => time >= from && time <= to), value: [], bad: [] };
    return sum + countGaps(seen, gapOf(point, source.resolution.value));
  }, 0);
  return (
    <span class="notes muted">
      {lines.some(({ source }) => source.data.value.bad.some((count) => count > 0)) ? (
        <span>{tt('note.bad')}</span>
      ) : null}
      {lines.some(({ source }) => source.late.value.length > 0) ? <span>{tt('note.late')}</span> : null}
      {gaps > 0 ? <span>{tt('note.gaps', { n: gaps })}</span> : null}
      <span class="resolution">{[...resolutions].join(' / ')}</span>
    </span>
  );
}

function State({ lines }: { readonly lines: readonly Line[] }) {
  const failed = lines.filter(({ source }) => source.state.value === 'failed');
  if (failed.length > 0) {
    return (
      <p class="over" role="alert">
        {tt('failed')}{' '}
        <button type="button" class="act" onClick={() => failed.forEach(({ source }) => void source.load())}>
          {tt('retry')}
        </button>
      </p>
    );
  }
  const isReady = lines.every(({ source }) => source.state.value === 'ready');
  if (!isReady || lines.some(({ source }) => source.data.value.at.length > 0)) return null;
  return <p class="over muted">{tt('none')}</p>;
}
