import './alarms.css';
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { address } from '../../app/address.ts';
import { say } from '../../app/said.ts';
import { alarmChanges, attention, loadAttention } from '../../data/alarm-store.ts';
import { type Alarm, ask, post } from '../../data/api.ts';
import { session } from '../../data/store.ts';
import { AlarmHealth } from './alarm-health.tsx';
import { AlarmRow } from './alarm-row.tsx';
import { ta } from './alarm-texts.ts';
import { NamedAlarm } from './named-alarm.tsx';
import { ALARM_TABS, type AlarmTab, tabOf } from './tabs.ts';

interface Page {
  readonly tab: AlarmTab;
  readonly alarms: readonly Alarm[];
  readonly cursor?: string;
}

const page = signal<Page | undefined>(undefined);
const asksAll = signal(false);

const STATES: Readonly<Record<Exclude<AlarmTab, 'health'>, string>> = {
  active: 'active',
  unacked: 'unacked',
  shelved: 'shelved,suppressed',
  history: 'history',
};

export function Alarms() {
  const { query } = address.value;
  const tab = tabOf(query);
  const changes = alarmChanges.value;
  useEffect(() => {
    asksAll.value = false;
    if (tab !== 'health') load(tab).catch(() => {});
  }, [tab, changes]);
  return (
    <section class="alarms" aria-label={ta('tabs')}>
      <div class="tools">
        <nav class="choice views" aria-label={ta('tabs')}>
          {ALARM_TABS.map((name) => (
            <a key={name} href={`#/alarms?tab=${name}`} aria-current={name === tab ? 'page' : undefined}>
              {ta(`tab.${name}`)}
              {countOf(name) > 0 ? <span class="count">{countOf(name)}</span> : null}
            </a>
          ))}
        </nav>
        <Tools tab={tab} />
      </div>
      {query.alarm === undefined ? null : <NamedAlarm id={query.alarm} mayAct={mayAct()} />}
      <Sum tab={tab} />
      {tab === 'health' ? <AlarmHealth changes={changes} /> : <List tab={tab} />}
    </section>
  );
}

function countOf(tab: AlarmTab): number {
  if (tab === 'active') return attention.value.filter(({ active, latched }) => active || latched).length;
  return tab === 'unacked' ? attention.value.filter(({ acknowledged }) => !acknowledged).length : 0;
}

/** How the figures on the tabs hang together: an alarm may be over and still unseen. */
function Sum({ tab }: { readonly tab: AlarmTab }) {
  if (attention.value.length === 0 || (tab !== 'active' && tab !== 'unacked')) return null;
  const active = attention.value.filter((alarm) => alarm.active || alarm.latched);
  const unseen = attention.value.filter(({ acknowledged }) => !acknowledged);
  const unseenActive = active.filter(({ acknowledged }) => !acknowledged).length;
  const rest = unseen.length - unseenActive;
  if (rest === 0) return null;
  return (
    <p class="muted small">
      {tab === 'active'
        ? ta('sum.active', { n: active.length, unseen: unseenActive, rest })
        : ta('sum.unacked', { n: unseen.length, active: unseenActive, rest })}
    </p>
  );
}

function Tools({ tab }: { readonly tab: AlarmTab }) {
  const unseen = page.value?.tab === tab ? page.value.alarms.filter(({ acknowledged }) => !acknowledged) : [];
  if (tab === 'history') {
    return (
      <a class="plain end" href="/api/v1/alarms?state=history&format=csv&limit=10000" download>
        {ta('csv')}
      </a>
    );
  }
  if (tab !== 'unacked' || unseen.length < 2 || !mayAct()) return null;
  if (!asksAll.value) {
    return (
      <button type="button" class="plain end" onClick={() => setAsking(true)}>
        {ta('ack.all', { n: unseen.length })}
      </button>
    );
  }
  return (
    <span class="end sure">
      {ta('ack.sure', { n: unseen.length })}
      <button type="button" class="act" onClick={() => void acknowledgeAll(unseen)}>
        {ta('ack')}
      </button>
      <button type="button" class="plain" onClick={() => setAsking(false)}>
        {ta('cancel')}
      </button>
    </span>
  );
}

function List({ tab }: { readonly tab: Exclude<AlarmTab, 'health'> }) {
  const shown = page.value?.tab === tab ? page.value : undefined;
  if (shown === undefined) return <div class="card skeleton" />;
  if (shown.alarms.length === 0) {
    return (
      <div class="card hint">
        <strong>{ta(`none.${tab}`)}</strong>
      </div>
    );
  }
  const { cursor } = shown;
  return (
    <>
      <ul class="card alarm-rows">
        {shown.alarms.map((alarm) => (
          <AlarmRow key={alarm.id} alarm={alarm} mayAct={mayAct()} done={() => void loadAttention()} />
        ))}
      </ul>
      {cursor === undefined ? null : (
        <button type="button" class="plain" onClick={() => void load(tab, cursor)}>
          {ta('more')}
        </button>
      )}
    </>
  );
}

function mayAct(): boolean {
  const held = session.value;
  return held.state === 'in' && held.me.role !== 'viewer';
}

function setAsking(asks: boolean): void {
  asksAll.value = asks;
}

async function load(tab: Exclude<AlarmTab, 'health'>, cursor?: string): Promise<void> {
  const more = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
  const limit = tab === 'history' ? 100 : 500;
  const found = await ask<Omit<Page, 'tab'>>(`/alarms?state=${STATES[tab]}&limit=${limit}${more}`);
  const before = cursor !== undefined && page.value?.tab === tab ? page.value.alarms : [];
  page.value = { ...found, tab, alarms: [...before, ...found.alarms] };
}

async function acknowledgeAll(alarms: readonly Alarm[]): Promise<void> {
  asksAll.value = false;
  await post('/alarms/ack', { ids: alarms.map(({ id }) => id) });
  say(ta('said.all', { n: alarms.length }));
  await loadAttention();
}
