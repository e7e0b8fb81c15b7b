import type { UnixMs } from '../../core/reading.ts';
import type { Priority } from '../../core/rules/rule.ts';
import { type Alarm, ruleKey } from './alarm.ts';
import type { Raised } from './alarm-history.ts';

const MINUTE = 60_000;
export const DAY_MS = 24 * 60 * MINUTE;
/** More within ten minutes than a person can take in [ISA-18.2, 16.5; EEMUA 191]. */
const FLOOD = 10;
const WINDOW_MS = 10 * MINUTE;
const TOP = 10;

export interface Health {
  readonly from: UnixMs;
  readonly to: UnixMs;
  /** Announced in each ten minutes, oldest first; the target is one [ISA-18.2, table 5]. */
  readonly rate: number[];
  readonly announced: number;
  /** All that was raised, also what was late, shelved or suppressed. */
  readonly raised: number;
  /** Stretches of more than ten alarms in ten minutes. */
  readonly floods: { from: UnixMs; to: UnixMs; count: number }[];
  /** Active for more than a day, oldest first. */
  readonly standing: Alarm[];
  readonly chattering: Alarm[];
  /** Who raises most, their share of all, and the newest of their alarms. */
  readonly top: { rule: string; count: number; share: number; alarm?: Alarm }[];
  /** Shares of what was announced; the target is 80 % low and medium, 15 % high, 5 % critical [EEMUA 191]. */
  readonly priorities: Readonly<Record<Priority, { readonly count: number; readonly share: number }>>;
  /** `lower`: medium and low together. */
  readonly target: { readonly critical: number; readonly high: number; readonly lower: number };
  /** Medians, in ms; null where there were none. */
  readonly timeToAckMs: number | null;
  readonly timeToClearMs: number | null;
  readonly reAlarms: number;
  readonly shelved: Silenced;
  readonly suppressed: Silenced;
  readonly outOfService: Silenced;
}

interface Silenced {
  readonly count: number;
  /** Since when the one has been so that has been so for longest. */
  readonly oldest: UnixMs | null;
}

const TARGET: Health['target'] = { critical: 5, high: 15, lower: 80 };

/** How well the alarms serve, over the last day. `alarms`: all on the desk; `filed`: what went into the history in that day. */
export function toHealth(
  now: UnixMs,
  raised: readonly Raised[],
  alarms: readonly Alarm[],
  filed: readonly Alarm[],
): Health {
  const from = now - DAY_MS;
  const announced = raised.filter(({ told }) => told);
  const rate = Array.from({ length: DAY_MS / WINDOW_MS }, () => 0);
  for (const { loggedAt } of announced) {
    const index = Math.min(rate.length - 1, Math.max(0, Math.floor((loggedAt - from) / WINDOW_MS)));
    rate[index] = (rate[index] ?? 0) + 1;
  }
  const all = [...alarms, ...filed].filter(({ late }) => !late);
  return {
    ...{ from, to: now, rate, announced: announced.length, raised: raised.length },
    floods: findFloods(announced.map(({ loggedAt }) => loggedAt)),
    standing: alarms
      .filter(({ active, raisedAt }) => active && now - raisedAt > DAY_MS)
      .sort((a, b) => a.raisedAt - b.raisedAt),
    chattering: alarms.filter(({ flapping }) => flapping),
    top: topOf(raised, [...filed, ...alarms]),
    priorities: split(announced),
    target: TARGET,
    timeToAckMs: median(all.flatMap(({ ackedAt, raisedAt }) => (ackedAt === undefined ? [] : [ackedAt - raisedAt]))),
    timeToClearMs: median(
      all.flatMap(({ clearedAt, raisedAt }) => (clearedAt === undefined ? [] : [clearedAt - raisedAt])),
    ),
    reAlarms: all.reduce((sum, alarm) => sum + alarm.reAlarms, 0),
    shelved: silenced(
      alarms.filter(({ shelvedUntil }) => shelvedUntil !== undefined),
      ({ shelvedAt }) => shelvedAt,
    ),
    suppressed: silenced(
      alarms.filter((alarm) => alarm.suppressed && alarm.active),
      ({ raisedAt }) => raisedAt,
    ),
    outOfService: silenced(
      alarms.filter(({ outOfService }) => outOfService),
      ({ updatedAt }) => updatedAt,
    ),
  };
}

/** Begins with more than ten in ten minutes, ends when ten minutes hold fewer than five. */
function findFloods(times: readonly UnixMs[]): Health['floods'] {
  const sorted = [...times].sort((a, b) => a - b);
  const floods: { from: UnixMs; to: UnixMs; count: number }[] = [];
  let current: { from: UnixMs; to: UnixMs; count: number } | undefined;
  for (let start = 0, index = 0; index < sorted.length; index++) {
    const at = sorted[index] as UnixMs;
    while ((sorted[start] as UnixMs) <= at - WINDOW_MS) start++;
    const inWindow = index - start + 1;
    if (current && inWindow < FLOOD / 2) current = undefined;
    if (current) {
      current.to = at;
      current.count++;
    } else if (inWindow > FLOOD) {
      current = { from: sorted[start] as UnixMs, to: at, count: inWindow };
      floods.push(current);
    }
  }
  return floods;
}

function topOf(raised: readonly Raised[], alarms: readonly Alarm[]): Health['top'] {
  const counts = new Map<string, number>();
  for (const { rule } of raised) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  const newest = new Map(alarms.map((alarm) => [ruleKey(alarm), alarm]));
  return [...counts]
    .sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
    .slice(0, TOP)
    .map(([rule, count]) => {
      const alarm = newest.get(rule);
      return { rule, count, share: percent(count, raised.length), ...(alarm ? { alarm } : {}) };
    });
}

function split(announced: readonly Raised[]): Health['priorities'] {
  const share = (priority: Priority) => {
    const count = announced.filter((each) => each.priority === priority).length;
    return { count, share: percent(count, announced.length) };
  };
  return { critical: share('critical'), high: share('high'), medium: share('medium'), low: share('low') };
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((1000 * part) / whole) / 10;
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

function silenced(alarms: readonly Alarm[], since: (alarm: Alarm) => UnixMs | undefined): Silenced {
  const times = alarms.map((alarm) => since(alarm) ?? alarm.updatedAt);
  return { count: alarms.length, oldest: times.length === 0 ? null : Math.min(...times) };
}
