import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
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
import { adoptLanguage } from './i18n.ts';
import { kept } from './kept.ts';
import { forget, remember, remembered } from './memory.ts';
import { isAbnormal, type PointState, pointState } from './point-state.ts';
import { Turns } from './turns.ts';

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
/** A second in turns: were thousands of rows told of it in one go, the page would stand still for that long. */
const TURNS = 8;
const turns = Array.from({ length: TURNS }, () => signal(browserNow()));
const firstTurn = turns[0] as Signal<number>;
/** The browser's time, to the second. */
export const ticking: ReadonlySignal<number> = firstTurn;

/** The hub's time, to the second: a browser's clock may be wrong. */
export const now = computed(() => ticking.value + offsetMs.value);

/** The same for one of many rows, each told in its turn. */
export function nowFor(row: number): number {
  return (turns[row % TURNS] ?? firstTurn).value + offsetMs.value;
}

export function startTicking(): () => void {
  let turn = 0;
  return every(1000 / TURNS, () => {
    (turns[turn] ?? firstTurn).value = browserNow();
    turn = (turn + 1) % TURNS;
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

/** For each question for all points that is under way: those that have had a reading since. Its answer may be older. */
const fresh = new Set<Set<string>>();

export function noteReading(id: string, reading: Last): void {
  lastOf(id).value = reading;
  for (const ids of fresh) ids.add(id);
  const gateway = id.slice(0, id.indexOf('/'));
  heard.set(gateway, Math.max(reading.at, heard.get(gateway) ?? 0));
}

/** The newest sign of life: what the hub said when it was asked, or a reading since. */
export function seenAt({ id, lastSeen, clockOffsetMs }: Gateway): number | null {
  const at = heard.get(id);
  if (at === undefined) return lastSeen;
  return Math.max(lastSeen ?? 0, Math.min(now.value, at - (clockOffsetMs ?? 0)));
}

/** Gateways from which nothing comes. */
const away = computed(() => {
  const offline = gateways.value?.filter(({ state }) => state === 'offline') ?? [];
  return new Set(offline.map(({ id }) => id));
});

/** As it is shown: while the hub is out of reach nothing is live. */
export function stateOf(point: Point, at = now.value): PointState {
  const state = ownStateOf(point, at);
  return state === 'live' && connection.value.state === 'lost' ? 'late' : state;
}

/** As the hub last knew it: a lost connection makes no point abnormal. */
export function ownStateOf(point: Point, at = now.value): PointState {
  return pointState(point, lastOf(point.id).value, at, away.value.has(point.gateway));
}

/** To the second: were it to follow each reading, every one of them would have all points looked at. */
export const abnormal = computed(() => {
  const [list, at, gone] = [points.value ?? [], now.value, away.value];
  return list.filter((point) => isAbnormal(pointState(point, lastOf(point.id).peek(), at, gone.has(point.gateway))));
});

export function zoneOf(gateway: string): string {
  return gateways.value?.find(({ id }) => id === gateway)?.timezone ?? 'UTC';
}

export function faultOf(code: string | undefined): FaultText | undefined {
  return code === undefined ? undefined : faults.value[code];
}

/** Everything anew: at the start, after a login, and when the stream cannot go on where it was. */
export async function loadAll(): Promise<void> {
  try {
    // All at once: on a mobile network each question more in a row costs a fifth of a second.
    await Promise.all([loadMe(), loadFaults(), loadGateways(), loadPoints(), loadAttention()]);
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) {
      leave();
      return;
    }
    if (!(error instanceof Refusal) && session.peek().state === 'loading') beginWithoutHub();
    throw error;
  }
}

/** Nobody is logged in any more: the session was ended here, elsewhere, or by its age. */
export function leave(): void {
  session.value = { state: 'out' };
  connection.value = { state: 'connecting' };
  forget(ME);
}

async function loadMe(): Promise<void> {
  const me = await ask<Me>('/me');
  adoptLanguage(me.language);
  session.value = { state: 'in', me };
  remember(ME, JSON.stringify(me));
}

async function loadFaults(): Promise<void> {
  faults.value = (await ask<{ faults: Record<string, FaultText> }>('/faults')).faults;
}

const ME = 'me';

/** Who used this page last may go on with what it keeps, such as a round; the hub judges everything when it is there again. */
function beginWithoutHub(): void {
  const held = remembered(ME);
  if (held === undefined) return;
  session.value = { state: 'in', me: JSON.parse(held) as Me };
  connection.value = { state: 'lost', since: browserNow() };
}

const gatewayTurns = new Turns();
const pointTurns = new Turns();

export async function loadGateways(): Promise<void> {
  const mayShow = gatewayTurns.take();
  const [list, lost] = await Promise.all([ask<{ gateways: Gateway[] }>('/gateways'), ask<{ gaps: Gap[] }>('/gaps')]);
  if (!mayShow()) return;
  gateways.value = list.gateways;
  gaps.value = lost.gaps;
}

export async function loadPoints(): Promise<void> {
  const mayShow = pointTurns.take();
  const newer = new Set<string>();
  fresh.add(newer);
  try {
    const [known, list] = await Promise.all([
      ask<{ devices: Device[] }>('/devices'),
      ask<{ now: number; points: Point[] }>('/points'),
    ]);
    if (!mayShow()) return;
    offsetMs.value = list.now - browserNow();
    for (const { id, last } of list.points) if (!newer.has(id)) adopt(lastOf(id), last);
    devices.value = kept(devices.peek(), known.devices, ({ id }) => id);
    const now = list.points.filter((point) => !point.retired);
    points.value = kept(points.peek(), now, ({ id }) => id, 'last');
  } finally {
    fresh.delete(newer);
  }
}

/** A reading that is known already redraws nothing. */
function adopt(held: Signal<Last | null>, last: Last | null): void {
  const before = held.peek();
  const isKnown = before?.at === last?.at && before?.value === last?.value && before?.quality === last?.quality;
  if (!isKnown) held.value = last;
}
