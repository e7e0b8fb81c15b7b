import type { z } from 'zod';
import { type Rule, type ruleSchema, toRule } from '../core/rules/rule.ts';
import { nearest } from '../core/suggest.ts';
import type { PointSpec } from './plant-types.ts';
import type { Report } from './resolve-point.ts';

type AlarmGiven = z.output<typeof ruleSchema>;

export interface AlarmList {
  readonly alarms: readonly AlarmGiven[];
  readonly report: Report;
}

/** The rules of a device: a later list's replace those about the same point and condition. One that could never fire is reported. */
export function resolveRules(points: readonly PointSpec[], lists: readonly AlarmList[]): Rule[] {
  const rules = new Map<string, Rule>();
  for (const { alarms, report } of lists) {
    const own = new Set<string>();
    for (const [i, alarm] of alarms.entries()) {
      const tell: Report = (path, ...rest) => report(['alarms', i, ...path], ...rest);
      const point = points.find(({ name }) => name === alarm.point);
      if (point === undefined) {
        reportUnknown(alarm.point, points, tell);
        continue;
      }
      const rule = toRule(alarm);
      const { kind } = rule.condition;
      if (own.has(rule.id))
        tell([kind], `there is another alarm \`${kind}\` about ${alarm.point}: one of each is taken`);
      own.add(rule.id);
      checkCondition(alarm, point, tell);
      rules.set(rule.id, rule);
    }
  }
  return [...rules.values()];
}

function reportUnknown(name: string, points: readonly PointSpec[], tell: Report): void {
  const near = nearest(
    name,
    points.map((point) => point.name),
  );
  tell(['point'], `there is no point \`${name}\``, near && `did you mean \`${near}\`?`);
}

const TYPE_OF = { number: 'number', boolean: 'boolean', text: 'string' } as const;

function checkCondition({ equals, above, deadband }: AlarmGiven, { name, kind }: PointSpec, tell: Report): void {
  if (equals === undefined) {
    if (kind !== 'number') tell([above === undefined ? 'below' : 'above'], `${name} is a ${kind}: use \`equals\``);
    return;
  }
  if (typeof equals !== TYPE_OF[kind])
    tell(['equals'], `${name} is a ${kind} and never equals ${JSON.stringify(equals)}`);
  if (deadband > 0) tell(['deadband'], 'is for `above` and `below`');
}
