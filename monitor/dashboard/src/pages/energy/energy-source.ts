import { type Signal, signal } from '@preact/signals';
import { ask, type Demand, Refusal } from '../../data/api.ts';
import { now } from '../../data/store.ts';
import { shiftDays, startOfDay } from '../../data/zone.ts';
import type { EnergyReport, EnergyRow } from './energy-data.ts';
import { weekOf } from './energy-data.ts';

/** So far back peaks are looked for: a month of bills. */
const PEAK_DAYS = 31;

export const PERIODS = ['day', 'week', 'month'] as const;
export type Period = (typeof PERIODS)[number];

export const demands: Signal<readonly Demand[] | undefined> = signal(undefined);
export const windows: Signal<readonly EnergyRow[] | undefined> = signal(undefined);
export const hours: Signal<readonly EnergyRow[] | undefined> = signal(undefined);
export const totals: Signal<EnergyReport | undefined> = signal(undefined);
export const problem = signal<string | undefined>(undefined);

export async function loadDemand(): Promise<void> {
  await attempt(async () => {
    demands.value = (await ask<{ demand: Demand[] }>('/demand')).demand;
  });
}

/** Of one group: the windows of a month up to the end of the day, and the hours of its week. */
export async function loadGroup(group: string, day: number, zone: string): Promise<void> {
  await attempt(async () => {
    const to = shiftDays(startOfDay(day, zone), 1, zone);
    const week = weekOf(day, zone);
    const [ofWindows, ofHours] = await Promise.all([
      energy({ group, by: 'window', from: shiftDays(to, -PEAK_DAYS, zone), to: Math.min(to, now.peek()) }),
      energy({ group, by: 'hour', from: week[0] ?? day, to: Math.min(shiftDays(week[6] ?? day, 1, zone), now.peek()) }),
    ]);
    windows.value = ofWindows.groups[0]?.rows ?? [];
    hours.value = ofHours.groups[0]?.rows ?? [];
  });
}

export async function loadTotals(period: Period, day: number, zone: string): Promise<void> {
  await attempt(async () => {
    const start = startOfDay(day, zone);
    const from = { day: start, week: shiftDays(start, -6, zone), month: shiftDays(start, -29, zone) }[period];
    const to = Math.min(shiftDays(start, 1, zone), now.peek());
    totals.value = await energy({ by: 'day', from, to });
  });
}

function energy(query: Readonly<Record<string, string | number>>): Promise<EnergyReport> {
  const parts = Object.entries(query).map(([name, value]) => {
    return `${name}=${encodeURIComponent(typeof value === 'number' ? Math.floor(value) : value)}`;
  });
  return ask<EnergyReport>(`/energy?${parts.join('&')}`);
}

async function attempt(act: () => Promise<void>): Promise<void> {
  try {
    await act();
    problem.value = undefined;
  } catch (error) {
    problem.value = error instanceof Refusal ? error.code : String(error);
  }
}
