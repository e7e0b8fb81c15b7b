import type { PointSpec } from '../../devices/plant-types.ts';
import type { DeviceState } from '../intake.ts';
import { SELF } from '../self/self-device.ts';
import type { KubeEntry } from './kube-plant.ts';
import type { Stand } from './report-queue.ts';
import { ownStandOf } from './stands.ts';
import { wantedValue } from './twin-text.ts';
import { MOST_TEXT, type Want } from './wanted.ts';

type Devices = ReadonlyMap<string, DeviceState>;

/** The devices of file or hub, as devices of this namespace. */
export function ownStands(devices: Devices, entries: readonly KubeEntry[], namespace: string): readonly Stand[] {
  const taken = new Set(entries.map(({ device }) => device?.name));
  return [...devices.values()]
    .filter(({ spec: { name } }) => name !== SELF && !taken.has(name))
    .map((state) => ownStandOf(state, idOfOwn(state.spec.name, namespace)));
}

/** As KubeEdge knows a device of the gateway's own. */
export function idOfOwn(device: string, namespace: string): string {
  return namespace === '' ? device : `${namespace}/${device}`;
}

export interface OwnWants {
  readonly wants: readonly Want[];
  /** Of what means nothing. */
  readonly problem: string | undefined;
}

/** What KubeEdge wants of such a device, by property. Undefined: it is none of these, but a Device object's or another mapper's. */
export function ownWants(
  id: string,
  wanted: Readonly<Record<string, string>>,
  { devices, entries, namespace }: { devices: Devices; entries: readonly KubeEntry[]; namespace: string },
): OwnWants | undefined {
  const name = namespace === '' ? id : id.startsWith(`${namespace}/`) ? id.slice(namespace.length + 1) : undefined;
  const state = name === undefined ? undefined : devices.get(name);
  if (state === undefined || entries.some(({ device }) => device?.name === name)) return undefined;
  const wants: Want[] = [];
  const problems: string[] = [];
  for (const [property, text] of Object.entries(wanted)) {
    const spec = state.points.get(property)?.spec;
    const value = spec?.writable ? wantedValue(text, spec.kind) : undefined;
    const isTooLong = typeof value === 'string' && value.length > MOST_TEXT;
    if (value === undefined || isTooLong) problems.push(`${property.slice(0, MOST_NAME)}: ${whyNot(spec, text)}`);
    else wants.push({ point: `${name}/${property}`, value, by: `kubeedge: ${id}`.slice(0, 100) });
  }
  return { wants, problem: problems.length === 0 ? undefined : problems.join('; ') };
}

const MOST_NAME = 63;
const MOST_SHOWN = 60;

function whyNot(spec: PointSpec | undefined, text: string): string {
  if (spec === undefined) return 'no such point';
  if (!spec.writable) return 'cannot be written';
  if (text.length > MOST_TEXT) return `${text.length} characters, more than ${MOST_TEXT}`;
  return `\`${text.slice(0, MOST_SHOWN)}\` is no ${spec.kind}`;
}
