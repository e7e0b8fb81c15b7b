import { addressHash } from '../../app/address.ts';
import { attention, knowsAlarms } from '../../data/alarm-store.ts';
import type { Alarm, Priority } from '../../data/api.ts';
import { formatAgo } from '../../data/format.ts';
import { t, titleOf } from '../../data/i18n.ts';
import { devices, now } from '../../data/store.ts';
import { AlarmToken } from '../../kit/alarm-token.tsx';
import { Mark } from '../../kit/mark.tsx';
import { to } from './texts.ts';

const PRIORITIES: readonly Priority[] = ['critical', 'high', 'medium', 'low'];
const MOST_SHOWN = 4;

/** Is anything wrong? */
export function AlarmStrip() {
  const list = attention.value;
  const unseen = list.filter(({ acknowledged }) => !acknowledged).length;
  if (!knowsAlarms.value) return <div class="card skeleton" role="status" aria-label={t('state.loading')} />;
  if (list.length === 0) {
    return (
      <section class="card strip-card calm" aria-label={to('alarms')}>
        <Mark shape="circle" tone="quiet" />
        <div>
          <strong>{to('quiet')}</strong>
          <p class="muted">{to('quiet.hint')}</p>
        </div>
      </section>
    );
  }
  return (
    <section class="card strip-card" aria-label={to('alarms')}>
      <div class="counts">
        {PRIORITIES.map((priority) => (
          <Count key={priority} priority={priority} />
        ))}
        {unseen > 0 ? (
          <a class="unseen-count" href="#/alarms?tab=unacked">
            <Mark shape="triangle" tone="high" />
            {to('unseen', { n: unseen })}
          </a>
        ) : null}
        <span class="spring" />
        <a href="#/alarms?tab=active">{to('all')}</a>
      </div>
      <ul class="first-alarms">
        {list.slice(0, MOST_SHOWN).map((alarm) => (
          <First key={alarm.id} alarm={alarm} />
        ))}
      </ul>
    </section>
  );
}

function Count({ priority }: { readonly priority: Priority }) {
  const count = attention.value.filter((alarm) => alarm.priority === priority).length;
  return (
    <span class={count === 0 ? 'count-of none' : 'count-of'}>
      {count === 0 ? (
        <Mark shape="ring" tone="quiet" />
      ) : (
        <AlarmToken priority={priority} label={t(`priority.${priority}`)} />
      )}
      <strong>{count}</strong> {t(`priority.${priority}`)}
    </span>
  );
}

function First({ alarm }: { readonly alarm: Alarm }) {
  const device = devices.value.find(({ id }) => id === `${alarm.gateway}/${alarm.device}`);
  return (
    <li class={alarm.acknowledged ? '' : 'unseen'}>
      <AlarmToken priority={alarm.priority} label={t(`priority.${alarm.priority}`)} rests={!alarm.active} />
      <strong>
        <a class="quiet-link" href={addressHash({ page: 'alarms', query: { alarm: alarm.id } })}>
          {titleOf(alarm.text, alarm.rule)}
        </a>
      </strong>
      <a href={`#/equipment/${alarm.gateway}/${alarm.device}`} class="muted">
        {device ? titleOf(device.title, device.name) : alarm.device}
      </a>
      <span class="muted">
        {alarm.active ? formatAgo(now.value - alarm.raisedAt) : to(alarm.latched ? 'latched' : 'cleared')}
      </span>
    </li>
  );
}
