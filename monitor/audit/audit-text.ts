import { z } from 'zod';
import { isoTime } from '../../core/clock.ts';
import { csvLine } from '../../core/csv.ts';
import { Fault } from '../../core/faults.ts';
import { type AuditRow, OUTCOMES, VIAS } from './audit-row.ts';

/** One row as a line of JSON, as `sluice audit verify` reads it. */
export const auditLine = z.strictObject({
  n: z.number().int(),
  at: z.number().int().describe('Unix milliseconds, hub’s clock'),
  who: z.string(),
  via: z.enum(VIAS),
  address: z.string(),
  action: z.string(),
  object: z.string(),
  outcome: z.enum(OUTCOMES),
  of: z.number().int().optional().describe('the row whose outcome this is'),
  code: z.string(),
  detail: z.string(),
  hash: z.string(),
});

export async function* toNdjson(rows: AsyncIterable<AuditRow>): AsyncGenerator<string, void> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}

/** For people and spreadsheets: what could be a formula is made harmless, so that the hashes cannot be checked from it. */
export async function* toCsv(rows: AsyncIterable<AuditRow>): AsyncGenerator<string, void> {
  yield csvLine(['n', 'time', 'who', 'via', 'address', 'action', 'object', 'outcome', 'of', 'code', 'detail', 'hash']);
  for await (const { n, at, who, via, address, action, object, outcome, of, code, detail, hash } of rows) {
    const place = of === undefined ? '' : String(of);
    yield csvLine([String(n), isoTime(at), who, via, address, action, object, outcome, place, code, detail, hash]);
  }
}

/** Lines back to rows. Throws Fault request-invalid with the number of the line that is none. */
export async function* fromNdjson(lines: AsyncIterable<string>): AsyncGenerator<AuditRow, void> {
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    const parsed = auditLine.safeParse(jsonOf(line));
    if (!parsed.success) throw new Fault('request-invalid', `line ${number} is no row of an audit log`);
    yield { ...parsed.data, of: parsed.data.of };
  }
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
