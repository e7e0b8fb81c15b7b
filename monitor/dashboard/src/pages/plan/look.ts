import type { Alarm, Device, Gateway, Last, Point, Priority } from '../../data/api.ts';
import type { PointState } from '../../data/point-state.ts';
import type { Marker, Zone } from './plan.ts';

export const LAYERS = ['all', 'temperature', 'humidity', 'power', 'alarms'] as const;
export type Layer = (typeof LAYERS)[number];

const UNITS: Readonly<Record<'temperature' | 'humidity' | 'power', readonly string[]>> = {
  temperature: ['°C', '°F', 'K'],
  humidity: ['%RH', '% RH', '%rh'],
  power: ['W', 'kW', 'MW'],
};
/** The unit of humidity is often a bare per cent. */
const HUMIDITY_NAME = /humidity/;
/** What says most of a device: what stands first here, of those that it has. */
const TELLING = [/^load$/, /^temperature/, /^(supply|return)-temperature$/, /^power$/, /^battery-charge$/, /^fuel/];

export function isOfLayer({ kind, unit, point }: Point, layer: Layer): boolean {
  if (layer === 'all' || layer === 'alarms') return true;
  if (kind !== 'number') return false;
  if (layer === 'humidity' && HUMIDITY_NAME.test(point)) return true;
  return unit !== undefined && UNITS[layer].includes(unit);
}

/** The point whose value a device's marker shows. */
export function tellingPoint(points: readonly Point[], layer: Layer): Point | undefined {
  const fits = points.filter((point) => isOfLayer(point, layer));
  for (const name of TELLING) {
    const found = fits.find(({ point, kind }) => kind === 'number' && name.test(point));
    if (found) return found;
  }
  return layer === 'all' || layer === 'alarms' ? undefined : fits[0];
}

/** What is known of the plant, now or at a time that is over. */
export interface World {
  readonly points: ReadonlyMap<string, Point>;
  readonly byDevice: ReadonlyMap<string, readonly Point[]>;
  readonly devices: ReadonlyMap<string, Device>;
  readonly gateways: readonly Gateway[];
  readonly alarms: readonly Pick<Alarm, 'id' | 'gateway' | 'device' | 'point' | 'priority' | 'active'>[];
  readonly lastOf: (point: Point) => Last | null;
  readonly stateOf: (point: Point) => PointState;
  readonly at: number;
}

export type LookState = PointState | 'unknown';

/** What a marker shows. */
export interface Look {
  readonly marker: Marker;
  readonly state: LookState;
  /** Of the worst alarm that is active; and which that is. */
  readonly priority?: Priority;
  readonly alarm?: string;
  readonly point?: Point;
  readonly last?: Last | null;
  readonly device?: Device;
  readonly gateway?: Gateway;
  /** Points of a device that are not as they should be. */
  readonly doubtful?: number;
  readonly ageMs?: number;
}

const PRIORITIES: readonly Priority[] = ['critical', 'high', 'medium', 'low'];
const STATES: readonly LookState[] = ['unknown', 'bad', 'stale', 'late', 'empty', 'live'];

export function worst(alarms: World['alarms']): Priority | undefined {
  return worstOf(alarms).priority;
}

function worstOf(alarms: World['alarms']): Pick<Look, 'priority' | 'alarm'> {
  for (const priority of PRIORITIES) {
    const found = alarms.find((alarm) => alarm.active && alarm.priority === priority);
    if (found) return { priority, alarm: found.id };
  }
  return {};
}

export function lookOf(marker: Marker, world: World, layer: Layer): Look {
  if (marker.point !== undefined) return pointLook(marker, marker.point, world);
  if (marker.device !== undefined) return deviceLook(marker, marker.device, world, layer);
  const gateway = world.gateways.find(({ id }) => id === marker.gateway);
  if (gateway === undefined) return { marker, state: 'unknown' };
  const alarm = worstOf(world.alarms.filter((each) => each.gateway === gateway.id && each.device === ''));
  const state = { online: 'live', late: 'late', offline: 'stale' } as const;
  return { marker, gateway, state: state[gateway.state], ...alarm };
}

function pointLook(marker: Marker, id: string, world: World): Look {
  const point = world.points.get(id);
  if (point === undefined) return { marker, state: 'unknown' };
  const last = world.lastOf(point);
  const alarm = worstOf(
    world.alarms.filter(
      (alarm) => alarm.gateway === point.gateway && alarm.device === point.device && alarm.point === point.point,
    ),
  );
  return {
    ...{ marker, point, last, state: world.stateOf(point) },
    ...alarm,
    ...(last ? { ageMs: world.at - last.at } : {}),
  };
}

function deviceLook(marker: Marker, id: string, world: World, layer: Layer): Look {
  const device = world.devices.get(id);
  if (device === undefined) return { marker, state: 'unknown' };
  const own = world.byDevice.get(id) ?? [];
  const point = tellingPoint(own, layer);
  const last = point ? world.lastOf(point) : undefined;
  const states = own.map((each) => world.stateOf(each));
  const alarm = worstOf(alarmsOf(id, world.alarms));
  return {
    ...{ marker, device, state: point ? world.stateOf(point) : mostly(states) },
    ...{ doubtful: states.filter((state) => state !== 'live' && state !== 'empty').length },
    ...(point ? { point, last: last ?? null } : {}),
    ...alarm,
    ...(last ? { ageMs: world.at - last.at } : {}),
  };
}

/** What a marker's look is made of: a device without a telling value is judged by all it has. */
export function pointsOf({ point, device }: Look, world: World): readonly Point[] {
  if (point) return [point];
  return device ? (world.byDevice.get(device.id) ?? []) : [];
}

/** A device of which nothing answers has no value; of which something is late is late. */
function mostly(states: readonly PointState[]): LookState {
  if (states.length === 0) return 'empty';
  return STATES.find((state) => states.every((each) => each === state)) ?? (states.includes('live') ? 'live' : 'stale');
}

function alarmsOf(device: string, alarms: World['alarms']): World['alarms'] {
  return alarms.filter((alarm) => `${alarm.gateway}/${alarm.device}` === device);
}

/** Grey until something in it is wrong. */
export function zonePriority({ devices }: Zone, alarms: World['alarms']): Priority | undefined {
  return worst(devices.flatMap((device) => alarmsOf(device, alarms)));
}

/** A layer of a quantity leaves out what does not measure it; what is unknown is never left out. */
export function isShown(look: Look, layer: Layer): boolean {
  if (layer === 'all' || look.state === 'unknown') return true;
  if (layer === 'alarms') return look.priority !== undefined;
  return look.point !== undefined && isOfLayer(look.point, layer);
}

/** Of several: what a cluster says. */
export function worstLook(looks: readonly Look[]): Pick<Look, 'state' | 'priority'> {
  const priority = PRIORITIES.find((each) => looks.some((look) => look.priority === each));
  const state = STATES.find((each) => looks.some((look) => look.state === each)) ?? 'live';
  return priority ? { state, priority } : { state };
}
