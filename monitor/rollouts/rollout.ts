import type { GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import type { UnixMs } from '../../core/reading.ts';
import type { ConfigPhase } from '../fleet/config-phase.ts';

/**
 * `halted`: too many failures, or the hub was restored; it can go on. `stopped`: by a person, for good. `reverting`, `reverted`: what was
 * changed gets its former configuration again.
 */
export const ROLLOUT_STATES = ['running', 'paused', 'halted', 'stopped', 'done', 'reverting', 'reverted'] as const;
export type RolloutState = (typeof ROLLOUT_STATES)[number];

/**
 * `waiting`: its ring's turn, or the gateway, has not come; `same`: nothing to change; `skipped`: away when its turn came; `sent`: it was
 * given a version; `soaking`: confirmed, and watched; `good`; `failed`; `kept`: not seen taken back, for its reason.
 */
export const MEMBER_STATES = [
  'waiting',
  'same',
  'skipped',
  'sent',
  'soaking',
  'good',
  'failed',
  'reverting',
  'reverted',
  'kept',
] as const;
export type MemberState = (typeof MEMBER_STATES)[number];

/** Why a gateway failed, or was kept as it is. */
export const FAILURES = ['refused', 'returned', 'away', 'down', 'replaced', 'unfit', 'later'] as const;
export type Failure = (typeof FAILURES)[number];

export interface Member {
  readonly gateway: GatewayId;
  readonly ring: number;
  readonly state: MemberState;
  /** Of the state; hub's clock. */
  readonly since: UnixMs;
  /** What was wanted of it before, and the one version that this rollout gave it. */
  readonly was?: number | undefined;
  readonly version?: number | undefined;
  readonly reason?: Failure | undefined;
  readonly detail?: string | undefined;
  /** A person went on in spite of it: it counts no more. */
  readonly isAccepted?: boolean | undefined;
  /** Devices and lines that were down before. */
  readonly down?: readonly string[] | undefined;
}

export interface RolloutTerms {
  readonly name: string;
  /** Id of the group, as it was named then. */
  readonly group: string;
  /** As it was written. */
  readonly change: string;
  readonly rings: readonly string[];
  /** How long a gateway is watched after it has confirmed, in ms. */
  readonly soakMs: number;
  /** So many gateways may fail; one more halts it. */
  readonly tolerance: number;
  /** What becomes of a gateway that is away when its turn comes. */
  readonly whenAway: 'wait' | 'skip';
}

export interface Rollout extends RolloutTerms {
  readonly id: number;
  readonly by: string;
  readonly madeAt: UnixMs;
  readonly state: RolloutState;
  readonly since: UnixMs;
  readonly why: 'failures' | 'restored' | null;
  /** In the order of their turns. */
  readonly members: readonly Member[];
}

/** What is seen of a gateway now. */
export interface Seen {
  readonly phase: ConfigPhase;
  /** The newest that is wanted of it. */
  readonly version: number;
  /** For how long it is not connected, in ms; undefined if it is. */
  readonly awayMs: number | undefined;
  /** Devices and lines that are down. */
  readonly down: readonly string[];
}

export type RolloutStep =
  | { readonly step: 'send' | 'revert'; readonly member: Member }
  | { readonly step: 'mark'; readonly member: Member; readonly to: Partial<Member> & Pick<Member, 'state'> }
  | { readonly step: 'turn'; readonly to: RolloutState; readonly why: Rollout['why'] };

/** A change may cut the link for a moment: only who stays away has failed. */
const AWAY_MS = 60_000;

const OWN_FILE = 'its own file owns its lines and devices now';

/** What comes next. Pure: whoever carries it out asks again afterwards. */
export function nextSteps(rollout: Rollout, see: (gateway: GatewayId) => Seen, now: UnixMs): readonly RolloutStep[] {
  if (rollout.state === 'reverting') return revertSteps(rollout, see);
  const marks = rollout.members.flatMap((member): RolloutStep[] => {
    const to = judge(member, see(member.gateway), rollout, now);
    return to ? [{ step: 'mark', member, to }] : [];
  });
  // One thing after the other: what was marked counts in the next look.
  if (marks.length > 0 || rollout.state !== 'running') return marks;
  if (failuresOf(rollout).length > rollout.tolerance) return [{ step: 'turn', to: 'halted', why: 'failures' }];
  const open = rollout.members.filter(({ state }) => state === 'waiting' || state === 'sent' || state === 'soaking');
  const ring = open[0]?.ring;
  if (ring === undefined) return [{ step: 'turn', to: 'done', why: null }];
  return open.flatMap((member): RolloutStep[] => {
    if (member.ring !== ring || member.state !== 'waiting') return [];
    if (see(member.gateway).awayMs === undefined) return [{ step: 'send', member }];
    return rollout.whenAway === 'skip' ? [{ step: 'mark', member, to: { state: 'skipped' } }] : [];
  });
}

/** Those that count. */
export function failuresOf({ members }: Pick<Rollout, 'members'>): readonly Member[] {
  return members.filter(({ state, isAccepted }) => state === 'failed' && !isAccepted);
}

/** Has it to be looked at again and again? */
export function isOpen({ state, members }: Rollout): boolean {
  if (state === 'done' || state === 'reverted') return false;
  return state !== 'stopped' || members.some((member) => member.state === 'sent' || member.state === 'soaking');
}

type Mark = Extract<RolloutStep, { readonly step: 'mark' }>['to'];

function judge(member: Member, seen: Seen, { soakMs }: Rollout, now: UnixMs): Mark | undefined {
  if (member.state !== 'sent' && member.state !== 'soaking') return undefined;
  const failed = (reason: Failure, detail?: string): Mark => ({ state: 'failed', reason, detail });
  if (seen.version !== member.version) return failed('replaced');
  if (seen.phase === 'refused' || seen.phase === 'returned') return failed(seen.phase);
  if (seen.phase === 'file') return failed('unfit', OWN_FILE);
  if (seen.awayMs !== undefined) return seen.awayMs > AWAY_MS ? failed('away') : undefined;
  const down = seen.down.filter((name) => !member.down?.includes(name));
  if (down.length > 0) return failed('down', down.slice(0, 10).join(', '));
  if (seen.phase !== 'applied') return undefined;
  if (member.state === 'sent') return { state: 'soaking' };
  return now - member.since >= soakMs ? { state: 'good' } : undefined;
}

function revertSteps({ members }: Rollout, see: (gateway: GatewayId) => Seen): readonly RolloutStep[] {
  const steps = members.flatMap((member): RolloutStep[] => {
    if (mayRevert(member)) return [{ step: 'revert', member }];
    const to = judgeBack(member, see(member.gateway));
    return to ? [{ step: 'mark', member, to }] : [];
  });
  const isOver = steps.length === 0 && !members.some(({ state }) => state === 'reverting');
  return isOver ? [{ step: 'turn', to: 'reverted', why: null }] : steps;
}

function judgeBack({ state, version }: Member, seen: Seen): Mark | undefined {
  if (state !== 'reverting') return undefined;
  const kept = (reason: Failure, detail?: string): Mark => ({ state: 'kept', reason, detail });
  if (seen.version !== version) return kept('replaced');
  if (seen.phase === 'applied') return { state: 'reverted', reason: undefined, detail: undefined };
  if (seen.phase === 'refused' || seen.phase === 'returned') return kept(seen.phase);
  if (seen.phase === 'file') return kept('unfit', OWN_FILE);
  // Nobody waits for it: what was saved for it reaches it whenever it returns.
  return seen.awayMs !== undefined && seen.awayMs > AWAY_MS ? kept('later') : undefined;
}

/** Was it given a version, and not yet its former one? */
function mayRevert({ state, version }: Member): boolean {
  const isGiven = state === 'sent' || state === 'soaking' || state === 'good' || state === 'failed';
  return isGiven && version !== undefined;
}
