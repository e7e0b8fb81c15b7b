import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { formatTime } from '../../data/format.ts';
import { language, t } from '../../data/i18n.ts';
import { session } from '../../data/store.ts';
import { theme } from '../../data/theme.ts';
import { shiftDays } from '../../data/zone.ts';
import { aligned } from '../../kit/plot/align.ts';
import { lineLook } from '../../kit/plot/colours.ts';
import { Plot, type Shown } from '../../kit/plot/plot.ts';
import { nearest } from '../../kit/plot/trend-data.ts';
import { Unfold } from '../../kit/unfold.tsx';
import { type DemandWindow, profileOf } from './energy-data.ts';
import { clockText, kwText } from './kw-text.ts';
import { te } from './texts.ts';

interface Props {
  readonly windows: readonly DemandWindow[];
  readonly day: number;
  readonly zone: string;
  readonly target: number | undefined;
}

const HEIGHT_PX = 230;

/** The demand of a day over its hours, beside the day before. */
export function DayProfile({ windows, day, zone, target }: Props) {
  const element = useRef<HTMLDivElement>(null);
  const plot = useSignal<Plot | undefined>(undefined);
  const under = useSignal<number | undefined>(undefined);
  const end = shiftDays(day, 1, zone);
  const own = profileOf(windows, day, end);
  const before = aligned(profileOf(windows, shiftDays(day, -1, zone), day), (at) => shiftDays(at, 1, zone));
  const lengthMs = windows[0] ? windows[0].to - windows[0].at : 900_000;
  const given = useSignal<Shown>({ lines: [], limits: [], late: [] });
  const key = `${own.at.length} ${own.value.at(-1)} ${own.at[0]} ${before.at.length} ${target}`;
  useEffect(() => {
    const text = `${te('demand.target')} ${kwText(target)}`;
    const limits = target === undefined ? [] : [{ value: target, side: 'above' as const, text }];
    given.value = { lines: [{ data: own, compared: before, gapMs: 1.5 * lengthMs }], limits, late: [] };
  }, [key, language.value]);
  useEffect(() => {
    if (!element.current) return;
    const isDemo = session.value.state === 'in' && session.value.me.demo;
    const made = new Plot(element.current, {
      ...{ zone, height: HEIGHT_PX, format: (kw) => kwText(kw) },
      lines: [{ look: lineLook(0), steps: true, compared: true }],
      watermark: isDemo ? t('simulated') : undefined,
      onCursor: (at) => {
        under.value = at;
      },
    });
    plot.value = made;
    return () => made.destroy();
  }, [zone]);
  const window = useSignal({ from: day, to: end });
  window.value = window.peek().from === day && window.peek().to === end ? window.peek() : { from: day, to: end };
  useSignalEffect(() => plot.value?.show(given.value, window.value));
  useSignalEffect(() => {
    if (theme.value && language.value) plot.value?.redraw();
  });
  const date = formatTime(day, zone).slice(0, 10);
  const known = own.value.filter((kw) => kw !== null);
  const said = useComputed(() => under.value);
  return (
    <section class="card profile" aria-label={te('profile')}>
      <h2>{te('profile')}</h2>
      <p class="muted small">
        {underText(said.value, windows, zone) ??
          (known.length === 0
            ? te('unseen')
            : te('base', { low: kwText(Math.min(...known)), high: kwText(Math.max(...known)) }))}{' '}
        · {te('profile.compared')}
      </p>
      <div ref={element} class="canvas" role="img" aria-label={te('profile.chart', { day: date })} />
      <Unfold
        summary={te('table')}
        content={() => {
          const whole = windows.filter(({ at, isRunning }) => at >= day && at < end && !isRunning);
          return <ProfileTable windows={whole} zone={zone} />;
        }}
      />
    </section>
  );
}

function underText(at: number | undefined, windows: readonly DemandWindow[], zone: string): string | undefined {
  if (at === undefined) return undefined;
  const starts = windows.map((each) => each.at);
  const lengthMs = windows[0] ? windows[0].to - windows[0].at : 0;
  const index = nearest(starts, at - lengthMs / 2, lengthMs);
  const found = index === undefined ? undefined : windows[index];
  return found ? `${clockText(found.at, zone)}–${clockText(found.to, zone)}: ${kwText(found.kw)} kW` : undefined;
}

function ProfileTable({ windows, zone }: { readonly windows: readonly DemandWindow[]; readonly zone: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with keys
    <section class="energy-table" tabIndex={0} aria-label={te('profile')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{te('time')}</th>
            <th scope="col">{te('kw')}</th>
          </tr>
        </thead>
        <tbody>
          {windows.map(({ at, kw, isPartial }) => (
            <tr key={at}>
              <td>{clockText(at, zone)}</td>
              <td>{kw === null ? te('unknown') : `${isPartial ? '≥ ' : ''}${kwText(kw)}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
