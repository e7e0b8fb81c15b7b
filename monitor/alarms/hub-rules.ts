import type { UnixMs } from '../../core/reading.ts';
import type { GatewayLink } from '../fleet/fleet.ts';

/** What only the hub can know of a gateway. */
export const HUB_RULES = [
  'gateway/offline',
  'gateway/late',
  'gateway/buffer',
  'gateway/stuck',
  'gateway/cloned',
] as const;
export type HubRule = (typeof HUB_RULES)[number];

export interface HubRuleSettings {
  readonly offlineAfterMs: number;
  readonly lateAfterMs: number;
}

export const DEFAULT_HUB_RULES: HubRuleSettings = { offlineAfterMs: 60_000, lateAfterMs: 10 * 60_000 };

/** What is remembered of a gateway between two looks. */
export interface Watched {
  /** In this state since, hub's clock. */
  readonly state: GatewayLink['state'];
  readonly since: UnixMs;
  /** Its backlog over the last minutes, one figure a minute, oldest first. */
  readonly backlogs: readonly { readonly at: UnixMs; readonly records: number }[];
  /** The most of these since the alarm about it is active. An older and larger backlog says nothing about this one. */
  readonly peak: number;
}

/** How a rule stands; `hold`: nobody can tell, it stays as it is and is muted. */
export type Verdict =
  | { readonly rule: HubRule; readonly is: 'over' | 'hold' }
  | { readonly rule: HubRule; readonly is: 'active'; readonly at: UnixMs; readonly value?: number };

const MINUTE = 60_000;
const BACKLOG_WINDOW_MS = 10 * MINUTE;
/** Fewer records waiting are a pause, not a queue. */
const BACKLOG_LEAST = 1000;

/**
 * Judges one gateway. `isActive`: what the desk holds. A gateway that is offline answers for the alarms that hang on it: they are
 * neither raised nor ended meanwhile.
 */
export function stepGateway(
  before: Watched | undefined,
  link: GatewayLink,
  now: UnixMs,
  settings: HubRuleSettings,
  isActive: (rule: HubRule) => boolean,
): { readonly watched: Watched; readonly verdicts: readonly Verdict[] } {
  const watched = watch(before, link, now, isActive('gateway/buffer'));
  const cloned = verdict('gateway/cloned', link.cloned, now);
  const offline = watched.state === 'offline';
  if (offline) {
    const isOut = now - watched.since >= settings.offlineAfterMs;
    const children = (['gateway/late', 'gateway/buffer', 'gateway/stuck'] as const).map(
      (rule) => ({ rule, is: 'hold' }) as const,
    );
    const verdicts: Verdict[] = isOut ? [verdict('gateway/offline', true, watched.since), ...children] : [];
    return { watched, verdicts: [...verdicts, cloned] };
  }
  const isLate = watched.state === 'late' && now - watched.since >= settings.lateAfterMs;
  return {
    watched,
    verdicts: [
      verdict('gateway/offline', false, now),
      verdict('gateway/late', isLate, watched.since),
      buffer(watched, isActive('gateway/buffer'), now),
      verdict('gateway/stuck', link.stuckSince !== null, link.stuckSince ?? now),
      cloned,
    ],
  };
}

function verdict(rule: HubRule, active: boolean, at: UnixMs): Verdict {
  return active ? { rule, is: 'active', at } : { rule, is: 'over' };
}

function watch(before: Watched | undefined, link: GatewayLink, now: UnixMs, isFilling: boolean): Watched {
  const { state, backlog, lastSeen } = link;
  const begins = before?.state !== state;
  // A gateway that went away did so when it was last heard; one never heard of is missed from the first look on.
  const since = begins ? (state === 'offline' && before ? (lastSeen ?? now) : now) : before.since;
  const kept = (before?.backlogs ?? []).filter(({ at }) => at > now - BACKLOG_WINDOW_MS - MINUTE);
  const isDue = backlog !== null && state !== 'offline' && now - (kept.at(-1)?.at ?? 0) >= MINUTE;
  const backlogs = isDue ? [...kept, { at: now, records: backlog }] : kept;
  const last = backlogs.at(-1)?.records ?? 0;
  return { state, since, backlogs, peak: isFilling ? Math.max(before?.peak ?? 0, last) : last };
}

/** Grows for ten minutes without a pause although the gateway is connected; over when half of it is gone. */
function buffer({ backlogs, peak }: Watched, isActive: boolean, now: UnixMs): Verdict {
  const rule = 'gateway/buffer';
  const records = backlogs.map((each) => each.records);
  const first = backlogs[0];
  const last = records.at(-1) ?? 0;
  if (isActive)
    return last > Math.max(BACKLOG_LEAST, peak / 2)
      ? { rule, is: 'active', at: now, value: last }
      : { rule, is: 'over' };
  const grows = records.every((each, index) => index === 0 || each > (records[index - 1] ?? 0));
  const isLong = first !== undefined && now - first.at >= BACKLOG_WINDOW_MS;
  return grows && isLong && last >= BACKLOG_LEAST
    ? { rule, is: 'active', at: first.at, value: last }
    : { rule, is: 'over' };
}
