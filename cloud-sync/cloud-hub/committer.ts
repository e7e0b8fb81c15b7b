import type { Clock } from '../../core/clock.ts';
import { type FaultCode, isFault } from '../../core/faults.ts';
import { Condition, type Log } from '../../core/log.ts';
import type { Archive, ArchiveBatch } from './archive.ts';
import type { HubSession, Staged } from './hub-session.ts';

export interface CommitterOptions {
  readonly archive: Archive;
  readonly clock: Clock;
  readonly log: Log;
  /** After the commit. */
  readonly onStored: (session: HubSession, batch: ArchiveBatch) => void;
  /** Nothing more of this session can be stored: what the archive holds of it is to be asked anew. */
  readonly onFailed: (session: HubSession, code: FaultCode) => void;
}

interface Job {
  readonly session: HubSession;
  readonly staged: Staged;
}

/** Bytes of frames in one transaction. */
const COMMIT_BYTES = 8 * 1024 * 1024;
/** Bytes of frames waiting, over all gateways, from which on they are held back. */
const HOLD_BYTES = 64 * 1024 * 1024;

/** Writes what all gateways bring, in as few transactions as the archive's own pace allows; acknowledges after each. */
export class Committer {
  readonly #options: CommitterOptions;
  readonly #jobs: Job[] = [];
  readonly #failing: Condition;
  #bytes = 0;
  #running: Promise<void> | undefined;
  #storing: Promise<void> = Promise.resolve();
  #roomy: (() => void)[] = [];

  constructor(options: CommitterOptions) {
    this.#options = options;
    this.#failing = new Condition(options.log, 'the archive does not store');
  }

  /** A promise when the gateway must wait before it sends more. */
  push(session: HubSession, staged: Staged): Promise<void> | undefined {
    this.#jobs.push({ session, staged });
    this.#bytes += staged.bytes;
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined;
    });
    return this.#bytes < HOLD_BYTES ? undefined : new Promise((resolve) => this.#roomy.push(resolve));
  }

  /** Resolves when the transaction under way is over: of a session that has ended, nothing is stored any more. */
  settled(): Promise<void> {
    return this.#storing;
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #drain(): Promise<void> {
    // Frames that arrived in the same turn of the event loop go together.
    await this.#options.clock.yield();
    while (this.#jobs.length > 0) {
      const jobs = this.#next();
      const batches = merge(jobs, this.#options.clock.now());
      this.#storing = this.#store(batches);
      await this.#storing;
      this.#bytes -= jobs.reduce((sum, { staged }) => sum + staged.bytes, 0);
      if (this.#bytes < HOLD_BYTES) for (const resolve of this.#roomy.splice(0)) resolve();
    }
  }

  #next(): Job[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#jobs.length && bytes < COMMIT_BYTES) bytes += this.#jobs[count++]?.staged.bytes ?? 0;
    return this.#jobs.splice(0, count);
  }

  async #store(batches: readonly Merged[]): Promise<void> {
    if ((await this.#append(batches)) === undefined) return;
    for (const alone of bySession(batches)) {
      const code = await this.#append(alone);
      if (code === undefined) continue;
      const { session } = alone[0] as Merged;
      session.ended = true;
      this.#options.onFailed(session, code);
    }
  }

  /** Undefined if all is stored. */
  async #append(batches: readonly Merged[]): Promise<FaultCode | undefined> {
    const live = batches.filter(({ session }) => !session.ended);
    if (live.length === 0) return undefined;
    try {
      await this.#options.archive.append(live.map(({ batch }) => batch));
    } catch (error) {
      const code = isFault(error) ? error.code : 'archive-write';
      this.#failing.begin(this.#options.clock.ticks(), { error: String(error) });
      return code;
    }
    this.#failing.end(this.#options.clock.ticks());
    for (const { session, batch } of live) this.#options.onStored(session, batch);
    return undefined;
  }
}

interface Merged {
  readonly session: HubSession;
  readonly batch: ArchiveBatch;
}

/** One batch for each session and epoch, in order. */
function merge(jobs: readonly Job[], arrivedAt: number): Merged[] {
  const merged: Merged[] = [];
  for (const { session, staged } of jobs) {
    const { frames, gaps, quarantined, cursor } = staged;
    const catalogue = staged.catalogue ? { catalogue: staged.catalogue } : {};
    const at = merged.findLastIndex((each) => each.session === session);
    const before = merged[at]?.batch;
    if (before === undefined || before.epoch !== cursor.epoch) {
      const batch = {
        gateway: session.gateway,
        epoch: cursor.epoch,
        frames,
        gaps,
        quarantined,
        cursor,
        arrivedAt,
        ...catalogue,
      };
      merged.push({ session, batch });
      continue;
    }
    merged[at] = {
      session,
      batch: {
        ...before,
        ...catalogue,
        frames: [...before.frames, ...frames],
        gaps: [...before.gaps, ...gaps],
        quarantined: [...(before.quarantined ?? []), ...quarantined],
        cursor,
      },
    };
  }
  return merged;
}

function bySession(batches: readonly Merged[]): Merged[][] {
  const groups = new Map<HubSession, Merged[]>();
  for (const each of batches) groups.set(each.session, [...(groups.get(each.session) ?? []), each]);
  return [...groups.values()];
}
