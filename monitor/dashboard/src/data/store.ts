import { computed, type Signal, signal } from '@preact/signals';
import { loadAttention } from './alarm-store.ts';
import {
  ask,
  type Device,
  type FaultText,
  type Gap,
  type Gateway,
  type Last,
  type Me,
  type Point,
  Refusal,
} from './api.ts';
import { browserNow, every } from './clock.ts';
import { isAbnormal, type PointState, pointState } from './point-state.ts';

export type Session = { readonly state: 'loading' | 'out' } | { readonly state: 'in'; readonly me: Me };
export type Connection = { readonly state: 'connecting' | 'live' } | { readonly state: 'lost'; readonly since: number };

/** All that the page shows, as the hub last said it. */
export const session = signal<Session>({ state: 'loading' });
export const connection = signal<Connection>({ state: 'connecting' });
export const gateways = signal<readonly Gateway[] | undefined>(undefined);
export const devices = signal<readonly Device[]>([]);
export const points = signal<readonly Point[] | undefined>(undefined);
export const gaps = signal<readonly Gap[]>([]);
export const faults = signal<Readonly<Record<string, FaultText>>>({});

/** Newest reading of each point: a signal each, so that one that changes redraws one row. */
const lasts = new Map<string, Signal<Last | null>>();
const offsetMs = signal(0);
/** The browser's time, to the second. */
export const ticking = signal(browserNow());

/** The hub's time, to the second: a browser's clock may be wrong. */
export const now = computed(() => ticking.value + offsetMs.value);

export function startTicking(): () => void {
  return every(1000, () => {
    ticking.value = browserNow();
  });
}

export function lastOf(id: string): Signal<Last | null> {
  const held = lasts.get(id);
  if (held) return held;
  const made = signal<Last | null>(null);
  lasts.set(id, made);
  return made;
}

/** Newest time of a reading that came while the page was open, by gateway, on the gateway's clock. */
const heard = new Map<string, number>();

export function noteReading(id: string, reading: Last): void {
  lastOf(id).value = reading;
  const gateway = id.slice(0, id.indexOf('/'));
  heard.set(gateway, Math.max(reading.at, heard.get(gateway) ?? 0));
}

/** The newest sign of life: what the hub said when it was asked, or a reading since. */
export function seenAt({ id, lastSeen, clockOffsetMs }: Gateway): number | null {
  const at = heard.get(id);
  if (at === undefined) return lastSeen;
  return Math.max(lastSeen ?? 0, Math.min(now.value, at - (clockOffsetMs ?? 0)));
}

/** As it is shown: while the hub is out of reach nothing is live. */
export function stateOf(point: Point): PointState {
  const state = ownStateOf(point);
  return state === 'live' && connection.value.state === 'lost' ? 'late' : state;
}

/** As the hub last knew it: a lost connection makes no point abnormal. */
export function ownStateOf(point: Point): PointState {
  return pointState(point, lastOf(point.id).value, now.value);
}

export const abnormal = computed(() => (points.value ?? []).filter((point) => isAbnormal(ownStateOf(point))));

export function zoneOf(gateway: string): string {
  return gateways.value?.find(({ id }) => id === gateway)?.timezone ?? 'UTC';
}

export function faultOf(code: string | undefined): FaultText | undefined {
  return code === undefined ? undefined : faults.value[code];
}

/** Everything anew: at the start, after a login, and when the stream cannot go on where it was. */
export async function loadAll(): Promise<void> {
  try {
    session.value = { state: 'in', me: await ask<Me>('/me') };
    const told = await ask<{ faults: Record<string, FaultText> }>('/faults');
    faults.value = told.faults;
    await Promise.all([loadGateways(), loadPoints(), loadAttention()]);
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) session.value = { state: 'out' };
    else throw error;
  }
}

export async function loadGateways(): Promise<void> {
  const [list, lost] = await Promise.all([ask<{ gateways: Gateway[] }>('/gateways'), ask<{ gaps: Gap[] }>('/gaps')]);
  gateways.value = list.gateways;
  gaps.value = lost.gaps;
}

export async function loadPoints(): Promise<void> {
  const [known, list] = await Promise.all([
    ask<{ devices: Device[] }>('/devices'),
    ask<{ now: number; points: Point[] }>('/points'),
  ]);
  offsetMs.value = list.now - browserNow();
  for (const point of list.points) lastOf(point.id).value = point.last;
  devices.value = known.devices;
  points.value = list.points.filter((point) => !point.retired);
}
