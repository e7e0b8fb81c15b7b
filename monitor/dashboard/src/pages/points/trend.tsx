import 'uplot/dist/uPlot.min.css';
import '../../kit/plot/plot.css';
import './trend.css';
import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { downloadPath, type Point } from '../../data/api.ts';
import { formatInterval, formatTime } from '../../data/format.ts';
import { faultText, language, t, titleOf } from '../../data/i18n.ts';
import { expectedInterval } from '../../data/point-state.ts';
import { devices, faultOf, lastOf, now, points, stateOf, zoneOf } from '../../data/store.ts';
import { theme } from '../../data/theme.ts';
import { isState } from '../../data/trend-answer.ts';
import { TrendSource } from '../../data/trend-source.ts';
import { axisText, derivedText, readText, valueText } from '../../data/value-text.ts';
import { Mark } from '../../kit/mark.tsx';
import { lineLook } from '../../kit/plot/colours.ts';
import { Plot, type Shown } from '../../kit/plot/plot.ts';
import { countGaps, gapLimit, nearest, summarise } from '../../kit/plot/trend-data.ts';
import { Problem } from '../../kit/prose.tsx';
import { STATE_MARK } from '../../kit/state-mark.ts';
import { SetButton } from '../commands/set-value.tsx';
import { closeTrend, go, place, RANGE_MS, RANGES } from './place.ts';

/** One point: its value now, its history, its facts. */
export function Trend({ point: id }: { readonly point: string }) {
  const point = points.value?.find((each) => each.id === id);
  if (!point) return null;
  const device = devices.value.find(({ gateway, name }) => gateway === point.gateway && name === point.device);
  return (
    <aside class="trend card" aria-label={t('trend.chart', { point: titleOf(point.title, point.point) })}>
      <header>
        <div class="names">
          <span class="muted">{device ? titleOf(device.title, device.name) : point.device}</span>
          <h2>{titleOf(point.title, point.point)}</h2>
        </div>
        <button type="button" class="plain close" aria-label={t('trend.close')} onClick={closeTrend}>
          ×
        </button>
      </header>
      <Now point={point} />
      <fieldset class="choice ranges">
        <legend class="hidden">{t('trend.range')}</legend>
        {RANGES.map((range) => (
          <button type="button" key={range} aria-pressed={place.value.range === range} onClick={() => go({ range })}>
            {t(`range.${range}`)}
          </button>
        ))}
      </fieldset>
      <History key={`${id} ${place.value.range}`} point={point} />
      <Facts point={point} />
    </aside>
  );
}

function Now({ point }: { readonly point: Point }) {
  const last = lastOf(point.id).value;
  const state = stateOf(point);
  const mark = STATE_MARK[state];
  const problem = last?.quality === 'bad' ? faultText(last.fault, faultOf(last.fault)) : undefined;
  return (
    <div class={`now ${state}`}>
      <div class="big">
        <span class="value">{valueText(point, last)}</span>
        <span class="unit">{last?.value == null ? '' : (point.unit ?? '')}</span>
      </div>
      <div class="when">
        {mark ? (
          <span class={`state tone-${mark[1]}`}>
            <Mark shape={mark[0]} tone={mark[1]} />
            {t(`state.${state}`)}
          </span>
        ) : null}
        <time class="muted">{last ? formatTime(last.at, zoneOf(point.gateway)) : ''}</time>
      </div>
      {problem ? (
        <p class="problem">
          <Problem {...problem} />
        </p>
      ) : null}
    </div>
  );
}

function History({ point }: { readonly point: Point }) {
  const { range } = place.value;
  const source = useMemo(() => new TrendSource(point, { zone: zoneOf(point.gateway) }), [point.id, range]);
  useEffect(() => source.start(), [source]);
  const empty = useComputed(() => source.state.value === 'ready' && source.data.value.at.length === 0);
  return (
    <>
      <div class={`plot ${source.state.value}`}>
        <Graph point={point} source={source} />
        {empty.value ? <p class="over muted">{t('trend.empty')}</p> : null}
        {source.state.value === 'failed' ? (
          <p class="over">
            {t('trend.failed')}{' '}
            <button type="button" class="plain" onClick={() => void source.load()}>
              {t('trend.retry')}
            </button>
          </p>
        ) : null}
      </div>
      <Summary point={point} source={source} />
      <Table point={point} source={source} />
    </>
  );
}

interface Parts {
  readonly point: Point;
  readonly source: TrendSource;
}

const HEIGHT_PX = 300;

function Graph({ point, source }: Parts) {
  const element = useRef<HTMLDivElement>(null);
  const under = useSignal<number | undefined>(undefined);
  const { range } = place.value;
  const zone = zoneOf(point.gateway);
  const resolution = source.resolution.value;
  const gapMs = gapLimit(expectedInterval(point), resolution.kind === 'raw' ? undefined : resolution.ms);
  const gaps = countGaps(source.data.value, gapMs);
  const shown = useComputed((): Shown => {
    const { value: held } = source.resolution;
    const limit = gapLimit(expectedInterval(point), held.kind === 'raw' ? undefined : held.ms);
    return { lines: [{ data: source.data.value, gapMs: limit }], limits: [], late: source.late.value };
  });
  const plot = useSignal<Plot | undefined>(undefined);
  useEffect(() => {
    if (!element.current) return;
    const made = new Plot(element.current, {
      ...{ zone, height: HEIGHT_PX, format: (value) => axisText(point, value) },
      lines: [{ look: lineLook(0), steps: isState(point), compared: false }],
      onCursor: (at) => {
        under.value = at;
      },
    });
    plot.value = made;
    return () => made.destroy();
  }, [source, zone]);
  useSignalEffect(() => {
    const window = { from: now.value - RANGE_MS[range], to: now.value };
    source.show(window, true, element.current?.clientWidth ?? 0);
    plot.value?.show(shown.value, window);
  });
  useSignalEffect(() => {
    if (theme.value && language.value) plot.value?.redraw();
  });
  const index = under.value === undefined ? undefined : nearest(source.data.value.at, under.value, gapMs);
  const value = index === undefined ? null : (source.data.value.value[index] ?? null);
  return (
    <>
      <div class="legend small">
        {index !== undefined && value !== null ? (
          <span>
            <time class="muted">{formatTime(source.data.value.at[index] ?? 0, zone)}</time>{' '}
            <strong>{readText(point, value)}</strong> {point.unit ?? ''}
          </span>
        ) : (
          <span class="muted">
            {resolution.kind === 'raw'
              ? t('trend.resolution.raw')
              : t('trend.resolution.step', { step: formatInterval(resolution.ms) })}
          </span>
        )}
        {gaps > 0 ? <span class="muted">{t('trend.gaps', { n: gaps })}</span> : null}
        {source.data.value.bad.some((count) => count > 0) ? <span class="muted">{t('trend.bad')}</span> : null}
        <a href={`#/trends?points=${encodeURIComponent(point.id)}&range=${range}`}>{t('trend.more')}</a>
      </div>
      <div
        ref={element}
        class="canvas"
        role="img"
        aria-label={t('trend.chart', { point: titleOf(point.title, point.point) })}
      />
    </>
  );
}

function Summary({ point, source }: Parts) {
  if (point.kind !== 'number' || point.enum) return null;
  const summary = summarise(source.data.value);
  const text = (value: number | undefined) => (value === undefined ? '–' : derivedText(point, value));
  return (
    <dl class="facts summary">
      <div>
        <dt>{t('trend.min')}</dt>
        <dd>{text(summary?.low)}</dd>
      </div>
      <div>
        <dt>{t('trend.mean')}</dt>
        <dd>{text(summary?.mean)}</dd>
      </div>
      <div>
        <dt>{t('trend.max')}</dt>
        <dd>{text(summary?.high)}</dd>
      </div>
    </dl>
  );
}

const TABLE_ROWS = 100;

function Table({ point, source }: Parts) {
  const shown = useSignal(false);
  const data = source.data.value;
  const zone = zoneOf(point.gateway);
  const newest = shown.value
    ? data.at.map((at, index) => ({ at, value: data.value[index] ?? null })).slice(-TABLE_ROWS)
    : [];
  const to = now.peek();
  return (
    <details
      onToggle={(event) => {
        shown.value = event.currentTarget.open;
      }}
    >
      <summary>{t('trend.table')}</summary>
      <div class="table">
        <table>
          <thead>
            <tr>
              <th>{t('trend.time')}</th>
              <th>
                {t('trend.value')} {point.unit ? `[${point.unit}]` : ''}
              </th>
            </tr>
          </thead>
          <tbody>
            {newest.reverse().map(({ at, value }) => (
              <tr key={at}>
                <td>{formatTime(at, zone)}</td>
                <td>{value === null ? t('state.bad') : readText(point, value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <a href={downloadPath(point.id, Math.floor(to - RANGE_MS[place.value.range]), Math.ceil(to))} download>
        {t('trend.download')}
      </a>
    </details>
  );
}

function Facts({ point }: { readonly point: Point }) {
  const interval = expectedInterval(point);
  return (
    <dl class="facts details">
      <div>
        <dt>{t('detail.id')}</dt>
        <dd>
          <code>{point.id}</code>
        </dd>
      </div>
      {interval === undefined ? null : (
        <div>
          <dt>{t('detail.every')}</dt>
          <dd>{formatInterval(point.everyMs ?? interval)}</dd>
        </div>
      )}
      <div>
        <dt>{t('detail.type')}</dt>
        <dd>{point.type}</dd>
      </div>
      {point.writable ? (
        <div>
          <dt>{t('detail.writable')}</dt>
          <dd>
            {t('detail.yes')} <SetButton point={point} />
          </dd>
        </div>
      ) : null}
    </dl>
  );
}
