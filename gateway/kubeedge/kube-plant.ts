import type { Problem } from '../../core/settings.ts';
import type { ChannelSpec, DeviceSpec, Plant } from '../../devices/plant-types.ts';
import { readConfig } from '../meta/config-text.ts';
import type { PlantRules } from '../settings.ts';
import { type GivenDevice, givenDevice } from './device-of.ts';
import { type KubeDevice, type KubeModel, modelIdOf, objectId } from './objects.ts';

/** What became of a Device object. */
export interface KubeEntry {
  readonly object: KubeDevice;
  /** `namespace/name` */
  readonly id: string;
  /** Undefined: it cannot be used, and the problems say why. */
  readonly device: DeviceSpec | undefined;
  /** The point of each property that is read. */
  readonly points: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

export interface KubePlant {
  /** Lines that only KubeEdge's devices use, and these devices. */
  readonly plant: Plant;
  readonly entries: readonly KubeEntry[];
}

interface Checked {
  readonly device: DeviceSpec | undefined;
  readonly made: ChannelSpec | undefined;
  readonly points: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

interface Remembered {
  readonly object: KubeDevice;
  readonly model: KubeModel | undefined;
  readonly own: readonly ChannelSpec[];
  readonly checked: Checked;
}
/** What a check came to, by object: of two hundred devices one changes at a time. */
export type Memory = Map<string, Remembered>;

/**
 * The devices that Device objects describe, each checked by itself with the gateway's own rules: one that is broken takes no other with
 * it, and of one with a broken property the rest is read. Names and lines of the gateway's own configuration are taken already.
 */
export async function kubePlant(
  objects: { readonly devices: Iterable<KubeDevice>; readonly models: ReadonlyMap<string, KubeModel> },
  own: Plant,
  rules: PlantRules,
  memory: Memory = new Map(),
): Promise<KubePlant> {
  const taken = new Set(own.devices.map(({ name }) => name));
  const channels = new Map<string, ChannelSpec>();
  const seen = new Map<string, Remembered>();
  const entries: KubeEntry[] = [];
  for (const object of objects.devices) {
    const id = objectId(object);
    const about = { object, model: objects.models.get(modelIdOf(object)), own: own.channels };
    const known = memory.get(id);
    const isKnown = known?.object === object && known.model === about.model && known.own === about.own;
    const sound = isKnown ? known.checked : await checkAlone(about, rules);
    seen.set(id, { ...about, checked: sound });
    const name = sound.device?.name;
    const isTaken = name !== undefined && taken.has(name);
    const problem = isTaken ? `the gateway has a device \`${name}\` already` : lineProblem(sound.made, channels);
    const checked = problem === undefined ? sound : refused([problem], sound.notes);
    if (checked.device) taken.add(checked.device.name);
    if (checked.device && checked.made && !channels.has(checked.made.name))
      channels.set(checked.made.name, checked.made);
    const { device, points, problems, notes } = checked;
    entries.push({ object, id, device, points, problems, notes });
  }
  memory.clear();
  for (const [id, remembered] of seen) memory.set(id, remembered);
  const devices = entries.flatMap(({ device }) => device ?? []);
  return { plant: { channels: [...channels.values()], devices }, entries };
}

/** Of two framings on one connection only one can be right. A serial line may have slaves of several protocols. */
function lineProblem(made: ChannelSpec | undefined, channels: ReadonlyMap<string, ChannelSpec>): string | undefined {
  const other = made && channels.get(made.name);
  if (made === undefined || other === undefined) return undefined;
  if (other.port !== made.port)
    return `${made.port} and ${other.port} of another device come to one name: give the line as a \`channel\` of the gateway`;
  if (other.driver === made.driver || !made.port.startsWith('tcp://')) return undefined;
  return `another device has ${made.port} as ${other.driver}, not ${made.driver}: which is it?`;
}

function refused(problems: readonly string[], notes: readonly string[] = []): Checked {
  return { device: undefined, made: undefined, points: new Map(), problems, notes };
}

function checkAlone(
  { object, model, own }: Omit<Remembered, 'checked'>,
  rules: PlantRules,
): Checked | Promise<Checked> {
  const given = givenDevice(object, model, own);
  return 'problem' in given ? refused([given.problem]) : check(given, rules);
}

async function check(given: GivenDevice, rules: PlantRules): Promise<Checked> {
  const { line, points, problems, notes } = given;
  // That it has no points then is only an echo.
  if (points.size === 0 && problems.length > 0) return refused(problems, notes);
  const channel = 'own' in line ? givenChannel(line.own) : line.made;
  const read = (device: object) =>
    readConfig(JSON.stringify({ channels: [channel], devices: [{ ...device, channel: channel.name }] }), rules);
  let result = await read(given.given);
  const own = [...problems];
  let kept = given.given.points as Record<string, unknown>;
  if ('problems' in result) {
    // Once more without the properties that something is wrong with.
    const broken = new Set(result.problems.flatMap((problem) => pointOf(problem, Object.keys(kept)) ?? []));
    own.push(...result.problems.map(inWords));
    kept = Object.fromEntries(Object.entries(kept).filter(([point]) => !broken.has(point)));
    if (broken.size === 0) return refused(own, notes);
    result = await read({ ...given.given, points: kept });
    if ('problems' in result) return refused(own, notes);
  }
  const device = result.plant.devices[0];
  const there = new Set(device?.points.map((point) => point.name));
  const alive = [...points].filter(([, point]) => there.has(point));
  for (const [property, point] of points) {
    if (!there.has(point) && !own.some((text) => text.startsWith(`${point}:`) || text.startsWith(`${property}:`)))
      own.push(`${property}: the profile has no point \`${point}\``);
  }
  const made = 'made' in line ? result.plant.channels[0] : undefined;
  return { device, made, points: new Map(alive), problems: own, notes };
}

/** The point that a problem is about: of `motor` and `motor.speed` the longer name that fits. */
function pointOf({ path }: Problem, names: readonly string[]): string | undefined {
  const fitting = names.filter((name) => `${path}.`.startsWith(`devices[0].points.${name}.`));
  return fitting.sort((one, other) => other.length - one.length)[0];
}

function inWords({ path, message, suggestion }: Problem): string {
  const place = path.replace(/^(devices|channels)\[0\]\.?/, '').replace(/^points\./, '');
  return `${place === '' ? '' : `${place}: `}${message}${suggestion ? ` — ${suggestion}` : ''}`;
}

/** As its configuration would say it: only what matters to who checks a device on it. */
function givenChannel({ name, driver, port, serial, followsSpeed }: ChannelSpec) {
  return { name, driver, port, ...serial, ...(followsSpeed ? { followsSpeed } : {}) };
}
