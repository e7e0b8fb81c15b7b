import { z } from 'zod';
import { isoTime } from '../../core/clock.ts';
import { csvLine } from '../../core/csv.ts';
import type { Alarm } from '../alarms/alarm.ts';

const titles = z.object({ en: z.string().optional(), ko: z.string().optional() });
const scalar = z.union([z.number(), z.boolean(), z.string()]);

/** One occurrence, as `monitor/alarms/alarm.ts` has it. */
export const alarmSchema = z.object({
  id: z.string(),
  gateway: z.string(),
  device: z.string().describe("'' for the gateway itself"),
  rule: z.string(),
  point: z.string().describe("'' for the device as a whole"),
  priority: z.enum(['critical', 'high', 'medium', 'low']),
  text: titles,
  action: titles,
  cause: titles.optional(),
  url: z.string().optional(),
  class: z.string().optional(),
  raisedAt: z.number(),
  raisedValue: scalar.optional(),
  limit: z.number().optional(),
  clearedAt: z.number().optional(),
  active: z.boolean(),
  acknowledged: z.boolean().describe('true from the start where the rule asks for none'),
  ackedBy: z.string().optional(),
  ackedAt: z.number().optional(),
  comment: z.string().optional(),
  shelvedUntil: z.union([z.number(), z.literal('clear')]).optional(),
  shelvedBy: z.string().optional(),
  shelvedAt: z.number().optional(),
  suppressed: z.boolean(),
  outOfService: z.boolean(),
  latched: z.boolean(),
  flapping: z.boolean(),
  reAlarms: z.number().int(),
  firstOut: z.boolean().optional(),
  group: z.string().optional(),
  late: z.boolean().describe('older than ten minutes when the hub first heard of it'),
  updatedAt: z.number(),
});

export const changeSchema = z.object({
  n: z.number().int(),
  what: z.string(),
  at: z.number(),
  by: z.string().optional(),
  comment: z.string().optional(),
});

const silenced = z.object({ count: z.number().int(), oldest: z.number().nullable() });
const share = z.object({ count: z.number().int(), share: z.number() });

/** As `monitor/alarms/kpi.ts` has it. */
export const healthSchema = z.object({
  from: z.number(),
  to: z.number(),
  rate: z.array(z.number()).describe('announced in each ten minutes, oldest first; the target is one'),
  announced: z.number().int(),
  raised: z.number().int().describe('also what was late, shelved or suppressed'),
  floods: z.array(z.object({ from: z.number(), to: z.number(), count: z.number().int() })),
  standing: z.array(alarmSchema).describe('active for more than a day'),
  chattering: z.array(alarmSchema),
  top: z.array(
    z.object({ rule: z.string(), count: z.number().int(), share: z.number(), alarm: alarmSchema.optional() }),
  ),
  priorities: z
    .object({ critical: share, high: share, medium: share, low: share })
    .describe('percent of what was announced'),
  target: z
    .object({ critical: z.number(), high: z.number(), lower: z.number() })
    .describe('percent; lower: medium and low'),
  timeToAckMs: z.number().nullable().describe('median'),
  timeToClearMs: z.number().nullable().describe('median'),
  reAlarms: z.number().int(),
  shelved: silenced,
  suppressed: silenced,
  outOfService: silenced,
});

const COLUMNS = [
  ...['id', 'gateway', 'device', 'point', 'rule', 'priority', 'text_en', 'text_ko', 'raised', 'value', 'cleared'],
  ...[
    'active',
    'acknowledged',
    'acked_by',
    'acked',
    'comment',
    'shelved_until',
    'suppressed',
    'out_of_service',
    'late',
  ],
];

export function alarmsCsv(alarms: readonly Alarm[]): string {
  const rows = alarms.map((alarm) => csvLine(cellsOf(alarm)));
  return [csvLine(COLUMNS), ...rows].join('');
}

function cellsOf(alarm: Alarm): string[] {
  const { shelvedUntil } = alarm;
  return [
    ...[alarm.id, alarm.gateway, alarm.device, alarm.point, alarm.rule, alarm.priority],
    ...[alarm.text.en ?? '', alarm.text.ko ?? '', isoTime(alarm.raisedAt), String(alarm.raisedValue ?? '')],
    ...[time(alarm.clearedAt), String(alarm.active), String(alarm.acknowledged), alarm.ackedBy ?? ''],
    ...[time(alarm.ackedAt), alarm.comment ?? '', shelvedUntil === 'clear' ? 'clear' : time(shelvedUntil)],
    ...[String(alarm.suppressed), String(alarm.outOfService), String(alarm.late)],
  ];
}

function time(at: number | undefined): string {
  return at === undefined ? '' : isoTime(at);
}
