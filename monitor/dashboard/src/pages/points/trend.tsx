import 'uplot/dist/uPlot.min.css';
import './trend.css';
import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { downloadPath, type Point } from '../../data/api.ts';
import { decimalsOf, formatInterval, formatNumber, formatTime } from '../../data/format.ts';
import { faultText, language, t, titleOf } from '../../data/i18n.ts';
import { expectedInterval } from '../../data/point-state.ts';
import { devices, faultOf, lastOf, now, points, stateOf, zoneOf } from '../../data/store.ts';
import { theme } from '../../data/theme.ts';
import { derivedText, valueText } from '../../data/value-text.ts';
import { Mark } from '../../kit/mark.tsx';
import { Problem } from '../../kit/prose.tsx';
import { STATE_MARK } from '../../kit/state-mark.ts';
import { Chart } from './chart.ts';
import { closeTrend, go, place, RANGE_MS, RANGES } from './place.ts';
import { countGaps, gapLimit, summarise } from './trend-data.ts';
import { TrendSource } from './trend-source.ts';

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
  const source = useMemo(() => new TrendSource(point, range), [point.id, range]);
  useEffect(() => source.start(), [source]);
  const empty = useComputed(() => source.state.value === 'ready' && source.data.value.at.length === 0);
  return (
    <>
      <div class={`plot ${source.state.value}`}>
        <Plot point={point} source={source} />
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

interface Shown {
  readonly point: Point;
  readonly source: TrendSource;
}

function Plot({ point, source }: Shown) {
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart>(null);
  const under = useSignal<{ at: number; value: number | null } | undefined>(undefined);
  const { range } = place.value;
  const zone = zoneOf(point.gateway);
  const gaps = countGaps(source.data.value, gapLimit(expectedInterval(point), source.stepMs));
  useEffect(() => {
    if (!element.current) return;
    chart.current = new Chart(element.current, {
      zone,
      intervalMs: expectedInterval(point),
      stepMs: source.stepMs,
      steps: point.kind === 'boolean' || point.enum !== undefined,
      label: titleOf(point.title, point.point),
      format: (value) => axisText(point, value),
      onCursor: (at, value) => {
        under.value = at === undefined ? undefined : { at, value };
      },
    });
    return () => chart.current?.destroy();
  }, [source, zone]);
  useSignalEffect(() => {
    const to = now.value;
    chart.current?.show(source.data.value, to - RANGE_MS[range], to);
  });
  useSignalEffect(() => {
    if (theme.value && language.value) chart.current?.redraw();
  });
  return (
    <>
      <div class="legend small">
        {under.value && under.value.value !== null ? (
          <span>
            <time class="muted">{formatTime(under.value.at, zone)}</time>{' '}
            <strong>{valueText(point, { value: asValue(point, under.value.value) })}</strong> {point.unit ?? ''}
          </span>
        ) : (
          <span class="muted">
            {source.stepMs === undefined
              ? t('trend.resolution.raw')
              : t('trend.resolution.step', { step: formatInterval(source.stepMs) })}
          </span>
        )}
        {gaps > 0 ? <span class="muted">{t('trend.gaps', { n: gaps })}</span> : null}
        {source.data.value.bad.some((count) => count > 0) ? <span class="muted">{t('trend.bad')}</span> : null}
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

function Summary({ point, source }: Shown) {
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

function Table({ point, source }: Shown) {
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
                <td>{value === null ? t('state.bad') : valueText(point, { value: asValue(point, value) })}</td>
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
          <dd>{t('detail.yes')}</dd>
        </div>
      ) : null}
    </dl>
  );
}

function asValue(point: Point, value: number): number | boolean {
  return point.kind === 'boolean' ? value !== 0 : value;
}

function axisText(point: Point, value: number): string {
  if (point.kind === 'boolean' || point.enum) {
    return Number.isInteger(value) ? valueText(point, { value: asValue(point, value) }) : '';
  }
  return formatNumber(value, decimalsOf(value));
}
