import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { alarmChanges } from '../../data/alarm-store.ts';
import { type Alarm, ask, type Point, type Priority } from '../../data/api.ts';
import { after } from '../../data/clock.ts';
import { formatAge, formatTime } from '../../data/format.ts';
import { titleOf } from '../../data/i18n.ts';
import { now, zoneOf } from '../../data/store.ts';
import { AlarmToken } from '../../kit/alarm-token.tsx';
import { alarmsOf, episodesOf } from './episodes.ts';
import { shownWindow } from './state.ts';
import { tt } from './texts.ts';

const LANE_PX = 26;
/** What can be hit, as a share of the width. */
const LEAST_SHARE = 0.022;
const QUIET_MS = 400;

const PRIORITY_TEXT = {
  critical: 'alarm.1',
  high: 'alarm.2',
  medium: 'alarm.3',
  low: 'alarm.4',
} as const satisfies Record<Priority, string>;

/** When alarms of these points stood, under the charts. */
export function AlarmStrip({ points }: { readonly points: readonly Point[] }) {
  const told = useSignal<readonly Alarm[]>([]);
  const wanted = useSignal(0);
  const gateways = [...new Set(points.map(({ gateway }) => gateway))];
  useSignalEffect(() => {
    const { from, to } = shownWindow.value;
    // A window that slides by a second asks nothing anew.
    wanted.value = Math.round(from / 30_000) * 1e7 + Math.round((to - from) / 1000) + alarmChanges.value;
  });
  useEffect(
    () =>
      after(QUIET_MS, () => {
        load(gateways, shownWindow.peek()).then(
          (alarms) => {
            told.value = alarms;
          },
          () => {},
        );
      }),
    [gateways.join(), wanted.value],
  );
  const window = shownWindow.value;
  const alarms = alarmsOf(told.value, points, window);
  const episodes = episodesOf(alarms, window, now.value, LEAST_SHARE);
  const lanes = Math.max(0, ...episodes.map(({ lane }) => lane + 1));
  return (
    <section class="card episode-card" aria-label={tt('alarms')}>
      <h2 class="small">{alarms.length === 0 ? tt('alarms.none') : tt('alarms')}</h2>
      {lanes === 0 ? null : (
        <div class="episodes" style={{ height: `${lanes * LANE_PX}px` }}>
          {episodes.map(({ alarm, left, width, lane }) => (
            <a
              key={alarm.id}
              class={`episode tone-${alarm.priority}`}
              href={`#/alarms?tab=history&alarm=${encodeURIComponent(alarm.id)}`}
              title={sayAlarm(alarm)}
              style={{ left: `${left * 100}%`, width: `${width * 100}%`, top: `${lane * LANE_PX}px` }}
            >
              <AlarmToken priority={alarm.priority} label={tt(PRIORITY_TEXT[alarm.priority])} />
              <span>{titleOf(alarm.text, alarm.rule)}</span>
            </a>
          ))}
        </div>
      )}
    </section>
  );
}

function sayAlarm(alarm: Alarm): string {
  const { raisedAt, clearedAt, active, gateway } = alarm;
  const end =
    active || clearedAt === undefined
      ? tt('alarm.still')
      : tt('alarm.lasted', { age: formatAge(clearedAt - raisedAt) });
  const words = titleOf(alarm.text, alarm.rule);
  return `${tt(PRIORITY_TEXT[alarm.priority])}: ${words} · ${formatTime(raisedAt, zoneOf(gateway))} · ${end}`;
}

/** Those that changed since the window began, and those that stand since before it. */
async function load(gateways: readonly string[], window: { readonly from: number; readonly to: number }) {
  const [from, to] = [Math.floor(window.from), Math.ceil(window.to)];
  const asked = gateways.flatMap((gateway) => {
    const of = `gateway=${encodeURIComponent(gateway)}&to=${to}&limit=1000`;
    return [`/alarms?state=history&updatedFrom=${from}&${of}`, `/alarms?state=active,shelved,suppressed&${of}`];
  });
  const told = await Promise.all(asked.map((path) => ask<{ alarms: Alarm[] }>(path)));
  return told.flatMap(({ alarms }) => alarms);
}
