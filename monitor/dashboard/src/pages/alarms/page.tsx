import './alarms.css';
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { address } from '../../app/address.ts';
import { alarmChanges, attention, loadAttention } from '../../data/alarm-store.ts';
import type { Alarm } from '../../data/api.ts';
import { session } from '../../data/store.ts';
import { acknowledgeAll } from './acknowledge-all.ts';
import { AlarmHealth } from './alarm-health.tsx';
import { closeList, type ListTab, listed, loadOlder, openList, putAlarm } from './alarm-list.ts';
import { AlarmRow } from './alarm-row.tsx';
import { ta } from './alarm-texts.ts';
import { NamedAlarm } from './named-alarm.tsx';
import { ALARM_TABS, type AlarmTab, tabOf } from './tabs.ts';

const asksAll = signal(false);

export function Alarms() {
  const { query } = address.value;
  const tab = tabOf(query);
  const changes = alarmChanges.value;
  useEffect(() => {
    asksAll.value = false;
    if (tab === 'health') closeList();
    else void openList(tab);
  }, [tab, changes]);
  useEffect(() => closeList, []);
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
  const unseen = listed.value?.tab === tab ? listed.value.alarms.filter(({ acknowledged }) => !acknowledged) : [];
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
      <button type="button" class="act" onClick={() => acknowledge(unseen)}>
        {ta('ack')}
      </button>
      <button type="button" class="plain" onClick={() => setAsking(false)}>
        {ta('cancel')}
      </button>
    </span>
  );
}

function List({ tab }: { readonly tab: ListTab }) {
  const shown = listed.value?.tab === tab ? listed.value : undefined;
  if (shown === undefined) return <div class="card skeleton" />;
  if (shown.alarms.length === 0) {
    return (
      <div class="card hint">
        <strong>{ta(`none.${tab}`)}</strong>
      </div>
    );
  }
  const done = (alarm: Alarm) => {
    putAlarm(alarm);
    void loadAttention();
  };
  return (
    <>
      <ul class="card alarm-rows">
        {shown.alarms.map((alarm) => (
          <AlarmRow key={alarm.id} alarm={alarm} mayAct={mayAct()} done={done} />
        ))}
      </ul>
      {shown.cursor === undefined ? null : (
        <button type="button" class="plain" onClick={() => void loadOlder()}>
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

function acknowledge(alarms: readonly Alarm[]): void {
  setAsking(false);
  void acknowledgeAll(alarms);
}
