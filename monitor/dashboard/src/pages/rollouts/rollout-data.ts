import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { ask, type ConfigProblem, Refusal } from '../../data/api.ts';
import { every } from '../../data/clock.ts';
import { faultText } from '../../data/i18n.ts';
import { faultOf, session } from '../../data/store.ts';
import { Turns } from '../../data/turns.ts';
import type { MarkShape } from '../../kit/mark.tsx';
import type { DocumentHead } from '../documents/document-api.ts';
import type { DiffLine } from '../gateways/config-data.ts';
import { tr } from './texts.ts';

export type RolloutState = 'running' | 'paused' | 'halted' | 'stopped' | 'done' | 'reverting' | 'reverted';
export const MEMBER_STATES = [
  ...(['failed', 'sent', 'soaking', 'reverting', 'waiting'] as const),
  ...(['good', 'reverted', 'kept', 'skipped', 'same'] as const),
];
export type MemberState = (typeof MEMBER_STATES)[number];
export type Failure = 'refused' | 'returned' | 'away' | 'down' | 'replaced' | 'unfit' | 'later';
export type Turn = 'pause' | 'resume' | 'stop' | 'revert';

export interface RolloutHead {
  readonly id: number;
  readonly name: string;
  readonly group: string;
  readonly state: RolloutState;
  readonly since: number;
  readonly why: 'failures' | 'restored' | null;
  readonly by: string;
  readonly madeAt: number;
  readonly count: Readonly<Partial<Record<MemberState, number>>>;
  /** Those that count. */
  readonly failures: number;
}

export interface Member {
  readonly gateway: string;
  readonly ring: number;
  readonly state: MemberState;
  readonly since: number;
  readonly was: number | null;
  readonly version: number | null;
  readonly reason: Failure | null;
  readonly detail: string | null;
  readonly accepted: boolean;
}

export interface Rollout extends RolloutHead {
  readonly change: string;
  readonly rings: readonly string[];
  readonly soakMs: number;
  readonly tolerance: number;
  readonly whenAway: 'wait' | 'skip';
  readonly members: readonly Member[];
}

export interface Planned {
  readonly gateway: string;
  readonly ring: number | null;
  readonly there: boolean;
  readonly problems: readonly ConfigProblem[];
  readonly lines: readonly DiffLine[];
}

export interface Group {
  readonly name: string;
  readonly gateways: readonly string[];
  readonly sites: readonly string[];
}

export const GROUP_KIND = 'gateway-group';

/** What a person may do in a state. */
export const TURNS: Readonly<Record<RolloutState, readonly Turn[]>> = {
  running: ['pause', 'stop', 'revert'],
  paused: ['resume', 'stop', 'revert'],
  halted: ['resume', 'stop', 'revert'],
  stopped: ['revert'],
  done: ['revert'],
  reverting: ['stop'],
  reverted: [],
};

export const ROLLOUT_MARK: Readonly<Record<RolloutState, readonly [MarkShape, string]>> = {
  running: ['ring', 'quiet'],
  paused: ['ring', 'quiet'],
  halted: ['triangle', 'high'],
  stopped: ['circle', 'quiet'],
  done: ['circle', 'quiet'],
  reverting: ['ring', 'quiet'],
  reverted: ['circle', 'quiet'],
};

export function memberMark({ state, accepted }: Member): readonly [MarkShape, string] {
  if (state === 'failed') return accepted ? ['triangle', 'quiet'] : ['triangle', 'high'];
  return state === 'good' || state === 'same' || state === 'reverted' ? ['circle', 'quiet'] : ['ring', 'quiet'];
}

const LOOK_EVERY_MS = 1500;

interface Followed<T> {
  readonly is: T | undefined;
  readonly problem: string;
  readonly reload: () => void;
}

/** An answer of the hub, asked for again and again while it is looked at. */
export function useFollowed<T>(path: string): Followed<T> {
  const held = useSignal<Omit<Followed<T>, 'reload'>>({ is: undefined, problem: '' });
  const turns = useMemo(() => new Turns(), []);
  const reload = () => {
    const mayShow = turns.take(path);
    ask<T>(path).then(
      (is) => {
        if (mayShow()) held.value = { is, problem: '' };
      },
      (error: unknown) => {
        if (mayShow()) held.value = { is: held.value.is, problem: whyNot(error) };
      },
    );
  };
  useEffect(() => {
    reload();
    return every(LOOK_EVERY_MS, reload);
  }, [path]);
  return { ...held.value, reload };
}

export function useGroups(): Followed<{ readonly documents: readonly DocumentHead[] }> {
  return useFollowed(`/documents/${GROUP_KIND}`);
}

export function whyNot(error: unknown): string {
  if (!(error instanceof Refusal)) return tr('unreachable');
  const { text } = faultText(error.code, faultOf(error.code));
  const detail = error.problems.length === 0 ? error.detail : undefined;
  return detail ? `${text}: ${detail}` : text;
}

/** Groups and rollouts go across sites. */
export function mayRoll(): boolean {
  const held = session.value;
  return held.state === 'in' && held.me.role === 'admin' && held.me.sites === null;
}

export function seesRollouts(): boolean {
  const held = session.value;
  return held.state === 'in' && held.me.sites === null;
}
