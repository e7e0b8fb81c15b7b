import type { Outcome } from '../reading.ts';
import { type Titles, toTitles } from '../units.ts';
import type { Condition } from './condition.ts';
import { type PRIORITIES, type RULE_CLASSES, type RuleGiven, shortKind } from './rule-schema.ts';
import { type Schedule, toSchedule } from './schedule.ts';

export type Priority = (typeof PRIORITIES)[number];

export type RuleClass = (typeof RULE_CLASSES)[number];

/** A compiled formula over points; who compiles it is none of this room's business. */
export interface CompiledFormula {
  readonly inputs: readonly string[];
  evaluate(values: readonly (number | boolean)[]): Outcome;
}

/** While this holds, the alarm is suppressed by design: still evaluated and recorded, not announced [ISA-18.2, 10.6]. */
export type SuppressWhen =
  | { readonly point: string; readonly equals: number | boolean | string }
  | { readonly point: string; readonly above: number }
  | { readonly point: string; readonly below: number };

/** A rule about one point or device, all defaults filled in. Times in milliseconds. */
export interface Rule {
  /** `point/kind` or `point/id`, unique within a device. */
  readonly id: string;
  /** Empty: about the device as a whole. */
  readonly point: string;
  readonly condition: Condition;
  /** Of a condition of kind `expression`. */
  readonly formula?: CompiledFormula;
  readonly onDelayMs: number;
  readonly offDelayMs?: number;
  readonly priority: Priority;
  readonly text: Titles;
  readonly action: Titles;
  readonly cause?: Titles;
  readonly url?: string;
  readonly class?: RuleClass;
  /** Stays, for people, until it is reset: the desk holds it, the edge goes on telling what the process does. */
  readonly latch?: boolean;
  /** Has somebody to say that he has seen it? */
  readonly ack?: boolean;
  readonly reAlarmMs?: number;
  readonly reAlarmCount?: number;
  readonly shelvable?: boolean;
  /** Of these the desk remembers which came first. */
  readonly group?: string;
  readonly schedule?: Schedule;
  readonly suppressWhen?: readonly SuppressWhen[];
}

/** What is resolved where the points are known. */
export interface RuleParts {
  readonly condition: Condition;
  readonly formula?: CompiledFormula;
}

export function toRule(given: RuleGiven, { condition, formula }: RuleParts): Rule {
  const { point = '', priority, schedule, reAlarm } = given;
  return {
    id: ruleId(given),
    point,
    condition,
    onDelayMs: given.onDelay ?? 0,
    priority,
    text: toTitles(given.text),
    action: toTitles(given.action),
    ack: needsAck(given),
    shelvable: given.shelvable,
    ...defined({
      formula,
      offDelayMs: given.offDelay,
      cause: given.cause === undefined ? undefined : toTitles(given.cause),
      url: given.url,
      class: given.class,
      latch: given.latch || undefined,
      reAlarmMs: reAlarm?.every,
      reAlarmCount: reAlarm?.count,
      group: given.group,
      schedule: schedule && toSchedule(schedule),
      suppressWhen: given.suppressWhen as SuppressWhen[] | undefined,
    }),
  };
}

/** What is low tells itself, unless it says otherwise. */
export function needsAck({ ack, priority }: RuleGiven): boolean {
  return ack ?? priority !== 'low';
}

/** `device/…` for what is about a device as a whole. */
export function ruleId({ point = 'device', id, ...given }: RuleGiven): string {
  return `${point}/${id ?? shortKind(given)}`;
}

function defined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}
