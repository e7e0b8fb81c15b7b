import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Alarm, ask, type Priority } from '../../data/api.ts';
import { formatAge, formatNumber, formatTime } from '../../data/format.ts';
import { titleOf } from '../../data/i18n.ts';
import { now, zoneOf } from '../../data/store.ts';
import { placeOf } from './alarm-row.tsx';
import { ta } from './alarm-texts.ts';
import { Receivers } from './receivers.tsx';

interface Health {
  readonly from: number;
  readonly rate: readonly number[];
  readonly announced: number;
  readonly raised: number;
  readonly floods: readonly { readonly from: number; readonly count: number }[];
  readonly standing: readonly Alarm[];
  readonly chattering: readonly Alarm[];
  readonly top: readonly {
    readonly rule: string;
    readonly count: number;
    readonly share: number;
    readonly alarm?: Alarm;
  }[];
  readonly priorities: Readonly<Record<Priority, { readonly count: number; readonly share: number }>>;
  readonly target: { readonly critical: number; readonly high: number; readonly lower: number };
  readonly timeToAckMs: number | null;
  readonly timeToClearMs: number | null;
  readonly shelved: { readonly count: number; readonly oldest: number | null };
}

const health = signal<Health | undefined>(undefined);

export function AlarmHealth({ changes }: { readonly changes: number }) {
  // Asked again whenever an alarm has changed.
  useEffect(() => {
    ask<Health>('/alarms/health').then(
      (told) => {
        health.value = told;
      },
      () => {},
    );
  }, [changes]);
  const told = health.value;
  if (!told) return <div class="card skeleton" />;
  return (
    <div class="health">
      <Rate health={told} />
      <dl class="card facts figures">
        {figures(told).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Split health={told} />
      <Top health={told} />
      <Alarms title={ta('health.standing')} alarms={told.standing} />
      <Alarms title={ta('health.chattering')} alarms={told.chattering} />
      <Receivers changes={changes} />
    </div>
  );
}

function figures({ announced, raised, floods, timeToAckMs, timeToClearMs, shelved }: Health) {
  const age = (ms: number | null) => (ms === null ? '–' : formatAge(ms));
  const oldest = shelved.oldest === null ? '' : ` (${formatAge(now.value - shelved.oldest)})`;
  return [
    [ta('health.announced'), formatNumber(announced, 0)],
    [ta('health.raised'), formatNumber(raised, 0)],
    [ta('health.floods'), formatNumber(floods.length, 0)],
    [ta('health.ack'), age(timeToAckMs)],
    [ta('health.clear'), age(timeToClearMs)],
    [ta('health.shelved'), `${shelved.count}${oldest}`],
  ] as const;
}

const HEIGHT = 60;

function Rate({ health: { rate } }: { readonly health: Health }) {
  const most = Math.max(10, ...rate);
  return (
    <figure class="card rate">
      <figcaption class="small muted">{ta('health.rate')}</figcaption>
      <svg
        viewBox={`0 0 ${rate.length * 4} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={ta('health.rate')}
      >
        {rate.map((count, index) => {
          const height = (HEIGHT * count) / most;
          const x = index * 4;
          return <rect key={x} x={x} y={HEIGHT - height} width="3" height={height} class={count > 10 ? 'flood' : ''} />;
        })}
      </svg>
      <span class="small muted">{ta('health.most', { n: Math.max(0, ...rate) })}</span>
    </figure>
  );
}

function Split({ health: { priorities, target } }: { readonly health: Health }) {
  const lower = {
    count: priorities.medium.count + priorities.low.count,
    share: priorities.medium.share + priorities.low.share,
  };
  const rows = [
    [ta('priority.critical'), priorities.critical, target.critical],
    [ta('priority.high'), priorities.high, target.high],
    [`${ta('priority.medium')}, ${ta('priority.low')}`, lower, target.lower],
  ] as const;
  return (
    <section class="card list">
      <h2>{ta('health.split')}</h2>
      {rows.map(([name, { count, share }, percent]) => (
        <div key={name} class="bar-row">
          <span>{name}</span>
          <meter min={0} max={100} value={share} aria-label={name} />
          <span>
            {formatNumber(count, 0)} · {formatNumber(share, 1)} %
          </span>
          <span class="muted small">{ta('health.target', { percent })}</span>
        </div>
      ))}
    </section>
  );
}

function Top({ health: { top } }: { readonly health: Health }) {
  return (
    <section class="card list">
      <h2>{ta('health.top')}</h2>
      {top.length === 0 ? <span class="muted">{ta('health.none')}</span> : null}
      {top.map(({ rule, count, share, alarm }) => (
        <div key={rule} class="bar-row named">
          <span>
            {alarm ? titleOf(alarm.text, rule) : rule}
            {alarm ? <span class="muted small block">{placeOf(alarm)}</span> : null}
          </span>
          <meter min={0} max={100} value={share} aria-label={rule} />
          <span>{formatNumber(count, 0)}</span>
          <span class="muted small">{formatNumber(share, 1)} %</span>
        </div>
      ))}
    </section>
  );
}

function Alarms({ title, alarms }: { readonly title: string; readonly alarms: readonly Alarm[] }) {
  return (
    <section class="card list">
      <h2>
        {title} <span class="muted">{alarms.length}</span>
      </h2>
      {alarms.map((alarm) => (
        <div key={alarm.id} class="line">
          <span>{titleOf(alarm.text, alarm.rule)}</span>
          <span class="muted small">
            {placeOf(alarm)} · {formatTime(alarm.raisedAt, zoneOf(alarm.gateway))}
          </span>
        </div>
      ))}
    </section>
  );
}
