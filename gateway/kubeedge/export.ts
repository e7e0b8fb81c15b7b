import type { SerialSettings } from '../../devices/driver.ts';
import { modbusRtu } from '../../devices/modbus/driver.ts';
import type { DeviceSpec, PointSpec } from '../../devices/plant-types.ts';
import { findDriver, speakAlike } from '../../devices/registry.ts';

const API = 'devices.kubeedge.io/v1beta1';

export interface ExportChoices {
  /** `eastron/sdm630` */
  readonly profile: string;
  /** Of the Device object. */
  readonly name: string;
  readonly namespace: string;
  readonly node: string;
  /** `/dev/ttyUSB0` or `tcp://10.0.0.20:502`. */
  readonly port: string;
  readonly unitId: number;
  /** As the model leaves the factory, where that is known. */
  readonly serial: SerialSettings | undefined;
}

/** `eastron/sdm630` is the model `eastron-sdm630`. */
export function modelName(profile: string): string {
  return profile.replaceAll(/[^a-z0-9]+/g, '-');
}

/**
 * The DeviceModel and a Device for a profile. Where its points stand and what they mean stays in the profile, which the Device names: no
 * dialect of register keys can say it all.
 */
export function exportObjects(device: DeviceSpec, choices: ExportChoices): readonly [model: object, device: object] {
  const { profile, name, namespace, node } = choices;
  const driver = findDriver(device.driver);
  const isModbus = driver !== undefined && speakAlike(driver, modbusRtu);
  const protocol = isModbus ? 'modbus' : 'sluice';
  const model = {
    ...{ apiVersion: API, kind: 'DeviceModel' },
    metadata: { name: modelName(profile), namespace },
    spec: { protocol, properties: device.points.map(propertyOf) },
  };
  const object = {
    ...{ apiVersion: API, kind: 'Device' },
    metadata: { name, namespace },
    spec: {
      deviceModelRef: { name: modelName(profile) },
      nodeName: node,
      protocol: {
        protocolName: protocol,
        configData: { profile, ...(isModbus ? {} : { driver: device.driver }), ...lineOf(choices) },
      },
      properties: device.points.map((point) => ({
        name: point.name,
        reportToCloud: true,
        visitors: { protocolName: protocol, configData: {} },
      })),
    },
  };
  return [model, object];
}

/** Those of `channels:` where nothing is said. */
const PRESET: SerialSettings = { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 };

function lineOf({ port, unitId, serial = PRESET }: ExportChoices): object {
  const tcp = /^tcp:\/\/(.+):(\d+)$/.exec(port);
  if (tcp === null) return { serialPort: port, ...serial, slaveID: unitId };
  return { communicateMode: 'TCP', ip: tcp[1], port: tcp[2], slaveID: unitId };
}

const MOST_DESCRIPTION = 200;

function propertyOf(point: PointSpec): object {
  const { name, title, unit, writable, min, max } = point;
  return {
    name,
    ...(title.en ? { description: title.en.slice(0, MOST_DESCRIPTION) } : {}),
    type: typeOf(point),
    accessMode: writable ? 'ReadWrite' : 'ReadOnly',
    ...(writable && min !== undefined ? { minimum: String(min) } : {}),
    ...(writable && max !== undefined ? { maximum: String(max) } : {}),
    ...(unit === undefined ? {} : { unit }),
  };
}

const WHOLE = /^u?int|^bcd|^bits/;

/** A whole number that is scaled is none any more. */
function typeOf({ kind, type, address, formula }: PointSpec): string {
  if (kind === 'boolean') return 'BOOLEAN';
  if (kind === 'text') return 'STRING';
  if (type === 'float64') return 'DOUBLE';
  const { scale = 1, scaleAt } = (address ?? {}) as { readonly scale?: number; readonly scaleAt?: number };
  const isWhole = formula === undefined && WHOLE.test(type) && Number.isInteger(scale) && scaleAt === undefined;
  return isWhole ? 'INT' : 'FLOAT';
}
