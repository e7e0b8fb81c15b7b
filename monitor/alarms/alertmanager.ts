import { createHash } from 'node:crypto';
import { z } from 'zod';
import { parseTime } from '../../core/clock.ts';
import type { UnixMs } from '../../core/reading.ts';
import type { Priority } from '../../core/rules/rule.ts';
import type { Terms } from './alarm.ts';
import type { OwnInput } from './book.ts';
import { toTerms } from './terms.ts';

/** Where alarms of other systems stand among the gateways. */
export const EXTERNAL = 'external';

const MOST_ALERTS = 1000;
const labels = z.record(z.string().max(200), z.string().max(4000));
const time = z
  .string()
  .optional()
  .transform((text, context) => {
    const at = text === undefined ? undefined : parseTime(text);
    if (text !== undefined && at === undefined) context.addIssue({ code: 'custom', message: 'expected ISO 8601' });
    return at;
  });

/** The body of an Alertmanager webhook [Prometheus Alertmanager, webhook version 4]. Keys that are not listed pass. */
export const alertmanagerSchema = z.object({
  version: z.literal('4'),
  groupKey: z.string().optional(),
  receiver: z.string().optional(),
  status: z.enum(['firing', 'resolved']),
  alerts: z
    .array(
      z.object({
        status: z.enum(['firing', 'resolved']),
        labels,
        annotations: labels.default({}),
        startsAt: time,
        endsAt: time,
        generatorURL: z.string().max(4000).optional(),
        fingerprint: z.string().min(1).max(64).optional(),
      }),
    )
    .min(1)
    .max(MOST_ALERTS),
});
type Alert = z.output<typeof alertmanagerSchema>['alerts'][number];

/** What it means for the desk. An alert that is told again changes nothing; one that is resolved ends. */
export function toOwnInputs(
  { alerts }: z.output<typeof alertmanagerSchema>,
  now: UnixMs,
): readonly Omit<OwnInput, 'kind' | 'now'>[] {
  return alerts.map((alert) => {
    const { startsAt, endsAt, status } = alert;
    const name = { gateway: EXTERNAL, device: deviceOf(alert), rule: ruleOf(alert), point: '' };
    if (status === 'resolved') return { name, at: endsAt ?? now };
    return { name, at: startsAt ?? now, raise: { terms: termsOf(alert) } };
  });
}

/** Who it is about, as the usual exporters label it. */
function deviceOf({ labels: given }: Alert): string {
  return given.device ?? given.instance ?? given.host ?? given.job ?? '';
}

/** One rule at the desk for each set of labels, as Alertmanager itself tells alerts apart. */
function ruleOf({ labels: given, fingerprint }: Alert): string {
  const sorted = JSON.stringify(Object.entries(given).sort());
  const print = fingerprint ?? createHash('sha256').update(sorted).digest('hex').slice(0, 16);
  return `${given.alertname ?? 'alert'}/${print}`;
}

const PRIORITIES: Readonly<Record<string, Priority>> = {
  critical: 'critical',
  emergency: 'critical',
  page: 'high',
  high: 'high',
  error: 'high',
  major: 'high',
  low: 'low',
  info: 'low',
  none: 'low',
};

function termsOf({ labels: given, annotations, generatorURL }: Alert): Terms {
  const { priority = given.severity ?? '', alertname = 'alert' } = given;
  const { summary = alertname, description, action = description ?? '', runbook_url: runbook } = annotations;
  const url = [runbook, generatorURL].find((each) => each !== undefined && /^https?:\/\//.test(each));
  return toTerms({
    priority: PRIORITIES[priority.toLowerCase()] ?? 'medium',
    text: { en: summary.slice(0, 500) },
    action: { en: action.slice(0, 1000) },
    class: 'external',
    ...(url === undefined ? {} : { url }),
  });
}
