import { computed, signal } from '@preact/signals';
import { ask, type Demand } from '../../data/api.ts';
import { Latest } from '../../data/latest.ts';
import { now } from '../../data/store.ts';
import { shiftDays, startOfDay } from '../../data/zone.ts';
import type { EnergyReport, EnergyRow } from './energy-data.ts';
import { weekOf } from './energy-data.ts';

/** So far back peaks are looked for: a month of bills. */
const PEAK_DAYS = 31;

export const PERIODS = ['day', 'week', 'month'] as const;
export type Period = (typeof PERIODS)[number];

/** Of one group: the windows of a month up to the end of a day, and the hours of its week. */
export interface Figures {
  readonly windows: readonly EnergyRow[];
  readonly hours: readonly EnergyRow[];
}

const demand = new Latest<readonly Demand[]>();
const figures = new Latest<Figures>();
const totals = new Latest<EnergyReport>();

/** Of the hub's energy, as its last answer said. */
export const timezone = signal<string | undefined>(undefined);
export const problem = computed(() => demand.problem.value ?? figures.problem.value ?? totals.problem.value);

export function findDemands(): readonly Demand[] | undefined {
  return demand.find('');
}

export function findFigures(group: string, day: number, zone: string): Figures | undefined {
  return figures.find(keyOf(group, day, zone));
}

export function findTotals(period: Period, day: number, zone: string): EnergyReport | undefined {
  return totals.find(keyOf(period, day, zone));
}

export async function loadDemand(): Promise<void> {
  await demand.ask('', async () => (await ask<{ demand: Demand[] }>('/demand')).demand);
}

export async function loadGroup(group: string, day: number, zone: string): Promise<void> {
  await figures.ask(keyOf(group, day, zone), async () => {
    const to = shiftDays(startOfDay(day, zone), 1, zone);
    const week = weekOf(day, zone);
    const [windows, hours] = await Promise.all([
      energy({ group, by: 'window', from: shiftDays(to, -PEAK_DAYS, zone), to: Math.min(to, now.peek()) }),
      energy({ group, by: 'hour', from: week[0] ?? day, to: Math.min(shiftDays(week[6] ?? day, 1, zone), now.peek()) }),
    ]);
    return { windows: windows.groups[0]?.rows ?? [], hours: hours.groups[0]?.rows ?? [] };
  });
}

export async function loadTotals(period: Period, day: number, zone: string): Promise<void> {
  await totals.ask(keyOf(period, day, zone), async () => {
    const start = startOfDay(day, zone);
    const from = { day: start, week: shiftDays(start, -6, zone), month: shiftDays(start, -29, zone) }[period];
    const found = await energy({ by: 'day', from, to: Math.min(shiftDays(start, 1, zone), now.peek()) });
    timezone.value = found.timezone;
    return found;
  });
}

function keyOf(of: string, day: number, zone: string): string {
  return `${of} ${day} ${zone}`;
}

function energy(query: Readonly<Record<string, string | number>>): Promise<EnergyReport> {
  const parts = Object.entries(query).map(([name, value]) => {
    return `${name}=${encodeURIComponent(typeof value === 'number' ? Math.floor(value) : value)}`;
  });
  return ask<EnergyReport>(`/energy?${parts.join('&')}`);
}
