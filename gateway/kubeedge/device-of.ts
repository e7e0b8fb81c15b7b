import { NAME, RESERVED_NAMES } from '../../core/reading.ts';
import type { ChannelSpec } from '../../devices/plant-types.ts';
import { cycleMs, Keys } from './dialect.ts';
import { type LineGiven, lineOf, PROTOCOL_KEYS } from './line-of.ts';
import { VISITOR_KEYS, visitOf } from './modbus-visitor.ts';
import { type KubeDevice, type KubeModel, type KubeProperty, type ModelProperty, modelIdOf } from './objects.ts';
import { isTwinName } from './twin-text.ts';

/** A Device object as `devices:` and `channels:` would say it; not checked yet. */
export interface GivenDevice {
  readonly name: string;
  readonly line: LineGiven['channel'];
  readonly given: Readonly<Record<string, unknown>>;
  /** The point of each property. */
  readonly points: ReadonlyMap<string, string>;
  /** What is wrong with single properties: they are left out. */
  readonly problems: readonly string[];
  /** How things were understood that can be understood in two ways. */
  readonly notes: readonly string[];
}

/** Our name of a Device object: devices of the namespace `default` keep theirs, others have it in front. */
export function deviceName({ namespace, name }: Pick<KubeDevice, 'namespace' | 'name'>): string {
  return namespace === 'default' ? name : `${namespace}.${name}`;
}

/** Our name of a property: `waterTemp` is the point `water-temp`. */
export function pointName(property: string): string {
  if (NAME.test(property)) return property;
  return property
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 63);
}

/** Undefined model: it has not arrived. `problem`: why the object as a whole cannot be used. */
export function givenDevice(
  device: KubeDevice,
  model: KubeModel | undefined,
  own: readonly ChannelSpec[],
): GivenDevice | { readonly problem: string } {
  const name = deviceName(device);
  if (!NAME.test(name)) return { problem: `\`${name}\` is no name of a device here: at most 63 of a-z 0-9 . _ -` };
  if (model === undefined) return { problem: `its model \`${modelIdOf(device)}\` is not on this node` };
  const keys = new Keys(device.config);
  const profile = keys.text('profile');
  const driver = keys.text('driver');
  const line = lineOf(keys, driver, own);
  if ('problem' in line) return line;
  const found = propertiesOf(device, model, profile !== undefined);
  const unread = device.unread.map((place) => `${place}: is neither text, number nor true or false`);
  const given = {
    name,
    unitId: keys.number('slaveid', 'unitid'),
    station: keys.text('station'),
    timeout: timeoutOf(keys),
    profile,
    driver,
    class: keys.text('class'),
    byteOrder: keys.text('byteorder'),
    ...(Object.keys(line.serial).length > 0 ? { serial: line.serial } : {}),
    points: found.given,
  };
  return {
    name,
    line: line.channel,
    given: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    points: found.points,
    problems: [...unread, ...found.problems],
    notes: [...keys.unknown(PROTOCOL_KEYS), ...found.notes],
  };
}

/** Milliseconds as a duration. */
function timeoutOf(keys: Keys): string | undefined {
  const timeout = keys.number('timeout', 'collecttimeout');
  if (timeout === undefined || timeout === 0) return undefined;
  return typeof timeout === 'number' ? `${Math.round(timeout)}ms` : timeout;
}

interface Properties {
  readonly given: Record<string, unknown>;
  readonly points: Map<string, string>;
  readonly problems: string[];
  readonly notes: string[];
}

function propertiesOf(device: KubeDevice, model: KubeModel, hasProfile: boolean): Properties {
  const found: Properties = { given: {}, points: new Map(), problems: [], notes: [] };
  const known = new Map(model.properties.map((property) => [property.name, property]));
  const ofDevice = new Map(device.properties.map((property) => [property.name, property]));
  for (const name of ofDevice.keys()) {
    if (!known.has(name)) found.problems.push(`${name}: its model has no such property`);
  }
  for (const [name, property] of known) {
    const own = ofDevice.get(name);
    // What only the model names is nothing to read, unless a profile says where.
    if (own !== undefined || hasProfile) addProperty(found, property, own, hasProfile);
  }
  return found;
}

function addProperty(
  found: Properties,
  model: ModelProperty,
  own: KubeProperty | undefined,
  hasProfile: boolean,
): void {
  const { name } = model;
  const given = pointOf(found, model, own, hasProfile);
  if ('problem' in given) {
    found.problems.push(`${name}: ${given.problem}`);
    return;
  }
  const point = pointName(name);
  found.points.set(name, point);
  if (Object.keys(given.point).length > 0) found.given[point] = given.point;
  if (own?.reportToCloud && !isTwinName(name)) found.problems.push(`${name.slice(0, MOST_NAME)}: ${UNTOLD}`);
  for (const way of own?.unpushed ?? [])
    found.notes.push(`${name}: pushMethod.${way} is not done here; pushMethod.mqtt is, and the hub has every reading`);
  for (const note of given.notes) found.notes.push(`${name}: ${note}`);
}

/** It is read all the same. */
const UNTOLD = 'is not told: EdgeCore drops names with other letters than a-z A-Z 0-9 - _ . , : / @ #, and beyond 128';
const MOST_NAME = 140;

interface PointOf {
  /** What `points:` would say of it; nothing, where its profile says it all. */
  readonly point: Record<string, unknown>;
  readonly notes: readonly string[];
}

function pointOf(
  found: Properties,
  model: ModelProperty,
  own: KubeProperty | undefined,
  hasProfile: boolean,
): PointOf | { readonly problem: string } {
  const name = pointName(model.name);
  if (!NAME.test(name) || RESERVED_NAMES.includes(name)) return { problem: 'is no name of a point here' };
  if ([...found.points.values()].includes(name))
    return { problem: `another property is the point \`${name}\` already` };
  const cycle = cycleMs(own?.collectCycle ?? 0);
  if ('problem' in cycle) return cycle;
  const note = cycle.note === undefined ? [] : [cycle.note];
  const every = `${cycle.ms}ms`;
  if (Object.keys(own?.visitor ?? {}).length === 0 || own === undefined) {
    if (!hasProfile) return { problem: 'has no visitors: where is it read?' };
    return { point: own?.collectCycle ? { every } : {}, notes: note };
  }
  const keys = new Keys(own.visitor);
  const visit = visitOf(keys, model);
  if ('problem' in visit) return visit;
  const { address } = visit;
  return {
    point: { ...wordsOf(model, address), every, address },
    notes: [...keys.unknown(VISITOR_KEYS), ...visit.notes, ...note],
  };
}

const READ_ONLY_TABLES: readonly unknown[] = ['input', 'discrete'];
const MOST_UNIT = 32;
const MOST_TITLE = 200;

function wordsOf(model: ModelProperty, address: Readonly<Record<string, unknown>>): Record<string, unknown> {
  // Whatever the model says: these tables are read-only by the protocol.
  const writable = model.accessMode === 'ReadWrite' && !READ_ONLY_TABLES.includes(address.table);
  const isNumber = address.type !== 'bool' && address.type !== 'string';
  const [min, max] = [limitOf(model.minimum), limitOf(model.maximum)];
  const range = writable && isNumber && min !== max ? { min, max } : {};
  return Object.fromEntries(
    Object.entries({
      title: model.description === '' ? undefined : model.description.slice(0, MOST_TITLE),
      unit: model.unit === '' ? undefined : model.unit.slice(0, MOST_UNIT),
      writable: writable || undefined,
      ...range,
    }).filter(([, value]) => value !== undefined),
  );
}

function limitOf(text: string): number | undefined {
  return text.trim() === '' || !Number.isFinite(Number(text)) ? undefined : Number(text);
}
