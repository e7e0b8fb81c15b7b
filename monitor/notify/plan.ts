import type { UnixMs } from '../../core/reading.ts';
import { type Alarm, isOver, isSilent, ruleKey } from '../alarms/alarm.ts';
import type { LogEntry } from '../alarms/stage.ts';
import { type Dispatch, flush, post } from './dispatch.ts';
import type { Draft } from './draft.ts';
import type { NoticeKind, Watch } from './notice.ts';
import type { Recipients } from './recipients.ts';

export interface Planner extends Dispatch {
  readonly recipients: Recipients;
}

/** What stood in the log for longer before it is planned is history, and what ended longer ago. */
const OLD_MS = 600_000;
/** What stood in the log for longer is told to nobody: notifications were switched off. */
export const FORGOTTEN_MS = 86_400_000;

/** What follows from changes of the desk, in their order, at one instant of the hub's clock. */
export function planChanges(draft: Draft, planner: Planner, changes: readonly LogEntry[], now: UnixMs): void {
  for (const change of changes) {
    planChange(draft, planner, change, now);
    draft.cursor = change.n + 1;
  }
  flush(draft, planner, now);
}

/** What follows from time alone: messages that have waited, steps of the escalation. */
export function planTime(draft: Draft, planner: Planner, now: UnixMs): void {
  const { escalation } = planner.settings;
  if (escalation.length > 0) {
    for (const key of draft.watchKeys()) {
      const watch = draft.watch(key);
      if (watch && isEscalating(watch, planner)) escalate(draft, planner, key, watch, now);
    }
  }
  flush(draft, planner, now);
}

function isEscalating({ alarm, since }: Watch, { isBehind }: Planner): boolean {
  // That it ended may be among what is still on its way.
  if (isHistory(alarm) && isBehind(alarm.gateway)) return false;
  return since !== null && (alarm.active || alarm.flapping) && !alarm.acknowledged && !isSilent(alarm);
}

function escalate(draft: Draft, planner: Planner, key: string, watch: Watch, now: UnixMs): void {
  const { escalation } = planner.settings;
  let { step } = watch;
  const names: string[] = [];
  for (; step < escalation.length && now - (watch.since ?? now) >= (escalation[step]?.after ?? 0); step++) {
    names.push(...planner.recipients.step(step, watch.alarm, now));
  }
  if (step === watch.step) return;
  const known = { ...watch.flapTold, ...watch.told };
  const fresh = [...new Set(names)].filter((name) => known[name] === undefined);
  const told = tell(draft, planner, fresh, 'escalated', watch, now);
  const also = watch.alarm.flapping
    ? { flapTold: { ...watch.flapTold, ...told } }
    : { told: { ...watch.told, ...told } };
  draft.watches.set(key, { ...watch, step, ...also });
}

function planChange(draft: Draft, planner: Planner, change: LogEntry, now: UnixMs): void {
  const { what, alarm, n } = change;
  const key = ruleKey(alarm);
  const lag = now - alarm.updatedAt;
  if (lag > FORGOTTEN_MS) {
    if (draft.watch(key)) draft.watches.set(key, undefined);
    return;
  }
  const held = draft.watch(key);
  const watch = carryOn(held, alarm, n);
  const isPast = what === 'cleared' && now - change.at > OLD_MS;
  const isOld = isHistory(alarm) || isPast || lag > OLD_MS;
  const next = stepWatch(draft, planner, { what, watch, isOld, now });
  const isDone = isOver(next.alarm) && !next.alarm.flapping;
  if (!isDone) draft.watches.set(key, next);
  else if (held) draft.watches.set(key, undefined);
}

function isHistory({ late, standing = false }: Alarm): boolean {
  return late && !standing;
}

/** A new occurrence was told to nobody; chattering belongs to the rule. */
function carryOn(held: Watch | undefined, alarm: Alarm, n: number): Watch {
  const flapTold = alarm.flapping ? (held?.flapTold ?? {}) : {};
  if (held && held.alarm.id === alarm.id) return { ...held, alarm, n };
  const chatters = held !== undefined && Object.keys(flapTold).length > 0;
  const since = chatters ? held.since : null;
  return { alarm, n, since, step: chatters ? held.step : 0, told: {}, flapTold };
}

interface Change {
  readonly what: LogEntry['what'];
  readonly watch: Watch;
  readonly isOld: boolean;
  readonly now: UnixMs;
}

function stepWatch(draft: Draft, planner: Planner, { what, watch, isOld, now }: Change): Watch {
  const followUp = (kind: NoticeKind, to: Watch['told'], asHistory = false) => {
    const names = Object.keys(to).filter((name) => wants(planner, name, kind));
    return tell(draft, planner, names, kind, { ...watch, told: to }, now, asHistory);
  };
  switch (what) {
    case 'raised':
    case 'flapping':
    case 'unshelved':
    case 'unsuppressed':
    case 'in-service':
      return announce(draft, planner, watch, isOld, now);
    case 'cleared':
      return { ...watch, told: { ...watch.told, ...followUp('cleared', watch.told, isOld) } };
    case 'acked':
      followUp('acknowledged', { ...watch.flapTold, ...watch.told });
      return watch;
    case 're-alarm':
      if (isOld || watch.since === null) return watch;
      return again(draft, planner, watch, now);
    case 'settled': {
      const told = followUp('settled', watch.flapTold);
      return { ...watch, flapTold: {}, told: watch.alarm.active ? { ...watch.told, ...watch.flapTold, ...told } : {} };
    }
    default:
      return watch;
  }
}

/** Tells of an alarm that stands and of which nobody was told: new, or no longer silenced. */
function announce(draft: Draft, planner: Planner, watch: Watch, isOld: boolean, now: UnixMs): Watch {
  const { alarm } = watch;
  const wasTold = alarm.flapping ? Object.keys(watch.flapTold).length > 0 : watch.since !== null;
  if (wasTold || isSilent(alarm) || !(alarm.active || alarm.flapping) || alarm.ackedBy !== undefined) return watch;
  const names = planner.recipients.first(alarm, now);
  const told = tell(draft, planner, names, alarm.flapping ? 'flapping' : 'raised', watch, now, isOld);
  const step = planner.settings.escalation[0]?.after === 0 ? 1 : 0;
  return { ...watch, since: now, step, ...(alarm.flapping ? { flapTold: told } : { told }) };
}

/** Nobody has looked at it: whoever was told, and who is on call by now. */
function again(draft: Draft, planner: Planner, watch: Watch, now: UnixMs): Watch {
  const names = new Set([...Object.keys(watch.told), ...planner.recipients.first(watch.alarm, now)]);
  const told = tell(draft, planner, [...names], 're-alarm', watch, now);
  return { ...watch, told: { ...watch.told, ...told } };
}

function tell(
  draft: Draft,
  planner: Planner,
  names: readonly string[],
  what: NoticeKind,
  { alarm, n, told }: Watch,
  now: UnixMs,
  isOld = false,
): Record<string, string> {
  const ids: Record<string, string> = {};
  for (const name of names) {
    if (planner.settings.receivers[name] === undefined) continue;
    const notice = { what, n, alarm, isOld, before: told[name] };
    ids[name] = post(draft, planner, name, notice, now);
  }
  return ids;
}

function wants(planner: Planner, receiver: string, what: NoticeKind): boolean {
  const tellThese: readonly string[] = planner.settings.receivers[receiver]?.tell ?? [];
  return what === 'settled' || tellThese.includes(what);
}
