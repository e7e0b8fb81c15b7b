import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { isFault } from '../../core/faults.ts';
import type { UnixMs } from '../../core/reading.ts';
import { isAbort } from '../../core/service.ts';
import type { Database } from '../archive/database.ts';
import type { DocumentStore } from '../documents/document-store.ts';
import type { Job } from '../housekeeping.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../local-days.ts';
import type { Letter } from '../notify/channels/mail.ts';
import { tellAll } from '../notify/tell-all.ts';
import { SiteTime } from './format.ts';
import { letterText } from './letter-text.ts';
import type { Report } from './report.ts';
import { FILE_TYPES, fileNameOf, type Reports } from './reports.ts';
import { type Run, RunStore } from './run-store.ts';
import { type Due, lastDue, type Schedule } from './schedule.ts';

export type SendLetter = (letter: Letter, signal: AbortSignal) => Promise<string>;

export interface ReportMailParts {
  readonly database: Database;
  readonly reports: Reports;
  readonly documents: DocumentStore;
  /** Undefined while there is no mail server. */
  readonly sender: () => SendLetter | undefined;
  readonly clock: Clock;
}

/** What of a schedule says when something is due, and of what. */
const TIMED_BY = ['site', 'kind', 'at', 'enabled'];
/** A letter with a megabyte of files, over a slow line. */
const TIMEOUT_MS = 60_000;
const GIVE_UP_MS = DAY_MS;
/** Sent later than that after it was due, a letter says so. */
const LATE_MS = 10 * MINUTE_MS;
const NO_SERVER = 'no mail server: give one in the settings, or `smtp:` below `notify:` in hub.yaml';

/**
 * Sends scheduled reports: each period once. What was due while the hub was off is made up for when it is back, for the last period
 * only; what fails is tried again for a day.
 */
export class ReportMail {
  readonly runs: RunStore;
  readonly #parts: ReportMailParts;

  constructor(parts: ReportMailParts) {
    this.#parts = parts;
    this.runs = new RunStore(parts.database);
  }

  get hasServer(): boolean {
    return this.#parts.sender() !== undefined;
  }

  /** Looks each minute what is due. */
  job(): Job {
    return { name: 'report-mail', schedule: '0 * * * * *', run: (now, signal) => this.look(now, signal) };
  }

  /** Answers how many were tried. */
  async look(now: UnixMs, signal: AbortSignal): Promise<number> {
    const schedules = await this.#schedules();
    for (const { id, body, since } of schedules) if (body.enabled) await this.#plan(id, body, since, now);
    let tried = 0;
    for (const run of await this.runs.waiting()) {
      if (signal.aborted) break;
      const schedule = schedules.find(({ id }) => id === run.schedule)?.body;
      if (!schedule || this.#isOverdue(run, schedule, now)) await this.#drop(run, schedule !== undefined, now);
      // A wall clock that was set back must not hold it up for longer than a try would.
      else if (run.nextAt <= now || run.nextAt - now > HOUR_MS) {
        tried++;
        await this.#try(run, schedule, signal);
      }
    }
    return tried;
  }

  /** Is the report of the next period due already? */
  #isOverdue(run: Run, schedule: Schedule, now: UnixMs): boolean {
    const newest = this.#dueNow(schedule, now);
    return newest !== undefined && newest.at > run.due && newest.period.from !== run.from;
  }

  async #drop(run: Run, hasSchedule: boolean, now: UnixMs): Promise<void> {
    const why = hasSchedule ? 'the next one is due' : 'there is no such schedule any more';
    await this.runs.record({ ...run, state: 'given-up', doneAt: now, error: run.error ?? why });
  }

  /** Sends the report of the last period now, whether it was sent before or not. Throws Fault not-found. */
  async sendNow(id: string): Promise<Run> {
    const { documents, clock, reports } = this.#parts;
    const schedule = (await documents.get('report-schedule', id)).body as Schedule;
    const now = clock.now();
    const { period } = lastDue(schedule, now, reports.daysOf(schedule.site));
    // Not to be taken up by the look of the next minute.
    const run = { ...newRun(id, period.from, now), nextAt: now + 2 * TIMEOUT_MS };
    await this.runs.add(run);
    return this.#try(run, schedule, new AbortController().signal, true);
  }

  async #schedules() {
    const all = await this.#parts.documents.all('report-schedule', TIMED_BY);
    return all.map(({ id, body, since }) => ({ id, since, body: body as Schedule }));
  }

  /** Undefined while its site is not known. */
  #dueNow(schedule: Schedule, now: UnixMs): Due | undefined {
    const { reports } = this.#parts;
    if (!reports.sites().includes(schedule.site)) return undefined;
    return lastDue(schedule, now, reports.daysOf(schedule.site));
  }

  async #plan(id: string, schedule: Schedule, since: UnixMs, now: UnixMs): Promise<void> {
    const due = this.#dueNow(schedule, now);
    // What was due before anybody asked for it is not missing.
    if (due === undefined || due.at <= since) return;
    await this.runs.plan(newRun(id, due.period.from, due.at));
  }

  async #try(run: Run, schedule: Schedule, signal: AbortSignal, isOnce = false): Promise<Run> {
    const { clock } = this.#parts;
    const settled = new Map(Object.entries(run.settled ?? {}));
    const tried = () => ({ ...run, attempts: run.attempts + 1, settled: Object.fromEntries(settled) });
    let made: string | undefined = run.report;
    try {
      const report = await this.#report(run, schedule, (id) => {
        made = id;
      });
      await this.#send(run, schedule, report, settled, signal);
      const { error: _, ...rest } = tried();
      return await this.#record({ ...rest, ...(made ? { report: made } : {}), state: 'sent', doneAt: clock.now() });
    } catch (error) {
      if (isAbort(error, signal)) return run;
      const now = clock.now();
      const isOver = isOnce || isFault(error, 'receiver-refused') || now - run.due >= GIVE_UP_MS;
      const pause = Math.min(HOUR_MS, MINUTE_MS * 2 ** run.attempts);
      return await this.#record({
        ...{ ...tried(), ...(made ? { report: made } : {}) },
        ...(isOver ? { state: 'given-up', doneAt: now } : { nextAt: now + pause }),
        error: error instanceof Error ? error.message : String(error),
      });
    }
  }

  async #record(run: Run): Promise<Run> {
    await this.runs.record(run);
    return run;
  }

  /** The one that was made at an earlier try, so that every try sends the same. */
  async #report(run: Run, schedule: Schedule, kept: (id: string) => void): Promise<Report> {
    const { reports } = this.#parts;
    if (run.report !== undefined) {
      const held = await reports.store.get(run.report).catch(() => undefined);
      if (held) return held;
    }
    const { site, kind, language, name } = schedule;
    const day = reports.daysOf(site).dayOf(run.from);
    const { id } = await reports.makeAndKeep({ site, kind, language, day }, name);
    kept(id);
    return reports.store.get(id);
  }

  async #send(
    run: Run,
    { to, formats }: Schedule,
    report: Report,
    settled: Map<string, string>,
    signal: AbortSignal,
  ): Promise<void> {
    const { sender, reports, clock } = this.#parts;
    const send = sender();
    if (!send) throw new Error(NO_SERVER);
    const attachments = [];
    for (const format of formats) {
      const content = await reports.file(report, format);
      attachments.push({ filename: fileNameOf(report, format), contentType: FILE_TYPES[format], content });
    }
    const isLate = clock.now() - run.due > LATE_MS;
    const time = new SiteTime(report.timezone);
    const text = letterText(report, isLate ? time.minute(run.due) : undefined);
    const within = new AbortController();
    const stop = () => within.abort();
    const cancel = clock.after(TIMEOUT_MS, stop);
    // Asked to stop while the report was made: nothing goes out any more.
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const subject = `${report.title} · ${report.site} · ${report.period}`;
      const letter = { subject, text, id: run.id, attachments };
      await tellAll([to], settled, (left) => send({ ...letter, to: left }, within.signal), within.signal);
    } finally {
      cancel();
      signal.removeEventListener('abort', stop);
    }
  }
}

function newRun(schedule: string, from: UnixMs, due: UnixMs): Run {
  return { id: randomUUID(), schedule, from, due, state: 'waiting', attempts: 0, nextAt: due };
}
