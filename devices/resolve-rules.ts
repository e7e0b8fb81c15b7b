import { needsAck, type Rule, ruleId, toRule } from '../core/rules/rule.ts';
import type { RuleGiven } from '../core/rules/rule-schema.ts';
import { scheduleProblems, toSchedule } from '../core/rules/schedule.ts';
import type { PointSpec } from './plant-types.ts';
import { pointFinder, resolveCondition, TYPE_OF } from './resolve-condition.ts';
import type { Report } from './resolve-point.ts';

export interface AlarmList {
  readonly alarms: readonly RuleGiven[];
  /** Ids that are left out. */
  readonly without?: readonly string[];
  readonly report: Report;
}

interface Resolved {
  readonly rule: Rule;
  readonly tell: Report;
}

/** The rules of a device: a later list's replace those with the same id. One that could never fire, or that another contradicts, is reported. */
export function resolveRules(points: readonly PointSpec[], lists: readonly AlarmList[]): Rule[] {
  const rules = new Map<string, Resolved>();
  for (const list of lists) for (const each of resolveList(points, list)) rules.set(each.rule.id, each);
  const resolved = [...rules.values()];
  for (const each of resolved) checkAgainst(each, resolved);
  return resolved.map(({ rule }) => rule);
}

function resolveList(points: readonly PointSpec[], { alarms, without = [], report }: AlarmList): Resolved[] {
  const own = new Set<string>();
  return alarms.flatMap((alarm, i): Resolved[] => {
    const tell: Report = (path, ...rest) => report(['alarms', i, ...path], ...rest);
    const id = ruleId(alarm);
    if (without.includes(id)) return [];
    if (own.has(id))
      tell(alarm.id === undefined ? [] : ['id'], `there is another alarm \`${id}\``, 'give it an `id` of its own');
    own.add(id);
    checkTerms(alarm, points, tell);
    const parts = resolveCondition(alarm, points, tell);
    return parts ? [{ rule: toRule(alarm, parts), tell }] : [];
  });
}

/** What contradicts itself within one rule. */
function checkTerms(alarm: RuleGiven, points: readonly PointSpec[], tell: Report): void {
  const { latch, offDelay, schedule, suppressWhen, point = '', id } = alarm;
  if (point === '' && id === undefined && alarm.expression !== undefined)
    tell([], 'is about the device as a whole: give it an `id`');
  if (point === '' && id === 'offline') tell(['id'], '`offline` is built in', 'see `offlineAlarm`');
  if (latch && offDelay !== undefined)
    tell(['offDelay'], 'a latched alarm stays until it is reset: it has no off-delay');
  if (alarm.reAlarm && !needsAck(alarm))
    tell(['reAlarm'], 'repeats what nobody has acknowledged: it needs `ack: true`');
  checkSuppression(suppressWhen ?? [], points, tell);
  if (schedule === undefined) return;
  for (const { window, message } of scheduleProblems(toSchedule(schedule)))
    tell(['schedule', 'windows', window], message);
}

function checkSuppression(
  given: NonNullable<RuleGiven['suppressWhen']>,
  points: readonly PointSpec[],
  report: Report,
): void {
  for (const [i, { point, equals }] of given.entries()) {
    const tell: Report = (path, ...rest) => report(['suppressWhen', i, ...path], ...rest);
    const other = pointFinder(points, tell)(point, ['point']);
    if (other === undefined) continue;
    if (equals === undefined && other.kind !== 'number') tell([], `${point} is a ${other.kind}: use \`equals\``);
    if (equals !== undefined && typeof equals !== TYPE_OF[other.kind])
      tell(['equals'], `${point} is a ${other.kind} and never equals ${JSON.stringify(equals)}`);
  }
}

/** A low limit belongs below every high one of its point, and no deadband may reach from one to the other. */
function checkAgainst({ rule, tell }: Resolved, all: readonly Resolved[]): void {
  const { condition, point } = rule;
  if (condition.kind !== 'above' && condition.kind !== 'below') return;
  const opposite = condition.kind === 'above' ? 'below' : 'above';
  for (const { rule: other } of all) {
    const theirs = other.condition;
    if (other.point !== point || theirs.kind !== opposite) continue;
    const band = condition.kind === 'above' ? condition.limit - theirs.limit : theirs.limit - condition.limit;
    if (band <= 0 && condition.kind === 'below')
      tell(
        ['below'],
        `${condition.limit} is not below the limit of \`${other.id}\`, ${theirs.limit}: one of both is always active`,
      );
    if (band > 0 && condition.deadband >= band)
      tell(
        ['deadband'],
        `${condition.deadband} reaches to the limit of \`${other.id}\`: the band between both is ${round(band)} wide`,
      );
  }
}

function round(value: number): number {
  return Number(value.toPrecision(6));
}
