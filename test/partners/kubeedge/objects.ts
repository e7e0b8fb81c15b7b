/** Device and DeviceModel objects as somebody writes them, and how EdgeCore puts them on the wire. */

export interface GivenProperty {
  readonly name: string;
  readonly collectCycle?: number;
  readonly reportCycle?: number;
  readonly reportToCloud?: boolean;
  readonly desired?: string;
  readonly visitors?: Readonly<Record<string, unknown>>;
  readonly push?: {
    readonly address: string;
    readonly topic: string;
    readonly qos?: number;
    readonly retained?: boolean;
  };
  /** Other members of `pushMethod`. */
  readonly otherPush?: Readonly<Record<string, object>>;
}

export interface GivenDevice {
  readonly name: string;
  readonly namespace?: string;
  readonly model: string;
  readonly protocol?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly properties: readonly GivenProperty[];
}

export interface GivenModel {
  readonly name: string;
  readonly namespace?: string;
  readonly properties: readonly {
    readonly name: string;
    readonly type?: string;
    readonly accessMode?: string;
    readonly minimum?: string;
    readonly maximum?: string;
    readonly unit?: string;
    readonly description?: string;
  }[];
}

const TYPE = 'type.googleapis.com/google.protobuf.';

/**
 * A value of configData as `dataToAny` makes it: every number a float32, and what is the default of its type an empty value. Throws for
 * lists and objects: the whole conversion fails.
 */
export function anyOf(value: unknown): { type_url: string; value: Buffer } {
  if (typeof value === 'boolean') return { type_url: `${TYPE}BoolValue`, value: Buffer.from(value ? [0x08, 1] : []) };
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(5, 0x0d);
    bytes.writeFloatLE(value, 1);
    return { type_url: `${TYPE}FloatValue`, value: value === 0 ? Buffer.alloc(0) : bytes };
  }
  if (typeof value !== 'string') throw new TypeError('EdgeCore: failed to convert configData');
  const text = Buffer.from(value);
  const length = text.length < 128 ? [text.length] : [(text.length & 0x7f) | 0x80, text.length >> 7];
  return { type_url: `${TYPE}StringValue`, value: text.length === 0 ? text : Buffer.from([0x0a, ...length, ...text]) };
}

function config(protocolName: string, data: Readonly<Record<string, unknown>> | undefined) {
  const entries = Object.entries(data ?? {}).map(([key, value]) => [key, anyOf(value)]);
  return { protocolName, configData: { data: Object.fromEntries(entries) } };
}

export function wireDevice({
  name,
  namespace = 'default',
  model,
  protocol = 'modbus',
  config: data,
  properties,
}: GivenDevice) {
  return {
    ...{ name, namespace },
    spec: {
      deviceModelReference: model,
      protocol: config(protocol, data),
      properties: properties.map((property) => ({
        name: property.name,
        desired: { value: property.desired ?? '' },
        visitors: property.visitors ? config(protocol, property.visitors) : null,
        ...{ collectCycle: property.collectCycle ?? 0, reportCycle: property.reportCycle ?? 0 },
        reportToCloud: property.reportToCloud ?? true,
        pushMethod:
          property.push || property.otherPush
            ? {
                mqtt: property.push ? { qos: 0, retained: false, ...property.push } : null,
                ...property.otherPush,
              }
            : null,
      })),
    },
  };
}

export function wireModel({ name, namespace = 'default', properties }: GivenModel) {
  const blank = { description: '', type: 'INT', accessMode: 'ReadOnly', minimum: '', maximum: '', unit: '' };
  return { name, namespace, spec: { properties: properties.map((property) => ({ ...blank, ...property })) } };
}
