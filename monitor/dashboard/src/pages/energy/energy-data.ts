import { offsetMs, shiftDays, startOfDay } from '../../data/zone.ts';
import type { TrendData } from '../../kit/plot/trend-data.ts';

const HOUR_MS = 3_600_000;
export const HOURS = 24;

/** What the hub says of a span: its start, kWh (null: nothing is known), ms of which nothing is known. */
export type EnergyRow = readonly [at: number, kwh: number | null, missingMs: number];

export interface GroupReport {
  readonly name: string;
  readonly title: { readonly en?: string; readonly ko?: string };
  readonly target?: number;
  readonly rows: readonly EnergyRow[];
  /** kWh of all rows, and of silences that lie over several. */
  readonly total: number;
  readonly unplaced: number;
}

export interface EnergyReport {
  readonly timezone: string;
  readonly groups: readonly GroupReport[];
}

/** A demand window. */
export interface DemandWindow {
  readonly at: number;
  readonly to: number;
  /** Mean power; null: nothing is known. */
  readonly kw: number | null;
  /** Something is not known: it was so much at least. */
  readonly isPartial: boolean;
  readonly isRunning: boolean;
}

/** Windows that have begun. */
export function windowsOf(rows: readonly EnergyRow[], windowMs: number, now: number): readonly DemandWindow[] {
  return rows
    .filter(([at]) => at < now)
    .map(([at, kwh, missingMs]) => ({
      at,
      to: at + windowMs,
      kw: kwh === null ? null : (kwh * HOUR_MS) / windowMs,
      isPartial: missingMs > 0,
      isRunning: at + windowMs > now,
    }));
}

/** The greatest demands; the window that runs is none yet. */
export function peaksOf(windows: readonly DemandWindow[], most: number): readonly (DemandWindow & { kw: number })[] {
  return windows
    .flatMap((each) => (each.kw === null || each.isRunning ? [] : [{ ...each, kw: each.kw }]))
    .sort((a, b) => b.kw - a.kw || b.at - a.at)
    .slice(0, most);
}

/** A day's windows as a line of steps; what is not known breaks it. */
export function profileOf(windows: readonly DemandWindow[], from: number, to: number): TrendData {
  const day = windows.filter(({ at, isRunning }) => at >= from && at < to && !isRunning);
  const last = day.at(-1);
  // The last step has a length as the others.
  const ends = last ? [{ ...last, at: Math.min(last.to, to) }] : [];
  const steps = [...day, ...ends];
  return {
    at: steps.map(({ at }) => at),
    value: steps.map(({ kw }) => kw),
    bad: steps.map(({ kw }) => (kw === null ? 1 : 0)),
  };
}

/** An hour of the map: mean power. Undefined: the clock left it out, or it is yet to come. Null: nothing is known. */
export interface HeatCell {
  readonly kw: number | null | undefined;
  readonly isPartial: boolean;
}

export interface HeatMap {
  /** Midnights. */
  readonly days: readonly number[];
  /** By day, then by hour of the clock. */
  readonly cells: readonly (readonly HeatCell[])[];
  readonly least: number;
  readonly most: number;
}

/** The days of the week that holds an instant, from Monday; midnights of the zone. */
export function weekOf(at: number, zone: string): readonly number[] {
  const today = startOfDay(at, zone);
  // 1970-01-01 was a Thursday.
  const weekday = (Math.floor((today + offsetMs(today, zone)) / (HOURS * HOUR_MS)) + 3) % 7;
  return Array.from({ length: 7 }, (_, index) => shiftDays(today, index - weekday, zone));
}

/** Hours by the site's clock. An hour that the clock showed twice is the mean of both. */
export function heatOf(rows: readonly EnergyRow[], days: readonly number[], zone: string, now: number): HeatMap {
  const sums = new Map<string, { kwh: number; hours: number; isKnown: boolean; isPartial: boolean }>();
  for (const [at, kwh, missingMs] of rows) {
    if (at >= now) continue;
    const hours = (Math.min(now, at + HOUR_MS) - at) / HOUR_MS;
    const key = keyOf(at, zone);
    const held = sums.get(key) ?? { kwh: 0, hours: 0, isKnown: false, isPartial: false };
    sums.set(key, {
      kwh: held.kwh + (kwh ?? 0),
      hours: held.hours + hours,
      isKnown: held.isKnown || kwh !== null,
      isPartial: held.isPartial || missingMs > 0,
    });
  }
  const cells = days.map((day) => {
    const date = keyOf(day, zone).slice(0, -2);
    return Array.from({ length: HOURS }, (_, hour): HeatCell => {
      const held = sums.get(`${date}${String(hour).padStart(2, '0')}`);
      if (!held) return { kw: undefined, isPartial: false };
      return { kw: held.isKnown ? held.kwh / held.hours : null, isPartial: held.isPartial };
    });
  });
  const known = cells.flat().flatMap(({ kw }) => (kw == null ? [] : [kw]));
  return { days, cells, least: Math.min(...known, Number.MAX_VALUE), most: Math.max(...known, 0) };
}

/** Day and hour of the clock. */
function keyOf(at: number, zone: string): string {
  const hour = Math.floor((at + offsetMs(at, zone)) / HOUR_MS);
  return `${Math.floor(hour / HOURS)} ${String(hour % HOURS).padStart(2, '0')}`;
}

/** 0 to 1, how dark a cell is. All alike are in the middle. */
export function heatShare(kw: number, { least, most }: Pick<HeatMap, 'least' | 'most'>): number {
  return most > least ? (kw - least) / (most - least) : 0.5;
}
