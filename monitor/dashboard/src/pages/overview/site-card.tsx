import { attention } from '../../data/alarm-store.ts';
import type { Gateway, Point, Priority } from '../../data/api.ts';
import { t, titleOf } from '../../data/i18n.ts';
import { abnormal, devices, lastOf, now, points, session, stateOf } from '../../data/store.ts';
import { ageText, valueText } from '../../data/value-text.ts';
import { AlarmToken } from '../../kit/alarm-token.tsx';
import { Mark } from '../../kit/mark.tsx';
import { STATE_MARK } from '../../kit/state-mark.ts';
import { keyPoints } from './key-points.ts';
import { to } from './texts.ts';

const KEY_POINTS = 6;
const PRIORITIES: readonly Priority[] = ['critical', 'high', 'medium', 'low'];

/** Where is it? One site with its worst state and what says most about it. */
export function SiteCard({ gateway }: { readonly gateway: Gateway }) {
  const own = (points.value ?? []).filter((point) => point.gateway === gateway.id);
  const shown = keyPoints(
    devices.value.filter((device) => device.gateway === gateway.id),
    own,
    KEY_POINTS,
  );
  const held = session.value;
  const isSimulated = held.state === 'in' && held.me.demo;
  return (
    <article class={`card site ${gateway.state}`}>
      <header>
        <div class="names">
          <h3>
            <a href={`#/equipment?gateway=${encodeURIComponent(gateway.id)}`}>{gateway.site ?? gateway.id}</a>
          </h3>
          <span class="muted small">{to('site.equipment', { n: gateway.devices, points: gateway.points })}</span>
        </div>
        {isSimulated ? <span class="sim">{t('tile.simulated')}</span> : null}
      </header>
      <Worst gateway={gateway} all={own.length} />
      <ul class="key-points">
        {shown.map((point) => (
          <KeyPoint key={point.id} point={point} />
        ))}
      </ul>
    </article>
  );
}

function Worst({ gateway, all }: { readonly gateway: Gateway; readonly all: number }) {
  const alarms = attention.value.filter((alarm) => alarm.gateway === gateway.id && alarm.active);
  const worst = PRIORITIES.find((priority) => alarms.some((alarm) => alarm.priority === priority));
  const doubtful = abnormal.value.filter((point) => point.gateway === gateway.id).length;
  const isWell = worst === undefined && doubtful === 0 && gateway.state === 'online';
  return (
    <p class="worst">
      {worst === undefined ? null : (
        <a href="#/alarms?tab=active">
          <AlarmToken priority={worst} label={t(`priority.${worst}`)} />
          {t(`priority.${worst}`)} · {to('site.alarms', { n: alarms.length })}
        </a>
      )}
      {gateway.state === 'online' ? null : <LinkState state={gateway.state} />}
      {doubtful === 0 ? null : (
        <a href="#/points">
          <Mark shape="diamond" tone="medium" />
          {to('site.points', { n: doubtful, all })}
        </a>
      )}
      {isWell ? (
        <span class="muted">
          <Mark shape="circle" tone="quiet" /> {to('site.well')}
        </span>
      ) : null}
    </p>
  );
}

export function LinkState({ state }: { readonly state: Gateway['state'] }) {
  const shape = ({ online: 'circle', late: 'diamond', offline: 'triangle' } as const)[state];
  const tone = { online: 'quiet', late: 'medium', offline: 'high' }[state];
  return (
    <span class={`state tone-${tone}`}>
      <Mark shape={shape} tone={tone} />
      {t(`gateway.${state}`)}
    </span>
  );
}

function KeyPoint({ point }: { readonly point: Point }) {
  const last = lastOf(point.id).value;
  const state = stateOf(point);
  const mark = STATE_MARK[state];
  const device = devices.value.find(({ id }) => id === `${point.gateway}/${point.device}`);
  const own = attention.value.filter(
    (each) =>
      each.active && each.gateway === point.gateway && each.device === point.device && each.point === point.point,
  );
  // One that somebody has acknowledged is no less urgent for that.
  const alarm = own.sort((a, b) => PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority))[0];
  return (
    <li class={`key-point ${state}`}>
      <a href={`#/equipment/${point.gateway}/${point.device}`}>
        <span class="small muted">{device ? titleOf(device.title, device.name) : point.device}</span>
        <span class="small">{titleOf(point.title, point.point)}</span>
        <span class="key-value">
          {valueText(point, last)} <span class="unit">{last?.value == null ? '' : (point.unit ?? '')}</span>
        </span>
        {alarm ? (
          <span class={`state tone-${alarm.priority}`}>
            <AlarmToken priority={alarm.priority} label={t(`priority.${alarm.priority}`)} />
            {titleOf(alarm.text, alarm.rule)}
          </span>
        ) : null}
        {mark ? (
          <span class={`state tone-${mark[1]}`}>
            <Mark shape={mark[0]} tone={mark[1]} />
            {t(`state.${state}`)} {last ? ageText(now.value - last.at) : ''}
          </span>
        ) : null}
      </a>
    </li>
  );
}
