import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { valueSchema, WRITE_WAYS, type WriteOutcome, writeOutcomeSchema } from '../../cloud-sync/protocol/writes.ts';
import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import type { UnixMs } from '../../core/reading.ts';
import { replaceSynced } from '../../core/synced-files.ts';
import type { WriteOrder } from './write-order.ts';

const orderSchema = z.object({
  ...{ id: z.string(), via: z.enum(WRITE_WAYS), by: z.string(), point: z.string(), value: valueSchema },
});

/** A line of the file says what is new about one id. */
const lineSchema = z.object({
  id: z.string(),
  at: z.number().optional(),
  order: orderSchema.optional(),
  outcome: writeOutcomeSchema.optional(),
  told: z.boolean().optional(),
});
type BookLine = z.output<typeof lineSchema>;

/** What is known of a write. Without an outcome it has begun. */
export interface WriteEntry {
  readonly at: UnixMs;
  readonly order: z.output<typeof orderSchema>;
  readonly outcome?: WriteOutcome;
  /** Its outcome is in the journal. */
  readonly told?: boolean;
}

const KEPT_MS = 30 * 86_400_000;
const KEPT_AT_LEAST = 2000;

/**
 * Which writes were begun and what became of them, in one file that is only ever added to: on the disk before anything goes to a device,
 * so that none is begun twice whenever the power goes.
 */
export class WriteBook {
  readonly #handle: FileHandle;
  readonly #entries: Map<string, WriteEntry>;
  #turn: Promise<void> = Promise.resolve();

  private constructor(handle: FileHandle, entries: Map<string, WriteEntry>) {
    this.#handle = handle;
    this.#entries = entries;
  }

  /** Forgets what is older than 30 days, but for the last 2,000. */
  static async open(dataDir: string, now: UnixMs, log: Log): Promise<WriteBook> {
    const folder = join(dataDir, 'meta');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, 'writes.log');
    const all = [...(await load(file, log))];
    const kept = all.filter(([, { at }], i) => at > now - KEPT_MS || i >= all.length - KEPT_AT_LEAST);
    const lines = kept.map(([id, entry]) => `${JSON.stringify({ id, ...entry })}\n`);
    await replaceSynced(file, lines.join(''));
    return new WriteBook(await open(file, 'a', 0o600), new Map(kept));
  }

  find(id: string): WriteEntry | undefined {
    return this.#entries.get(id);
  }

  entries(): ReadonlyMap<string, WriteEntry> {
    return this.#entries;
  }

  /** On the disk when it resolves. */
  begin({ id, via, by, point, value }: WriteOrder, at: UnixMs): Promise<void> {
    return this.#add({ id, at, order: { id, via, by, point, value } }, true);
  }

  /** On the disk when it resolves; also of what was refused before it began. */
  end(order: WriteOrder, outcome: WriteOutcome, at: UnixMs): Promise<void> {
    const { id, via, by, point, value } = order;
    const known = this.#entries.has(id);
    return this.#add({ id, outcome, ...(known ? {} : { at, order: { id, via, by, point, value } }) }, true);
  }

  /** If the power goes before it is on the disk, the journal tells the outcome twice. */
  told(id: string): Promise<void> {
    return this.#add({ id, told: true }, false);
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#handle.close();
  }

  #add(line: BookLine, sync: boolean): Promise<void> {
    const turn = this.#turn.then(async () => {
      // A line that did not fit on a full disk ends where the next one begins.
      await writeAll(this.#handle, Buffer.from(`\n${JSON.stringify(line)}\n`));
      if (sync) await this.#handle.datasync();
      apply(this.#entries, line);
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

/** A nearly full disk takes a part and says so without an error; of the rest it says why not. */
async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at);
    if (bytesWritten === 0) throw new Fault('journal-write', 'the book of writes');
    at += bytesWritten;
  }
}

function apply(entries: Map<string, WriteEntry>, { id, at, order, outcome, told }: BookLine): void {
  const before = entries.get(id) ?? (at === undefined || order === undefined ? undefined : { at, order });
  if (before === undefined) return;
  entries.set(id, { ...before, ...(outcome ? { outcome } : {}), ...(told ? { told } : {}) });
}

async function load(file: string, log: Log): Promise<ReadonlyMap<string, WriteEntry>> {
  const entries = new Map<string, WriteEntry>();
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n');
  for (const [i, line] of lines.entries()) {
    if (line === '') continue;
    const read = parse(line);
    // The last line may have been cut off: its write had not gone out.
    if (read) apply(entries, read);
    else if (i < lines.length - 1) log.error({ file, line: i + 1 }, 'a line of the book of writes is damaged');
  }
  return entries;
}

function parse(line: string): BookLine | undefined {
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
