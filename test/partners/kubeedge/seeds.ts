import type { GivenDevice, GivenModel, GivenProperty } from './objects.ts';

/** Objects for tests against an EdgeCore of either kind, with a namespace and a protocol of their own: nothing else on the node is touched. */
export const SPACE = 'sluice-check';
export const SEED_SLAVE_PORT = 15020;

const MODEL: GivenModel = {
  ...{ name: 'boiler', namespace: SPACE },
  properties: [
    { name: 'temperature', type: 'FLOAT', unit: 'degC' },
    { name: 'setpoint', type: 'INT', accessMode: 'ReadWrite', minimum: '0', maximum: '100' },
    { name: 'held', type: 'INT', accessMode: 'ReadWrite', minimum: '0', maximum: '100' },
  ],
};

const holding = (name: string, offset: unknown, more: Partial<GivenProperty> = {}): GivenProperty => {
  return {
    name,
    collectCycle: 100,
    visitors: { register: 'HoldingRegister', offset, limit: 1, ...more.visitors },
    ...more,
  };
};
const TEMPERATURE = {
  ...holding('temperature', 0),
  visitors: { register: 'HoldingRegister', offset: 0, limit: 1, scale: 0.1 },
};

/** Broken in one way each, and what is said of it. */
export const BROKEN: Readonly<
  Record<string, { readonly properties: readonly GivenProperty[]; readonly says: RegExp; readonly config?: object }>
> = {
  register: {
    properties: [TEMPERATURE, { ...holding('setpoint', 1), visitors: { register: 'HoldingRegistre', offset: 1 } }],
    says: /setpoint: register `HoldingRegistre` is none/,
  },
  types: { properties: [TEMPERATURE, holding('setpoint', 'one')], says: /setpoint.*address.*number/ },
  address: { properties: [TEMPERATURE, holding('setpoint', 70_000)], says: /65535/ },
  cycle: { properties: [{ ...TEMPERATURE, collectCycle: -5 }, holding('setpoint', 1)], says: /a cycle of -5 is none/ },
  property: { properties: [TEMPERATURE, holding('setpiont', 1)], says: /setpiont: its model has no such property/ },
  unit: { properties: [TEMPERATURE], config: { slaveID: 4711 }, says: /unitId.*255/ },
  line: { properties: [TEMPERATURE], config: { ip: '', port: '' }, says: /no line: give serialPort/ },
};

export interface Seeds {
  readonly model: GivenModel;
  readonly devices: readonly GivenDevice[];
  /** In lists, and never a member: created while the node was offline. */
  readonly stranger: GivenDevice;
}

/** Of a slave there, which has 215 in register 0, 40 in 1 and 2. */
export function seedsAt(ip: string, port: number): Seeds {
  const device = (name: string, properties: readonly GivenProperty[], config: object = {}): GivenDevice => ({
    ...{ name, namespace: SPACE, model: MODEL.name, protocol: SPACE, properties },
    config: { communicateMode: 'TCP', ip, port: String(port), slaveID: 1, ...config },
  });
  const wanted = [TEMPERATURE, holding('setpoint', 1, { desired: '55' }), holding('held', 2, { desired: '40' })];
  return {
    model: MODEL,
    devices: [
      device('good', wanted),
      ...Object.entries(BROKEN).map(([name, { properties, config }]) => device(`broken-${name}`, properties, config)),
    ],
    stranger: device('stranger', [TEMPERATURE]),
  };
}

/** As EdgeCore's database has them: `meta` for objects, `device` for members. */
export function seedSql({ model, devices, stranger }: Seeds): string {
  const meta = (kind: string, name: string, object: object) =>
    `INSERT OR REPLACE INTO meta (key, type, value) VALUES (${[`${SPACE}/${kind}/${name}`, kind, JSON.stringify(object)].map(quoted).join(', ')});`;
  return [
    'BEGIN;',
    meta('devicemodel', model.name, modelObject(model)),
    ...[...devices, stranger].map((device) => meta('device', device.name, deviceObject(device))),
    ...devices.map(({ name }) => {
      const values = [`${SPACE}/${name}`, name, '', 'unknown', ''].map(quoted).join(', ');
      return `INSERT OR REPLACE INTO device (id, name, description, state, last_online) VALUES (${values});`;
    }),
    'COMMIT;',
  ].join('\n');
}

/** As `kubectl` would apply it. */
export function modelObject({ name, properties }: GivenModel): object {
  return {
    ...{ apiVersion: 'devices.kubeedge.io/v1beta1', kind: 'DeviceModel', metadata: { name, namespace: SPACE } },
    spec: { protocol: SPACE, properties: properties.map((property) => ({ accessMode: 'ReadOnly', ...property })) },
  };
}

export function deviceObject({ name, model, config, properties }: GivenDevice): object {
  return {
    ...{ apiVersion: 'devices.kubeedge.io/v1beta1', kind: 'Device', metadata: { name, namespace: SPACE } },
    spec: {
      ...{ deviceModelRef: { name: model }, nodeName: 'edge-1' },
      protocol: { protocolName: SPACE, configData: config },
      properties: properties.map(({ name: property, collectCycle, desired, visitors }) => ({
        ...{ name: property, collectCycle, reportToCloud: true },
        ...(desired === undefined ? {} : { desired: { value: desired } }),
        visitors: { protocolName: SPACE, configData: visitors },
      })),
    },
  };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
