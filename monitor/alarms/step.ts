import type { UnixMs, Value } from '../../core/reading.ts';
import { type Alarm, type Condition, type DeskChange, isOver, isSilent, type RuleName, type Terms } from './alarm.ts';

export interface Raise {
  readonly what: 'raise';
  readonly id: string;
  readonly name: RuleName & { readonly point: string };
  readonly terms: Terms;
  /** When it happened, and when the hub heard of it. */
  readonly at: UnixMs;
  readonly heardAt: UnixMs;
  readonly late: boolean;
  /** Told by the live lane, which holds what stands. */
  readonly standing?: boolean;
  readonly value?: Value;
  readonly limit?: number;
  readonly suppressed: boolean;
  readonly firstOut: boolean;
}

/** What can happen to an alarm. `now`: hub's clock. */
export type AlarmEvent =
  | Raise
  | { readonly what: 'clear'; readonly at: UnixMs; readonly now: UnixMs; readonly comment?: string }
  | { readonly what: 'suppress'; readonly on: boolean; readonly now: UnixMs }
  | { readonly what: 'tick'; readonly now: UnixMs }
  | (Asked & Command);

/** What a person can do to an alarm. */
export type Command =
  | { readonly what: 'ack' }
  | { readonly what: 'shelve'; readonly until: UnixMs | 'clear' }
  | { readonly what: 'unshelve' }
  | { readonly what: 'reset' }
  | { readonly what: 'service'; readonly on: boolean };

export interface Step {
  readonly condition: Condition | undefined;
  readonly changes: readonly DeskChange[];
  /** Occurrences that will change no more. */
  readonly filed: readonly Alarm[];
  /** Why a command does not fit; nothing has changed then. */
  readonly refused?: string;
}

/** So many activations within a minute are chattering [ISA-18.2, 16.5; IEC 62682, 16.5.7]. */
export const FLAP_COUNT = 3;
export const FLAP_WINDOW_MS = 60_000;
/** Quiet for so long: no longer chattering. */
export const SETTLE_MS = 5 * 60_000;

/**
 * The life-cycle of one alarm rule, without any time or memory of its own. Nothing happens twice: what is already so changes nothing
 * and answers with how it stands.
 */
export function stepAlarm(held: Condition | undefined, event: AlarmEvent): Step {
  if (event.what === 'raise') return raise(held, event);
  if (!held) return { condition: undefined, changes: [], filed: [] };
  switch (event.what) {
    case 'clear':
      return clear(held, event);
    case 'suppress':
      return suppress(held, event.on, event.now);
    case 'tick':
      return tick(held, event.now);
    default:
      return command(held, event);
  }
}

function raise(held: Condition | undefined, event: Raise): Step {
  // Whoever holds it as active is told nothing new.
  if (held?.alarm.active) return suppress(held, event.suppressed, event.heardAt);
  const recent = (held?.activations ?? []).filter((at) => at > event.at - FLAP_WINDOW_MS);
  const activations = [...recent, event.at].slice(-FLAP_COUNT);
  const starts = activations.length >= FLAP_COUNT && !held?.alarm.flapping;
  const alarm = newOccurrence(held, event, starts);
  const changes: DeskChange[] = [{ what: 'raised', alarm, at: event.at }];
  if (starts) changes.push({ what: 'flapping', alarm, at: event.at });
  // What nobody acknowledged before it came again is history: one line on the desk for one rule.
  const filed = held && !held.filed ? [held.alarm] : [];
  return {
    condition: {
      ...{ alarm, terms: event.terms, toldAt: event.heardAt, activations, filed: false },
      ...(event.suppressed ? { unheard: true } : {}),
    },
    changes,
    filed,
  };
}

function newOccurrence(held: Condition | undefined, event: Raise, flaps: boolean): Alarm {
  const { id, name, terms, at, heardAt, late, standing = false, value, limit, suppressed, firstOut } = event;
  const { priority, text, action, cause, url, group, latch, ack } = terms;
  const before = held?.alarm;
  return {
    ...{ id, ...name, priority, text, action, raisedAt: at, active: true, acknowledged: !ack },
    ...(cause ? { cause } : {}),
    ...(url === undefined ? {} : { url }),
    ...(terms.class === undefined ? {} : { class: terms.class }),
    ...(value === undefined ? {} : { raisedValue: value }),
    ...(limit === undefined ? {} : { limit }),
    ...(group === undefined ? {} : { group }),
    ...(firstOut ? { firstOut } : {}),
    ...(before?.shelvedUntil === undefined ? {} : { shelvedUntil: before.shelvedUntil }),
    ...(before?.shelvedBy === undefined ? {} : { shelvedBy: before.shelvedBy }),
    ...(before?.shelvedAt === undefined ? {} : { shelvedAt: before.shelvedAt }),
    suppressed,
    outOfService: before?.outOfService ?? false,
    latched: latch,
    flapping: flaps || (before?.flapping ?? false),
    reAlarms: 0,
    late,
    ...(late && standing ? { standing } : {}),
    updatedAt: heardAt,
  };
}

function clear(held: Condition, event: { at: UnixMs; now: UnixMs; comment?: string }): Step {
  if (!held.alarm.active) return same(held);
  const alarm: Alarm = { ...held.alarm, active: false, clearedAt: event.at, updatedAt: event.now };
  const note = event.comment === undefined ? {} : { comment: event.comment };
  const changes: DeskChange[] = [{ what: 'cleared', alarm, at: event.at, ...note }];
  let now = alarm;
  const then = (what: DeskChange['what'], update: Partial<Alarm>) => {
    now = { ...now, ...update };
    changes.push({ what, alarm: now, at: event.now });
  };
  // What nobody was told of asks nobody to acknowledge it.
  if (alarm.suppressed)
    then('unsuppressed', { suppressed: false, acknowledged: alarm.acknowledged || held.unheard === true });
  if (alarm.shelvedUntil === 'clear') {
    now = withoutShelf(now);
    then('unshelved', {});
  }
  return next(held, now, changes);
}

function suppress(held: Condition, on: boolean, now: UnixMs): Step {
  if (held.alarm.suppressed === on || !held.alarm.active) return same(held);
  const { unheard: _, ...heard } = held;
  return one(on ? held : heard, { suppressed: on }, { what: on ? 'suppressed' : 'unsuppressed', at: now });
}

function tick(held: Condition, now: UnixMs): Step {
  let condition = held;
  const changes: DeskChange[] = [];
  const take = (step: Step) => {
    condition = step.condition ?? condition;
    changes.push(...step.changes);
  };
  const { shelvedUntil } = held.alarm;
  if (typeof shelvedUntil === 'number' && shelvedUntil <= now) {
    const alarm = { ...withoutShelf(held.alarm), updatedAt: now };
    take(next(condition, alarm, [{ what: 'unshelved', alarm, at: now }]));
  }
  if (held.alarm.flapping && now - (held.activations.at(-1) ?? 0) >= SETTLE_MS) {
    take(one(condition, { flapping: false }, { what: 'settled', at: now }));
  }
  if (isDueAgain(condition, now)) {
    take(one(condition, { reAlarms: condition.alarm.reAlarms + 1 }, { what: 're-alarm', at: now }));
    condition = { ...condition, toldAt: now };
  }
  return { condition, changes, filed: [] };
}

/** Active, told, and nobody has looked at it [OPC UA Part 9, ReAlarmTime]. */
function isDueAgain({ alarm, terms, toldAt }: Condition, now: UnixMs): boolean {
  if (terms.reAlarmMs === undefined || !alarm.active || alarm.acknowledged || isSilent(alarm)) return false;
  return alarm.reAlarms < terms.reAlarmCount && now - toldAt >= terms.reAlarmMs;
}

function command(held: Condition, event: Asked & Command): Step {
  switch (event.what) {
    case 'ack':
      return acknowledge(held, event);
    case 'shelve':
      return shelve(held, event, event.until);
    case 'unshelve':
      return unshelve(held, event);
    case 'reset':
      return reset(held, event);
    case 'service': {
      if (held.alarm.outOfService !== event.on) return same(held);
      return one(held, { outOfService: !event.on }, asked(event.on ? 'in-service' : 'out-of-service', event));
    }
  }
}

function acknowledge(held: Condition, event: Asked): Step {
  if (held.alarm.acknowledged) return same(held);
  const note = event.comment === undefined ? {} : { comment: event.comment };
  return one(held, { acknowledged: true, ackedBy: event.by, ackedAt: event.now, ...note }, asked('acked', event));
}

function shelve(held: Condition, event: Asked, until: UnixMs | 'clear'): Step {
  const { alarm, terms } = held;
  if (!terms.shelvable) return refused(held, 'its rule does not allow shelving');
  if (alarm.shelvedUntil === until) return same(held);
  if (until === 'clear' && !alarm.active) return refused(held, 'it is not active: there is no clearing to wait for');
  return one(held, { shelvedUntil: until, shelvedBy: event.by, shelvedAt: event.now }, asked('shelved', event));
}

function unshelve(held: Condition, event: Asked): Step {
  if (held.alarm.shelvedUntil === undefined) return same(held);
  const alarm = { ...withoutShelf(held.alarm), updatedAt: event.now };
  return next(held, alarm, [{ ...asked('unshelved', event), alarm }]);
}

function reset(held: Condition, event: Asked): Step {
  if (!held.alarm.latched) return same(held);
  if (held.alarm.active)
    return refused(held, 'it is still active: what is latched is reset when its condition is over');
  return one(held, { latched: false }, asked('reset', event));
}

interface Asked {
  readonly now: UnixMs;
  readonly by: string;
  readonly comment?: string;
}

function asked(what: DeskChange['what'], { now, by, comment }: Asked): Omit<DeskChange, 'alarm'> {
  return { what, at: now, by, ...(comment === undefined ? {} : { comment }) };
}

function one(held: Condition, update: Partial<Alarm>, change: Omit<DeskChange, 'alarm'>): Step {
  const alarm: Alarm = { ...held.alarm, ...update, updatedAt: change.at };
  return next(held, alarm, [{ ...change, alarm }]);
}

/** What is over goes into the history, once. */
function next(held: Condition, alarm: Alarm, changes: readonly DeskChange[]): Step {
  const files = !held.filed && isOver(alarm);
  return { condition: { ...held, alarm, filed: held.filed || files }, changes, filed: files ? [alarm] : [] };
}

function same(held: Condition): Step {
  return { condition: held, changes: [], filed: [] };
}

function refused(held: Condition, reason: string): Step {
  return { ...same(held), refused: reason };
}

function withoutShelf({ shelvedUntil: _, shelvedBy: __, shelvedAt: ___, ...alarm }: Alarm): Alarm {
  return alarm;
}
