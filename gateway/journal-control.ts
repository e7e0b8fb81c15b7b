import { z } from 'zod';
import type { ControlHandler } from '../core/control-socket.ts';
import { Fault } from '../core/faults.ts';
import { countRecords, exportRecords } from './journal/export-records.ts';
import type { Journal, JournalSettings } from './journal/journal.ts';
import { summariseJournal } from './journal/journal-summary.ts';

const span = z.strictObject({ from: z.number().optional(), to: z.number().optional() });
const exportRequest = span.extend({ format: z.enum(['csv', 'ndjson']) });
export type JournalExportRequest = z.output<typeof exportRequest>;

/** What the gateway does for commands on its machine; the same handlers serve a command that has opened the journal itself. */
export function journalControl(journal: Journal, settings: JournalSettings): Readonly<Record<string, ControlHandler>> {
  return {
    'journal status': () => summariseJournal(journal, settings),
    'journal verify': () => journal.verify(),
    'journal export': async (body) => exportRecords(journal, parse(exportRequest, body)),
    'journal export-size': async (body) => ({ records: await countRecords(journal, parse(span, body)) }),
  };
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new Fault('usage', z.prettifyError(parsed.error));
  return parsed.data;
}
