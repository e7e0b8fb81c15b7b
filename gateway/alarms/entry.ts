import { othersOf } from '../../core/rules/condition.ts';
import type { Lookup } from '../../core/rules/judge.ts';
import type { Rule } from '../../core/rules/rule.ts';
import { isActive, NORMAL, type RuleState } from '../../core/rules/step.ts';
import type { DeviceSpec } from '../../devices/plant-types.ts';

/** A device as its rules see it. */
export interface WatchedDevice {
  readonly spec: DeviceSpec;
  readonly of: Lookup;
  readonly entries: readonly Entry[];
  /** The rules that look at a point, whether it is their own or another. */
  readonly byPoint: ReadonlyMap<string, readonly Entry[]>;
  /** Undefined before its first answer or fault. */
  online: boolean | undefined;
  /** In ticks. */
  onlineSince: number;
}

/** A rule at work. */
export interface Entry {
  readonly rule: Rule;
  readonly device: string;
  state: RuleState;
  /** As it was told last. */
  suppressed: boolean;
  /** What `suppressWhen` came to when its points could be judged last. */
  muted: boolean;
}

export function watchDevice(spec: DeviceSpec, of: Lookup): WatchedDevice {
  const entries = spec.rules.map((rule): Entry => {
    return { rule, device: spec.name, state: NORMAL, suppressed: false, muted: false };
  });
  const byPoint = new Map<string, Entry[]>();
  for (const entry of entries) {
    for (const name of pointsOf(entry.rule)) byPoint.set(name, [...(byPoint.get(name) ?? []), entry]);
  }
  return { spec, of, entries, byPoint, online: undefined, onlineSince: 0 };
}

function pointsOf({ point, condition, suppressWhen = [] }: Rule): ReadonlySet<string> {
  return new Set([point, ...othersOf(condition), ...suppressWhen.map((when) => when.point)]);
}

/** Can this rule change although nothing of it is read? */
export function needsTime({ rule, state }: Entry): boolean {
  const { kind } = rule.condition;
  if (kind === 'stale' || kind === 'line') return true;
  if (state.state === 'waiting' || state.state === 'leaving') return true;
  return isActive(state) && (kind === 'offline' || rule.schedule !== undefined);
}
