import { signal } from '@preact/signals';
import { say } from '../../app/said.ts';
import { type Alarm, ask } from '../../data/api.ts';
import { after } from '../../data/clock.ts';
import { Turns } from '../../data/turns.ts';
import { ta } from './alarm-texts.ts';
import type { AlarmTab } from './tabs.ts';
import { whyNot } from './why-not.ts';

export type ListTab = Exclude<AlarmTab, 'health'>;

interface Answer {
  readonly alarms: readonly Alarm[];
  /** Where older ones follow. */
  readonly cursor?: string;
}

interface Listed extends Answer {
  readonly tab: ListTab;
  /** Somebody has older ones open too. */
  readonly isLonger: boolean;
}

const RETRY_MS = 3000;
const STATES: Readonly<Record<ListTab, string>> = {
  active: 'active',
  unacked: 'unacked',
  shelved: 'shelved,suppressed',
  history: 'history',
};

/** The list of a tab, as the hub last said it. */
export const listed = signal<Listed | undefined>(undefined);

const turns = new Turns();
let opened: ListTab | undefined;
let stopRetry = () => {};

/** A tab is looked at, or something has changed in it. Asks until there is an answer, or nobody looks any more. */
export async function openList(tab: ListTab): Promise<void> {
  stopRetry();
  if (tab !== opened) listed.value = undefined;
  opened = tab;
  const mayShow = turns.take();
  try {
    const found = await askFor(tab);
    if (opened === tab && mayShow()) show(tab, found);
  } catch {
    if (opened === tab) stopRetry = after(RETRY_MS, () => void openList(tab));
  }
}

export function closeList(): void {
  stopRetry();
  opened = undefined;
  listed.value = undefined;
}

export async function loadOlder(): Promise<void> {
  const from = listed.peek();
  if (from?.cursor === undefined) return;
  try {
    const found = await askFor(from.tab, from.cursor);
    const held = listed.peek();
    // The list has changed meanwhile, or was asked twice: these do not follow its end any more.
    if (held?.tab !== from.tab || held.cursor !== from.cursor) return;
    listed.value = { ...found, tab: held.tab, alarms: [...held.alarms, ...found.alarms], isLonger: true };
  } catch (error) {
    say(ta('failed', { why: whyNot(error) }));
  }
}

/** What somebody has just done to one is seen in its row, also in one that the list is not asked for again. */
export function putAlarm(alarm: Alarm): void {
  const held = listed.peek();
  if (held) listed.value = { ...held, alarms: held.alarms.map((each) => (each.id === alarm.id ? alarm : each)) };
}

/** Whoever has older ones open reads there: rows change, but none comes in above them, and none goes. */
function show(tab: ListTab, found: Answer): void {
  const held = listed.peek();
  if (held?.tab !== tab || !held.isLonger) {
    listed.value = { ...found, tab, isLonger: false };
    return;
  }
  const newest = new Map(found.alarms.map((alarm) => [alarm.id, alarm]));
  listed.value = { ...held, alarms: held.alarms.map((alarm) => newest.get(alarm.id) ?? alarm) };
}

function askFor(tab: ListTab, cursor?: string): Promise<Answer> {
  const more = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
  return ask<Answer>(`/alarms?state=${STATES[tab]}&limit=${tab === 'history' ? 100 : 500}${more}`);
}
