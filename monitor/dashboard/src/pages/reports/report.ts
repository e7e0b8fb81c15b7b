import { ask, post } from '../../data/api.ts';

export const KINDS = ['daily', 'weekly', 'monthly'] as const;
export type Kind = (typeof KINDS)[number];
export type ReportLanguage = 'en' | 'ko';

export interface Column {
  readonly title: string;
  /** time: Unix ms; duration: ms; share: 0..1. */
  readonly kind: 'text' | 'number' | 'time' | 'duration' | 'share';
  readonly unit?: string;
  readonly decimals?: number;
}

/** null: not known; an empty text: there is none. */
export type Cell = string | number | null;

export interface Table {
  readonly id: string;
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  readonly note?: string;
}

/** From, to, value (null: not known), whether it is known whole. */
export type ChartPoint = readonly [number, number, number | null, boolean];

export interface Chart {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly kind: 'bars' | 'lines';
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
  readonly series: readonly { readonly name: string; readonly points: readonly ChartPoint[] }[];
  readonly target?: { readonly name: string; readonly value: number };
}

/** A report as the hub words it, in the language it was asked for. */
export interface Report {
  readonly kind: Kind;
  readonly language: ReportLanguage;
  readonly title: string;
  readonly site: string;
  readonly timezone: string;
  readonly from: number;
  readonly to: number;
  readonly period: string;
  readonly facts: readonly (readonly [string, string])[];
  readonly unknown: string;
  readonly madeAt: number;
  readonly signing: string;
  readonly signers: readonly string[];
  readonly summary: readonly { readonly id: string; readonly title: string; readonly lines: readonly string[] }[];
  readonly sections: readonly {
    readonly id: string;
    readonly title: string;
    readonly charts: readonly Chart[];
    readonly tables: readonly Table[];
  }[];
}

export interface Kept {
  readonly id: string;
  readonly site: string;
  readonly kind: Kind;
  readonly language: ReportLanguage;
  readonly from: number;
  readonly to: number;
  readonly madeAt: number;
  readonly madeBy: string;
}

export interface Wanted {
  readonly site: string;
  readonly kind: Kind;
  readonly language: ReportLanguage;
  readonly day?: string;
}

export function fetchReport(wanted: Wanted): Promise<Report> {
  return ask(`/report?${new URLSearchParams({ ...wanted }).toString()}`);
}

export function fetchKept(id: string): Promise<Report> {
  return ask(`/reports/${encodeURIComponent(id)}`);
}

export function listKept(): Promise<{ readonly sites: readonly string[]; readonly reports: readonly Kept[] }> {
  return ask('/reports');
}

export function keep(wanted: Wanted): Promise<Kept> {
  return post('/reports', wanted);
}

export function removeKept(id: string): Promise<object> {
  return post(`/reports/${encodeURIComponent(id)}/remove`, {});
}

export function fileUrl(id: string, format: 'pdf' | 'xlsx'): string {
  return `/api/v1/reports/${encodeURIComponent(id)}/file?format=${format}`;
}

export interface Schedule {
  readonly name: string;
  readonly site: string;
  readonly kind: Kind;
  readonly language: ReportLanguage;
  /** Time of day at the site, on the first day after the period. */
  readonly at: string;
  readonly to: readonly string[];
  readonly formats: readonly ('pdf' | 'xlsx')[];
  readonly enabled: boolean;
}

export interface Run {
  readonly id: string;
  readonly from: number;
  readonly due: number;
  readonly state: 'waiting' | 'sent' | 'given-up';
  readonly attempts: number;
  readonly nextAt: number;
  readonly doneAt?: number;
  readonly error?: string;
  readonly report?: string;
}

export interface Scheduled {
  readonly id: string;
  readonly version: number;
  readonly body: Schedule;
  /** null: it is switched off, or its site is not known. */
  readonly next: number | null;
  readonly runs: readonly Run[];
}

export function listSchedules(): Promise<{ readonly hasServer: boolean; readonly schedules: readonly Scheduled[] }> {
  return ask('/reports/schedules');
}

export function sendNow(id: string): Promise<Run> {
  return post(`/reports/schedules/${id}/send`, {});
}

export function saveSchedule(id: string, from: number, body: Schedule): Promise<object> {
  return post(`/documents/report-schedule/${id}`, { from, body });
}

export function removeSchedule(id: string, from: number): Promise<object> {
  return post(`/documents/report-schedule/${id}/remove`, { from });
}
