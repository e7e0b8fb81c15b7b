import type { UnixMs } from '../../core/reading.ts';
import type { Priority } from '../../core/rules/rule.ts';
import { type Alarm, isSilent } from './alarm.ts';

export const LIST_STATES = ['active', 'unacked', 'shelved', 'suppressed', 'history'] as const;
export type ListState = (typeof LIST_STATES)[number];

/** What a list of alarms is narrowed to; what is left out narrows nothing. */
export interface AlarmFilter {
  readonly gateway?: string | undefined;
  /** Of one of these. */
  readonly gateways?: readonly string[] | undefined;
  readonly device?: string | undefined;
  readonly priority?: readonly Priority[] | undefined;
  /** Raised at or after. */
  readonly from?: UnixMs | undefined;
  /** Raised before. */
  readonly to?: UnixMs | undefined;
  /** Changed at or after: also an old alarm that was cleared or acknowledged since. */
  readonly updatedFrom?: UnixMs | undefined;
}

export function fits(alarm: Alarm, filter: AlarmFilter): boolean {
  const { gateway, gateways, device, priority, from, to, updatedFrom } = filter;
  return (
    (gateways === undefined || gateways.includes(alarm.gateway)) &&
    (gateway === undefined || alarm.gateway === gateway) &&
    (device === undefined || alarm.device === device) &&
    (priority === undefined || priority.includes(alarm.priority)) &&
    alarm.raisedAt >= (from ?? Number.NEGATIVE_INFINITY) &&
    alarm.raisedAt < (to ?? Number.POSITIVE_INFINITY) &&
    alarm.updatedAt >= (updatedFrom ?? Number.NEGATIVE_INFINITY)
  );
}

/** Separate lists [ISA-18.2, 11.8]: what is silenced is not among what asks for a response. */
export function isInList(alarm: Alarm, state: Exclude<ListState, 'history'>): boolean {
  switch (state) {
    case 'active':
      return (alarm.active || alarm.latched) && !isSilent(alarm);
    case 'unacked':
      return !alarm.acknowledged && !isSilent(alarm);
    case 'shelved':
      return alarm.shelvedUntil !== undefined;
    case 'suppressed':
      return alarm.suppressed || alarm.outOfService;
  }
}

const RANK: Readonly<Record<Priority, number>> = { critical: 0, high: 1, medium: 2, low: 3 };

/**
 * What nobody has seen comes first, then by priority, then the newest; what was first out stands right above what followed from it, however
 * urgent that is: who reads from the top reads the cause first.
 */
export function mostUrgentFirst(alarms: readonly Alarm[]): Alarm[] {
  const sorted = [...alarms].sort(byUrgency);
  const groupOf = ({ gateway, group }: Alarm) => (group === undefined ? undefined : `${gateway}/${group}`);
  for (const cause of sorted.filter(({ firstOut }) => firstOut)) {
    const first = sorted.findIndex((alarm) => groupOf(alarm) === groupOf(cause));
    const at = sorted.indexOf(cause);
    if (groupOf(cause) !== undefined && first < at) sorted.splice(first, 0, ...sorted.splice(at, 1));
  }
  return sorted;
}

/** Two alarms of a message: what nobody has seen, then by priority, then the newest. */
export function byUrgency(a: Alarm, b: Alarm): number {
  return (
    Number(a.acknowledged) - Number(b.acknowledged) || RANK[a.priority] - RANK[b.priority] || b.raisedAt - a.raisedAt
  );
}
