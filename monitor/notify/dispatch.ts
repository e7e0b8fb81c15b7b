import type { UnixMs } from '../../core/reading.ts';
import type { Alarm } from '../alarms/alarm.ts';
import { endOf, zoneOf } from './calendar.ts';
import type { Draft } from './draft.ts';
import type { Bundle, Lane, NoticeKind, Reason } from './notice.ts';
import type { NotifySettings } from './settings.ts';

/** More raised alarms than this within the time is a flood [ISA-18.2, 16.5.5]. */
const FLOOD_COUNT = 10;
const FLOOD_WINDOW_MS = 600_000;
/** What a gateway brings late is told when it has caught up and brought nothing more for so long, or at the latest after the bound. */
const LATE_SETTLE_MS = 10_000;
const LATE_BOUND_MS = 3_600_000;
/** The wall clock was set back by more: what waits for a time may wait for ever. */
const SET_BACK_MS = 1000;
/** Messages that wait for one receiver; what comes then waits for its next digest. */
export const MOST_WAITING = 50;

const LATE = 'late/';

export interface Dispatch {
  readonly settings: NotifySettings;
  readonly newId: () => string;
  /** Messages that wait for a receiver. */
  readonly waiting: (receiver: string) => number;
  /** Is a gateway still sending what is older than what counts as news? */
  readonly isBehind: (gateway: string) => boolean;
}

export interface Told {
  readonly what: NoticeKind;
  readonly n: number;
  readonly alarm: Alarm;
  /** It is history: told in a digest. */
  readonly isOld: boolean;
  /** Message in which this receiver was told of the alarm before. */
  readonly before: string | undefined;
}

interface Route {
  readonly key: string;
  readonly reason: Reason;
  readonly due: UnixMs;
}

/** Puts a notice into a message; answers its id. */
export function post(draft: Draft, around: Dispatch, receiver: string, told: Told, now: UnixMs): string {
  const { what, n, alarm } = told;
  const before = draft.lane(receiver);
  const { key, reason, due } = joined(before, told.before) ?? routeOf(before, around, receiver, told, now);
  // History and what can wait is no flood: what is raised meanwhile is told at once.
  if (isAnnouncement(what) && (reason === 'alarm' || reason === 'flood')) countRaise(draft, receiver, now);
  const lane = draft.lane(receiver);
  const open = lane.open[key];
  const bundle: Bundle = open
    ? { ...open, due, notices: open.notices + 1 }
    : { id: around.newId(), reason, since: now, due, notices: 1 };
  draft.setBundle(receiver, key, bundle);
  draft.notices.push({
    ...{ key: `${alarm.id} ${what} ${n} ${receiver}`, n, what, receiver, delivery: bundle.id, alarm, at: now },
  });
  return bundle.id;
}

/** Nobody hears of an end before the beginning. */
function joined(lane: Lane, before: string | undefined): Route | undefined {
  const found = Object.entries(lane.open).find(([, { id }]) => id === before);
  return found && { key: found[0], reason: found[1].reason, due: found[1].due };
}

function routeOf(lane: Lane, around: Dispatch, receiver: string, told: Told, now: UnixMs): Route {
  const { settings } = around;
  const { gateway, priority, group = '' } = told.alarm;
  const quiet = settings.receivers[receiver]?.quietHours;
  const until = quiet?.priorities.includes(priority) ? endOf(now, zoneOf(settings.timezone), quiet) : undefined;
  if (until !== undefined) return { key: 'quiet', reason: 'quiet', due: until };
  if (told.isOld) {
    const key = `${LATE}${gateway}`;
    const bound = (lane.open[key]?.since ?? now) + LATE_BOUND_MS;
    return { key, reason: 'late', due: Math.min(now + LATE_SETTLE_MS, bound) };
  }
  const isFlood = recent(lane, now).length >= FLOOD_COUNT && priority !== 'critical';
  if (isFlood || around.waiting(receiver) >= MOST_WAITING) {
    const due = lane.open.flood?.due ?? Math.max(now, Math.min(lane.digestAt, now) + settings.digestEvery);
    return { key: 'flood', reason: 'flood', due };
  }
  const key = `group/${gateway}/${group}`;
  return { key, reason: 'alarm', due: lane.open[key]?.due ?? groupDue(lane, key, settings, now) };
}

/** Never further off than the wait, though the wall clock was set back. */
function groupDue({ quietUntil }: Lane, key: string, { groupWait }: NotifySettings, now: UnixMs): UnixMs {
  return Math.max(now, Math.min(quietUntil[key] ?? now, now + groupWait));
}

function isAnnouncement(what: NoticeKind): boolean {
  return what === 'raised' || what === 'flapping';
}

function countRaise(draft: Draft, receiver: string, now: UnixMs): void {
  const lane = draft.lane(receiver);
  draft.lanes.set(receiver, { ...lane, raises: [...recent(lane, now), now].slice(-FLOOD_COUNT) });
}

function recent({ raises }: Lane, now: UnixMs): readonly UnixMs[] {
  return raises.filter((at) => at > now - FLOOD_WINDOW_MS && at <= now);
}

function isDue(key: string, { due, since, reason }: Bundle, { isBehind }: Dispatch, now: UnixMs): boolean {
  if (since > now + SET_BACK_MS) return true;
  if (due > now) return false;
  return reason !== 'late' || now - since >= LATE_BOUND_MS || !isBehind(key.slice(LATE.length));
}

/** Closes the messages whose time has come. */
export function flush(draft: Draft, around: Dispatch, now: UnixMs): void {
  for (const receiver of draft.laneNames()) {
    if (around.settings.receivers[receiver] === undefined) continue;
    const lane = draft.lane(receiver);
    let room = MOST_WAITING - around.waiting(receiver);
    const closing = Object.entries(lane.open).filter(([key, bundle]) => isDue(key, bundle, around, now));
    const { settings } = around;
    const ready = closing.sort(([, a], [, b]) => a.since - b.since).filter(() => room-- > 0);
    if (ready.length === 0) continue;
    const open = { ...lane.open };
    const quietUntil = Object.fromEntries(Object.entries(lane.quietUntil).filter(([, until]) => until > now));
    let { digestAt } = lane;
    for (const [key, { id, reason, notices }] of ready) {
      delete open[key];
      if (reason === 'alarm') quietUntil[key] = now + settings.groupWait;
      if (reason === 'flood') digestAt = now;
      draft.deliveries.push({ id, receiver, reason, createdAt: now, notices });
    }
    draft.lanes.set(receiver, { ...lane, open, quietUntil, digestAt });
  }
}
