import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../core/clock.ts';
import { askControl, streamControl } from '../core/control-socket.ts';
import { Fault } from '../core/faults.ts';
import { quietLog } from '../core/log.ts';
import { openJournal } from '../gateway/journal/open-journal.ts';
import { journalControl } from '../gateway/journal-control.ts';
import { defaultJournalSettings } from '../gateway/journal-settings.ts';

type Handlers = ReturnType<typeof journalControl>;
type Parts = AsyncIterable<string | Uint8Array>;
/** Nobody takes back what this process asks itself. */
const NEVER = new AbortController().signal;

export const DEFAULT_GATEWAY_DATA = '/var/lib/sluice';

/** Asks the running gateway; of a stopped one the journal is opened, only to look. */
export async function askGateway<T>(
  dataDir: string,
  verb: string,
  body: object = {},
  signal?: AbortSignal,
): Promise<T> {
  const running = await askControl<T>(join(dataDir, 'control.sock'), verb, body, signal);
  if (running !== undefined) return running;
  return withJournal(dataDir, async (handlers) => (await handlers[verb]?.(body, NEVER)) as T);
}

/** The same for an answer that comes in parts: `use` reads it while the journal is open. */
export async function streamGateway(
  dataDir: string,
  verb: string,
  body: object,
  use: (parts: Parts) => Promise<void>,
): Promise<void> {
  const running = await streamControl(join(dataDir, 'control.sock'), verb, body);
  if (running !== undefined) return use(running);
  await withJournal(dataDir, async (handlers) => use((await handlers[verb]?.(body, NEVER)) as Parts));
}

async function withJournal<T>(dataDir: string, work: (handlers: Handlers) => Promise<T>): Promise<T> {
  const folder = join(dataDir, 'journal');
  if (!existsSync(folder)) throw new Fault('file-missing', `${folder}: no journal here`);
  const settings = defaultJournalSettings();
  const journal = await openJournal({ folder, settings, clock: systemClock, log: quietLog, inspect: true });
  try {
    return await work(journalControl(journal, settings));
  } finally {
    await journal.close();
  }
}
