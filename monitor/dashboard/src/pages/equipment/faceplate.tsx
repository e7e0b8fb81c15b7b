import { addressHash } from '../../app/address.ts';
import { attention, knowsAlarms } from '../../data/alarm-store.ts';
import type { Device, Point } from '../../data/api.ts';
import { formatAge, formatAgo } from '../../data/format.ts';
import { t, titleOf } from '../../data/i18n.ts';
import { gateways, lastOf, now, points, stateOf } from '../../data/store.ts';
import { valueText } from '../../data/value-text.ts';
import { AlarmToken } from '../../kit/alarm-token.tsx';
import { Facts } from '../../kit/facts.tsx';
import { Mark } from '../../kit/mark.tsx';
import { StateText } from '../../kit/state-text.tsx';
import { TwinCard } from '../commands/twin-card.tsx';
import { classText } from './class-text.ts';
import { Drawing } from './drawings.tsx';
import { faceOf } from './faces.ts';
import { GaugeTile } from './gauge.tsx';
import { te } from './texts.ts';

/** One machine: how it is, what is wrong with it, what it is. */
export function Faceplate({ device }: { readonly device: Device }) {
  const own = (points.value ?? []).filter((point) => point.gateway === device.gateway && point.device === device.name);
  const face = faceOf(device, own);
  return (
    <div class="faceplate" data-face={face.kind}>
      <header class="face-head">
        <a href={addressHash({ page: 'equipment' })}>← {te('back')}</a>
        <h2>{titleOf(device.title, device.name)}</h2>
        <span class="muted">{classText(face.kind, device.class)}</span>
      </header>
      <div class="face-top">
        <Drawing kind={face.kind} points={own} />
        <Alarms device={device} />
        <TwinCard device={device} points={own} />
      </div>
      <div class="gauges">
        {face.gauges.map((gauge) => (
          <GaugeTile key={gauge.point.id} gauge={gauge} />
        ))}
      </div>
      <div class="lists">
        <PointTable title={te('flags')} list={face.flags} />
        <PointTable title={te('rest')} list={face.rest} />
        <Identity device={device} kind={classText(face.kind, device.class)} />
      </div>
    </div>
  );
}

function Alarms({ device }: { readonly device: Device }) {
  const list = attention.value.filter((alarm) => alarm.gateway === device.gateway && alarm.device === device.name);
  return (
    <section class="card face-alarms" aria-label={te('alarms')}>
      {list.length > 0 ? null : knowsAlarms.value ? (
        <p class="muted">
          <Mark shape="circle" tone="quiet" /> {te('alarms.none')}
        </p>
      ) : (
        <p class="muted">{t('state.loading')}</p>
      )}
      <ul>
        {list.map((alarm) => (
          <li key={alarm.id}>
            <AlarmToken priority={alarm.priority} label={t(`priority.${alarm.priority}`)} rests={!alarm.active} />
            <a
              href={addressHash({
                page: 'alarms',
                query: { tab: alarm.acknowledged ? 'active' : 'unacked', alarm: alarm.id },
              })}
            >
              {titleOf(alarm.text, alarm.rule)}
            </a>
            <span class="muted">{te('since', { age: formatAge(now.value - alarm.raisedAt) })}</span>
            <span>{titleOf(alarm.action, '')}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function PointTable({ title, list }: { readonly title: string; readonly list: readonly Point[] }) {
  if (list.length === 0) return null;
  return (
    <section class="card face-list">
      <h3>{title}</h3>
      <ul>
        {list.map((point) => (
          <PointLine key={point.id} point={point} />
        ))}
      </ul>
    </section>
  );
}

function PointLine({ point }: { readonly point: Point }) {
  const last = lastOf(point.id).value;
  const state = stateOf(point);
  const isSet = point.kind === 'boolean' && last?.value === true;
  return (
    <li class={state === 'live' ? 'face-line' : `face-line ${state} hatched`}>
      <a href={addressHash({ page: 'points', rest: point.id.split('/') })}>{titleOf(point.title, point.point)}</a>
      <span class="face-value">
        {point.kind === 'boolean' && last?.value != null ? (
          <Mark shape={isSet ? 'circle' : 'ring'} tone="quiet" />
        ) : null}
        {valueText(point, last)} <span class="unit">{last?.value == null ? '' : (point.unit ?? '')}</span>
      </span>
      <span class="small muted">
        <StateText state={state} /> {last ? formatAgo(now.value - last.at) : ''}
      </span>
    </li>
  );
}

function Identity({ device, kind }: { readonly device: Device; readonly kind: string }) {
  const gateway = gateways.value?.find(({ id }) => id === device.gateway);
  const channel = gateway?.channels.find(({ name }) => name === device.channel);
  const object = gateway?.kubeedge?.devices.find((each) => each.device === device.name);
  const line = channel ? `${device.channel} · ${channel.driver} · ${channel.port}` : device.channel;
  const facts: readonly (readonly [string, string])[] = [
    [te('maker'), [device.vendor, device.model].filter(Boolean).join(' ') || '–'],
    [te('class'), kind],
    [te('line'), line],
    [te('gateway'), [gateway?.site, device.gateway].filter(Boolean).join(' · ')],
    [te('id'), device.id],
    ...(object ? [[te('kubeedge'), [object.id, object.note].filter(Boolean).join(' · ')] as const] : []),
  ];
  return (
    <section class="card face-list">
      <h3>{te('identity')}</h3>
      <Facts facts={facts} />
    </section>
  );
}
