import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { decodeBody } from '../../cloud-sync/protocol/decode-frame.ts';
import { readHeader } from '../../cloud-sync/protocol/frame.ts';
import { type LiveAlarm, liveAlarmSchema } from '../../cloud-sync/protocol/messages.ts';
import type { Epoch, Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import { isFault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import { isAbort, type Service } from '../../core/service.ts';
import { replaceSynced } from '../../core/synced-files.ts';
import type { Journal } from '../journal/journal.ts';
import { AlarmBoard } from './alarm-board.ts';

const FILE = 'alarms.json';
/** So much of the journal is looked through at most after a crash, besides what came since the last alarm. */
const MARK_EVERY_MS = 10 * 60_000;

const place = z.object({ epoch: z.string(), seq: z.number().int() });

const fileSchema = z.object({
  /** All alarms below this number of this epoch are in `alarms`. */
  epoch: z.string(),
  next: z.number().int().nonnegative(),
  alarms: z.array(liveAlarmSchema.extend({ occurrence: place, changed: place.optional() })),
});

/** What the book needs of the journal. */
export type AlarmJournal = Pick<Journal, 'epoch' | 'next' | 'epochs' | 'wholeFrames'>;

/**
 * Which alarms are active, over restarts: a file of those that were at some record of the journal, and the journal itself from there on.
 * The journal is the truth, for it is what the hub is told; the file, written after a commit, only spares reading all of it. So a crash
 * between both loses nothing, and an alarm that the hub knows of is never raised again.
 */
export class AlarmBook implements Service {
  readonly name = 'alarms';
  /** Active at the end of the last boot. */
  readonly restored: readonly LiveAlarm[];
  readonly #folder: string;
  readonly #journal: AlarmJournal;
  readonly #clock: Clock;
  readonly #log: Log;
  #active: () => readonly LiveAlarm[] = () => this.restored;
  #wanted = false;
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    folder: string,
    journal: AlarmJournal,
    deps: { clock: Clock; log: Log },
    restored: readonly LiveAlarm[],
  ) {
    this.#folder = folder;
    this.#journal = journal;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.restored = restored;
  }

  /** Without a file, or with a damaged one, nothing is active: what still holds is raised anew. */
  static async open(folder: string, journal: AlarmJournal, deps: { clock: Clock; log: Log }): Promise<AlarmBook> {
    const kept = await readKept(join(folder, FILE), deps.log);
    const book = new AlarmBook(folder, journal, deps, kept ? await catchUp(kept, journal) : []);
    await book.#save();
    return book;
  }

  /** From now on what is active is this. */
  follow(active: () => readonly LiveAlarm[]): void {
    this.#active = active;
  }

  /** Something of it has been journalled. */
  changed(): void {
    void this.#save();
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await this.#clock.sleep(MARK_EVERY_MS, signal);
        await this.#save();
      }
    } catch (error) {
      if (!isAbort(error, signal)) throw error;
    }
    await this.#save();
  }

  /** Resolves when what is journalled now is in the file; writes are joined. */
  #save(): Promise<void> {
    if (this.#wanted) return this.#writing;
    this.#wanted = true;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    this.#wanted = false;
    const { epoch, next } = this.#journal;
    const text = `${JSON.stringify({ epoch, next, alarms: this.#active() }, null, 1)}\n`;
    try {
      await replaceSynced(join(this.#folder, FILE), text);
    } catch (error) {
      this.#log.warn({ folder: this.#folder, error: String(error) }, 'which alarms are active is not kept');
    }
  }
}

type Kept = z.output<typeof fileSchema>;

async function readKept(file: string, log: Log): Promise<Kept | undefined> {
  try {
    return fileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      log.warn(
        { file, error: String(error) },
        'which alarms were active is not known: what still holds is raised again',
      );
    return undefined;
  }
}

/** The file's alarms, and what the journal says since. An epoch that the file does not know is read from its beginning. */
async function catchUp(kept: Kept, journal: AlarmJournal): Promise<readonly LiveAlarm[]> {
  const board = new AlarmBoard();
  for (const alarm of kept.alarms) board.restore(alarm);
  const epochs = journal.epochs();
  const known = epochs.findIndex(({ epoch }) => epoch === kept.epoch);
  for (const [i, { epoch, floor }] of epochs.entries()) {
    if (i >= known) await readAlarms(board, journal, epoch, i === known ? kept.next : floor);
  }
  return board.active();
}

async function readAlarms(board: AlarmBoard, journal: AlarmJournal, epoch: Epoch, from: Seq): Promise<void> {
  for await (const { first, bytes } of journal.wholeFrames(epoch, from)) {
    try {
      const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      const header = readHeader(frame);
      if (header.kind !== 'events') continue;
      const decoded = decodeBody(header, frame);
      if (decoded.kind !== 'events') continue;
      for (const [i, event] of decoded.events.entries())
        if (event.event === 'alarm') board.note({ epoch, seq: first + i }, event);
    } catch (error) {
      // Left out like a damaged frame: the hub does not have it either.
      if (!isFault(error)) throw error;
    }
  }
}
