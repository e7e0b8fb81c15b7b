import { z } from 'zod';
import { Fault } from '../../core/faults.ts';
import { bad, good, type Outcome } from '../../core/reading.ts';
import { Replay } from '../../core/rules/replay.ts';
import { duration } from '../../core/units.ts';
import { changeRule, replayable } from '../alarms/rule-replay.ts';
import { findRule } from '../alarms/terms.ts';
import type { HistoryRow } from '../archive/history.ts';
import type { HubContext } from './context.ts';
import { type AnyRoute, route } from './route.ts';

const LONGEST_MS = 92 * 86_400_000;

const bodySchema = z.object({
  gateway: z.string(),
  device: z.string(),
  rule: z.string(),
  changes: z.strictObject({
    limit: z.number().optional(),
    deadband: z.number().nonnegative().optional(),
    onDelay: duration().optional(),
    offDelay: duration().optional(),
  }),
  from: z.number().int().nonnegative().describe('Unix milliseconds'),
  to: z.number().int().nonnegative().describe('Unix milliseconds, not included'),
});

/** What another limit or delay would have meant. */
export function alarmReplayRoutes(hub: HubContext): readonly AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/alarms/replay',
      summary: 'How often a rule would have raised its alarm over stored history, as it is and as changed',
      role: 'operator',
      changes: false,
      body: bodySchema,
      answer: z.object({
        before: z.number().int(),
        after: z.number().int(),
        removed: z.number().int().describe('before less after; negative where the change adds alarms'),
        readings: z.number().int(),
      }),
      handle({ body, sees }) {
        sees.need(body.gateway);
        return replay(hub, body);
      },
    }),
  ];
}

async function replay({ points, history }: HubContext, body: z.output<typeof bodySchema>) {
  const { gateway, device, rule: id, changes, from, to } = body;
  if (to <= from) throw new Fault('request-invalid', 'body.to: lies before body.from');
  if (to - from > LONGEST_MS) throw new Fault('request-invalid', 'body.to: more than 92 days after body.from');
  const entry = findRule(points.findCatalogue(gateway), device, id);
  if (!entry) throw new Fault('not-found', `rule ${id} of ${gateway}/${device}`);
  const rule = replayable(entry);
  const point = points.find(`${gateway}/${device}/${entry.point}`);
  if (!rule || !point) throw new Fault('request-invalid', `body.rule: ${id} cannot be judged from stored readings`);
  const { onDelay: onDelayMs, offDelay: offDelayMs, ...rest } = changes;
  const changed = changeRule(rule, { ...rest, onDelayMs, offDelayMs });
  if (!changed) throw new Fault('request-invalid', `body.changes: ${id} has neither limit nor deadband`);
  const [before, after] = [new Replay(rule), new Replay(changed)];
  let readings = 0;
  for await (const rows of history.rows(point.series, { from, to })) {
    readings += rows.length;
    for (const row of rows) {
      const reading = { at: row.at, outcome: toOutcome(row) };
      before.take(reading);
      after.take(reading);
    }
  }
  const counts = { before: before.end(to).length, after: after.end(to).length };
  return { ...counts, removed: counts.before - counts.after, readings };
}

function toOutcome({ value, fault }: HistoryRow): Outcome {
  return value === null ? bad(fault ?? 'fault-unknown') : good(value);
}
