import { z } from 'zod';
import { parseTime } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { UnixMs } from '../../core/reading.ts';
import { parseDuration } from '../../core/units.ts';
import type { Span } from '../archive/history.ts';
import { DAY_MS } from '../local-days.ts';

/** 2200-01-01: no stamp of a reading lies beyond. */
const END_OF_TIME: UnixMs = 7_258_118_400_000;

export const instant = z
  .string()
  .meta({ description: 'Unix milliseconds, or ISO 8601' })
  .transform((text, context) => {
    const at = parseTime(text);
    if (at === undefined) context.addIssue({ code: 'custom', message: 'expected Unix milliseconds or ISO 8601' });
    return at ?? 0;
  });

/** A duration of at least a millisecond. */
export const stepMs = z
  .string()
  .meta({ description: 'a duration such as 10s, 1m, 1h, 1d, or milliseconds' })
  .transform((text, context) => {
    const ms = /^\d+$/.test(text) ? Number(text) : parseDuration(text);
    if (ms === undefined || ms < 1) context.addIssue({ code: 'custom', message: 'expected a duration such as 1m' });
    return Math.round(ms ?? 0);
  });

/** The span asked for; left out: the day before `to`, and until now. Throws Fault request-invalid with every reason. */
export function checkedSpan(
  given: { readonly from?: UnixMs | undefined; readonly to?: UnixMs | undefined },
  now: UnixMs,
): Span {
  const to = given.to ?? now;
  const from = given.from ?? to - DAY_MS;
  const problems = [
    ...(['from', 'to'] as const)
      .filter((end) => given[end] !== undefined && (given[end] < 0 || given[end] > END_OF_TIME))
      .map((end) => `query.${end}: expected a time between 1970 and 2200`),
    ...(to < from ? ['query.to: lies before query.from'] : []),
  ];
  if (problems.length > 0) throw new Fault('request-invalid', problems.join('; '));
  return { from, to };
}
