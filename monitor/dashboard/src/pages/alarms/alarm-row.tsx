import { useState } from 'preact/hooks';
import { addressHash } from '../../app/address.ts';
import { say } from '../../app/said.ts';
import { type Alarm, post } from '../../data/api.ts';
import { decimalsOf, formatAge, formatAgo, formatNumber, formatTime } from '../../data/format.ts';
import { titleOf } from '../../data/i18n.ts';
import { devices, gateways, now, points, zoneOf } from '../../data/store.ts';
import { AlarmToken } from '../../kit/alarm-token.tsx';
import { nowOf } from './alarm-now.ts';
import { type AlarmKey, ta } from './alarm-texts.ts';
import { ToldOf } from './told.tsx';
import { whyNot } from './why-not.ts';

interface RowProps {
  readonly alarm: Alarm;
  readonly mayAct: boolean;
  /** With the alarm as it is now. */
  readonly done: (alarm: Alarm) => void;
}

export function AlarmRow({ alarm, mayAct, done }: RowProps) {
  const action = titleOf(alarm.action, '');
  const cause = alarm.cause ? titleOf(alarm.cause, '') : '';
  return (
    <li class={alarm.acknowledged ? 'alarm' : 'alarm unseen'}>
      <AlarmToken
        priority={alarm.priority}
        label={ta(`priority.${alarm.priority}`)}
        rests={!alarm.active && !alarm.latched}
      />
      <div class="what">
        <strong>
          <a class="quiet-link" href={addressHash({ page: 'alarms', query: { alarm: alarm.id } })}>
            {titleOf(alarm.text, alarm.rule)}
          </a>
        </strong>
        <Place alarm={alarm} />
        {action ? (
          <p class="small">
            <span class="muted">{ta('action')}: </span>
            {action}
          </p>
        ) : null}
        {cause ? (
          <p class="small">
            <span class="muted">{ta('cause')}: </span>
            {cause}
          </p>
        ) : null}
        {alarm.comment ? <p class="small said">“{alarm.comment}”</p> : null}
        <ToldOf id={alarm.id} zone={zoneOf(alarm.gateway)} />
      </div>
      <div class="when">
        <span>{reasonOf(alarm)}</span>
        <Now alarm={alarm} />
        <span title={formatAgo(now.value - alarm.raisedAt)}>{formatTime(alarm.raisedAt, zoneOf(alarm.gateway))}</span>
        <span class="muted small">{lastedOf(alarm)}</span>
        <span class="flags small">{flagsOf(alarm).join(' · ')}</span>
      </div>
      {mayAct ? <Actions alarm={alarm} done={done} /> : null}
    </li>
  );
}

/** Where it is, and the way there. */
function Place({ alarm }: { readonly alarm: Alarm }) {
  const { gateway, device } = alarm;
  const rest = device === '' ? [gateway] : [gateway, device];
  return (
    <a
      class="muted small quiet-link"
      href={addressHash({ page: device === '' ? 'gateways' : 'equipment', rest })}
      title={ta(device === '' ? 'to.gateway' : 'to.equipment')}
    >
      {placeOf(alarm)}
    </a>
  );
}

function Now({ alarm }: { readonly alarm: Alarm }) {
  const found = nowOf(alarm);
  if (found === undefined) return null;
  return <span class={found.isNow ? 'muted small' : 'muted small hatched'}>{found.text}</span>;
}

export function placeOf({ gateway, device, point }: Alarm): string {
  const site = gateways.value?.find(({ id }) => id === gateway)?.site ?? gateway;
  const known = devices.value.find(({ id }) => id === `${gateway}/${device}`);
  const shown = points.value?.find(({ id }) => id === `${gateway}/${device}/${point}`);
  return [site, known ? titleOf(known.title, device) : device, shown ? titleOf(shown.title, point) : point]
    .filter(Boolean)
    .join(' › ');
}

function reasonOf({ gateway, device, point, raisedValue, limit }: Alarm): string {
  // The text of an alarm that only is or is not says it all.
  if (typeof raisedValue !== 'number') return typeof raisedValue === 'string' ? raisedValue : '';
  const unit = points.value?.find(({ id }) => id === `${gateway}/${device}/${point}`)?.unit ?? '';
  const value = `${formatNumber(raisedValue, decimalsOf(raisedValue))} ${unit}`.trim();
  if (limit === undefined) return ta('raised.at', { value });
  return ta('raised.over', { value, limit: formatNumber(limit, decimalsOf(limit)) });
}

function lastedOf({ active, raisedAt, clearedAt }: Alarm): string {
  return active
    ? formatAgo(now.value - raisedAt)
    : ta('lasted', { age: formatAge((clearedAt ?? raisedAt) - raisedAt) });
}

function flagsOf(alarm: Alarm): readonly string[] {
  const { shelvedUntil, ackedBy, active, latched, acknowledged } = alarm;
  const by = alarm.shelvedBy ?? '';
  const flags: (string | false | undefined)[] = [
    ta(active ? 'active' : latched ? 'latched' : 'cleared'),
    !acknowledged && ta('unseen'),
    ackedBy !== undefined && ta('acked', { by: ackedBy }),
    shelvedUntil === 'clear' && ta('shelved.clear', { by }),
    typeof shelvedUntil === 'number' &&
      ta('shelved.until', { by, time: formatTime(shelvedUntil, zoneOf(alarm.gateway)) }),
    alarm.suppressed && ta('suppressed'),
    alarm.outOfService && ta('out-of-service'),
    alarm.flapping && ta('flapping'),
    alarm.firstOut && ta('first'),
    alarm.reAlarms > 0 && ta('again', { n: alarm.reAlarms }),
    alarm.late && ta('late'),
  ];
  return flags.filter((flag) => typeof flag === 'string');
}

/** What is told once it is done: the row may have left the list by then. */
const SAID: Readonly<Record<string, AlarmKey>> = {
  ack: 'said.ack',
  shelve: 'said.shelve',
  unshelve: 'said.unshelve',
  reset: 'said.reset',
};

const SHELVES = { '1h': { for: '1h' }, '8h': { for: '8h' }, '1d': { for: '1d' }, clear: { untilClear: true } } as const;
type Shelf = keyof typeof SHELVES;

function Actions({ alarm, done }: { readonly alarm: Alarm; readonly done: RowProps['done'] }) {
  const [asks, setAsks] = useState(false);
  const [comment, setComment] = useState('');
  const [problem, setProblem] = useState('');
  const act = async (name: string, body: object = {}) => {
    try {
      const held = await post<Alarm>(`/alarms/${encodeURIComponent(alarm.id)}/${name}`, {
        ...body,
        ...(comment ? { comment } : {}),
      });
      setAsks(false);
      setComment('');
      setProblem('');
      const said = SAID[name];
      if (said) say(ta(said, { alarm: titleOf(alarm.text, alarm.rule) }));
      done(held);
    } catch (error) {
      setProblem(ta('failed', { why: whyNot(error) }));
    }
  };
  const isSilenced = alarm.shelvedUntil !== undefined;
  const button = (key: AlarmKey, name: string) => (
    <button type="button" class="plain" onClick={() => void act(name)}>
      {ta(key)}
    </button>
  );
  if (asks) {
    return (
      <form
        class="actions"
        onSubmit={(event) => {
          event.preventDefault();
          void act('ack');
        }}
      >
        <input
          type="text"
          maxLength={1000}
          placeholder={ta('comment')}
          aria-label={ta('comment')}
          value={comment}
          onInput={(event) => setComment(event.currentTarget.value)}
        />
        <button type="submit" class="act">
          {ta('ack')}
        </button>
        <button type="button" class="plain" onClick={() => setAsks(false)}>
          {ta('cancel')}
        </button>
        {problem ? <p class="problem">{problem}</p> : null}
      </form>
    );
  }
  return (
    <div class="actions">
      {alarm.acknowledged ? null : (
        <button type="button" class="act" onClick={() => setAsks(true)}>
          {ta('ack')}
        </button>
      )}
      {alarm.latched && !alarm.active ? button('reset', 'reset') : null}
      {alarm.outOfService ? button('in-service', 'in-service') : null}
      {isSilenced ? (
        button('unshelve', 'unshelve')
      ) : (
        <ShelveChoice active={alarm.active} choose={(name) => void act('shelve', SHELVES[name])} />
      )}
      {problem ? <p class="problem">{problem}</p> : null}
    </div>
  );
}

function ShelveChoice({ active, choose }: { readonly active: boolean; readonly choose: (shelf: Shelf) => void }) {
  const names = (Object.keys(SHELVES) as Shelf[]).filter((name) => active || name !== 'clear');
  return (
    <label class="select">
      <span class="hidden">{ta('shelve')}</span>
      <select
        value=""
        onChange={(event) => {
          const name = names.find((each) => each === event.currentTarget.value);
          event.currentTarget.value = '';
          if (name) choose(name);
        }}
      >
        <option value="">{ta('shelve')}</option>
        {names.map((name) => (
          <option key={name} value={name}>
            {ta(`shelve.${name}`)}
          </option>
        ))}
      </select>
    </label>
  );
}
