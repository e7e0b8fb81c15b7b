import { Document, isMap, isScalar, visit } from 'yaml';
import { Names } from './names.ts';

export type DraftTable = 'coil' | 'discrete' | 'holding' | 'input';

export interface DraftAddress {
  readonly table: DraftTable;
  readonly register: number;
  readonly type?: string | undefined;
  readonly length?: number | undefined;
  readonly byteOrder?: string | undefined;
  readonly bit?: number | undefined;
  readonly half?: 'high' | 'low' | undefined;
  readonly scale?: number | undefined;
  readonly offset?: number | undefined;
  readonly invalid?: number | string | readonly (number | string)[] | undefined;
  readonly writeWith?: 'multiple' | undefined;
}

export interface DraftPoint {
  readonly title?: string | { readonly en: string; readonly ko: string } | undefined;
  readonly unit?: string | undefined;
  readonly address: DraftAddress;
  readonly every?: string | undefined;
  readonly valid?: { readonly min?: number | undefined; readonly max?: number | undefined } | undefined;
  readonly writable?: true | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly enum?: Readonly<Record<string, string>> | undefined;
}

export interface DraftChannel {
  readonly driver: 'modbus-rtu' | 'modbus-tcp';
  readonly port: string;
  readonly baudRate?: number | undefined;
  readonly parity?: 'none' | 'even' | 'odd' | undefined;
  readonly stopBits?: number | undefined;
  readonly dataBits?: number | undefined;
  readonly timeout?: string | undefined;
}

export interface DraftLimits {
  readonly registers?: number | undefined;
  readonly bits?: number | undefined;
  readonly maxGap?: number | undefined;
  readonly bitsFromZero?: true | undefined;
  readonly onePointPerRequest?: true | undefined;
  readonly pause?: string | undefined;
}

export interface DraftProfile {
  readonly driver: 'modbus-rtu' | 'modbus-tcp';
  readonly vendor: string;
  readonly model: string;
  readonly title: string;
  readonly source: string;
  readonly limits?: DraftLimits | undefined;
  readonly points: Readonly<Record<string, DraftPoint>>;
}

interface DraftDevice {
  readonly name: string;
  readonly channel: string;
  readonly unitId: number;
  readonly limits?: DraftLimits | undefined;
  readonly points: Record<string, DraftPoint>;
  readonly pointNames: Names;
}

/** Channels and devices as they are found in a source: a line is one channel, a unit on it one device. */
export class PlantDraft {
  readonly #channels = new Map<string, DraftChannel & { readonly name: string }>();
  readonly #devices = new Map<string, DraftDevice>();
  readonly #names = new Names();
  readonly #deviceNames = new Names();

  /** The name of the channel at this port. */
  channel(wanted: string, spec: DraftChannel): string {
    const known = this.#channels.get(spec.port);
    if (known !== undefined) return known.name;
    const name = this.#names.take(wanted);
    this.#channels.set(spec.port, { name, ...spec });
    return name;
  }

  device(channel: string, unitId: number, limits?: DraftLimits): DraftDevice {
    const key = `${channel}/${unitId}`;
    const known = this.#devices.get(key);
    if (known !== undefined) return known;
    const name = this.#deviceNames.take(`${channel}-${unitId}`);
    const device = { name, channel, unitId, limits, points: {}, pointNames: new Names() };
    this.#devices.set(key, device);
    return device;
  }

  /** How much there is. */
  get points(): number {
    return [...this.#devices.values()].reduce((sum, { points }) => sum + Object.keys(points).length, 0);
  }

  /** A gateway.yaml. */
  yaml(heading: string): string {
    const devices = [...this.#devices.values()].filter(({ points }) => Object.keys(points).length > 0);
    return write(heading, {
      gateway: 'imported',
      channels: [...this.#channels.values()].filter(({ name }) => devices.some(({ channel }) => channel === name)),
      devices: devices.map(({ pointNames: _, ...device }) => device),
    });
  }
}

export function profileYaml(heading: string, profile: DraftProfile): string {
  const { driver, vendor, model, title, source, limits, points } = profile;
  return write(heading, { driver, class: 'other', vendor, models: [model], title, source, limits, points });
}

const FLOW = ['address', 'limits', 'valid', 'models'];

function write(heading: string, content: object): string {
  const document = new Document(content, { keepUndefined: false });
  document.commentBefore = ` ${heading}`;
  visit(document, {
    Pair(_, { key, value }) {
      if (isScalar(key) && FLOW.includes(String(key.value)) && isCollection(value)) value.flow = true;
    },
    Seq(_, seq, path) {
      const parent = path.at(-1);
      if (isChannels(parent)) for (const item of seq.items) if (isMap(item)) item.flow = true;
    },
  });
  return document.toString({ lineWidth: 0 });
}

function isCollection(value: unknown): value is { flow?: boolean } {
  return typeof value === 'object' && value !== null && 'items' in value;
}

function isChannels(parent: unknown): boolean {
  const key = (parent as { key?: unknown } | undefined)?.key;
  return isScalar(key) && key.value === 'channels';
}
