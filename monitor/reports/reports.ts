import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import { LocalDays } from '../local-days.ts';
import { gather, type ReportSources } from './gather.ts';
import { LAYOUT_ID, type ReportLayout } from './layout.ts';
import { type Period, periodBefore, periodOf } from './period.ts';
import type { Report, ReportKind, ReportLanguage } from './report.ts';
import { type ReportHead, ReportStore } from './report-store.ts';
import { reportWorkbook } from './report-workbook.ts';
import type { FileFormat } from './schedule.ts';
import { findSite, type SitePlant, siteNames } from './site.ts';
import { writeReport } from './write-report.ts';

export const FILE_TYPES: Readonly<Record<FileFormat, string>> = {
  pdf: 'application/pdf',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

export interface ReportRequest {
  readonly site: string;
  readonly kind: ReportKind;
  readonly language: ReportLanguage;
  /** A local day within the period, counted since 1970-01-01; left out: of the last period that is over, or of the first one. */
  readonly day?: number | undefined;
}

/** Makes reports, one at a time, and keeps those that are asked to be kept. */
export class Reports {
  readonly store: ReportStore;
  readonly #sources: ReportSources;
  readonly #clock: Clock;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(sources: ReportSources, clock: Clock) {
    this.#sources = sources;
    this.#clock = clock;
    this.store = new ReportStore(sources.database);
  }

  sites(): readonly string[] {
    return siteNames(this.#sources.points);
  }

  /** As the hub knows it now. Throws Fault not-found if there is no such site, request-invalid for days to come. */
  make(request: ReportRequest, madeBy: string): Promise<Report> {
    const turn = this.#queue.then(() => this.#make(request, madeBy));
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async makeAndKeep(request: ReportRequest, madeBy: string): Promise<ReportHead> {
    return this.store.add(randomUUID(), await this.make(request, madeBy));
  }

  async file(report: Report, format: FileFormat): Promise<Buffer> {
    // Two tenths of a second and 30 MB, for whoever asks for one.
    if (format === 'pdf') return (await import('./pdf/pdf.ts')).pdfOf(report, this.#clock);
    const parts: Buffer[] = [];
    for await (const part of reportWorkbook(report)) parts.push(part as Buffer);
    return Buffer.concat(parts);
  }

  /** Days as a site has them. Throws Fault not-found. */
  daysOf(site: string): LocalDays {
    return new LocalDays(this.#find(site).zone);
  }

  async #make({ site: name, kind, language, day }: ReportRequest, madeBy: string): Promise<Report> {
    const site = this.#find(name);
    const madeAt = this.#clock.now();
    const days = new LocalDays(site.zone);
    if (day !== undefined && day > days.dayOf(madeAt)) throw new Fault('request-invalid', 'day: is still to come');
    const running = periodOf(kind, days.dayOf(madeAt), days);
    const period = day === undefined ? await this.#newest(running, site, days) : periodOf(kind, day, days);
    const layout = await this.#layout();
    const data = await gather(this.#sources, { site, period, madeAt, madeBy, points: layout.points ?? [] });
    const dayStarts = Array.from({ length: period.endDay - period.firstDay }, (_, index) =>
      days.startOf(period.firstDay + index),
    );
    return writeReport(data, { language, dayStarts, ...(layout.signers ? { signers: layout.signers } : {}) });
  }

  /** The last period that is over; of a site that is younger, the one that runs. */
  async #newest(running: Period, site: SitePlant, days: LocalDays): Promise<Period> {
    const before = periodBefore(running, days);
    const sql = `SELECT min(first_ms) AS at FROM epochs WHERE gateway IN (${site.gateways.map(() => '?').join()})`;
    const [row] = await this.#sources.database.read(sql, site.gateways);
    return Number(row?.at ?? 0) < before.to ? before : running;
  }

  #find(name: string): SitePlant {
    const site = findSite(this.#sources.points, name);
    if (!site) throw new Fault('not-found', `site ${name}`);
    return site;
  }

  async #layout(): Promise<ReportLayout> {
    const all = await this.#sources.documents.all('report-layout');
    return (all.find(({ id }) => id === LAYOUT_ID)?.body as ReportLayout | undefined) ?? { name: LAYOUT_ID };
  }
}

/** `daily_2026-11-20_Seoul-plant-1.pdf`: fit for any file system and header. */
export function fileNameOf({ kind, period, site }: Report, format: FileFormat): string {
  const plain = site.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '');
  return `${kind}_${period.replace(' – ', '_')}_${plain}.${format}`;
}
