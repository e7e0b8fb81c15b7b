import { z } from 'zod';
import { type Path, type Problem, parseSettings } from '../../core/settings.ts';
import { type DraftChannel, type DraftLimits, PlantDraft } from './draft.ts';
import { binarySensorPoint, climatePoints, type Entity, sensorPoints, switchPoint } from './home-assistant-entities.ts';
import type { Imported } from './importer.ts';
import {
  type Fields,
  fieldsOf,
  listOf,
  lookup,
  type Note,
  noteRest,
  numberOf,
  parityOf,
  secondsText,
  textOf,
} from './source.ts';

const HUB = [
  ...['name', 'type', 'host', 'port', 'baudrate', 'bytesize', 'method', 'parity', 'stopbits', 'timeout'],
  ...['message_wait_milliseconds', 'sensors', 'binary_sensors', 'switches', 'climates', 'covers', 'fans', 'lights'],
];

type ToPoints = (entity: Fields, path: Path, note: Note) => readonly Entity[];

const KINDS: Readonly<Record<string, ToPoints>> = {
  sensors: sensorPoints,
  binary_sensors: binarySensorPoint,
  switches: switchPoint,
  climates: climatePoints,
};

/** `modbus:` of a Home Assistant configuration, or what stands below it. */
export function importHomeAssistant(text: string, file: string): Imported {
  const loaded = parseSettings(z.unknown(), text, file);
  const problems: Problem[] = [];
  const note: Note = (...problem) => problems.push(loaded.problem(...problem));
  const inside = fieldsOf(loaded.value).modbus;
  const base: Path = inside === undefined ? [] : ['modbus'];
  const plant = new PlantDraft();
  for (const [i, hub] of listOf(inside ?? loaded.value).entries()) addHub(hub, [...base, i], plant, note);
  const yaml = plant.yaml(`Imported from ${file}, the modbus integration of Home Assistant. Set gateway.`);
  return { kind: 'plant', yaml, points: plant.points, problems };
}

function addHub(hub: Fields, path: Path, plant: PlantDraft, note: Note): void {
  const spec = toChannel(hub, path, note);
  if (spec === undefined) return;
  noteRest(hub, HUB, path, note);
  const channel = plant.channel(textOf(hub.name) ?? 'modbus-hub', spec);
  for (const [kind, entities] of Object.entries(hub)) {
    if (['covers', 'fans', 'lights'].includes(kind)) {
      for (const [i] of listOf(entities).entries())
        note([...path, kind, i], 'is not translated: only sensors and switches are');
    }
    const toPoints = lookup(KINDS, kind);
    if (toPoints === undefined) continue;
    for (const [i, entity] of listOf(entities).entries()) {
      const at = [...path, kind, i];
      const device = plant.device(channel, unitOf(entity, at, note), limitsOf(hub));
      for (const { name, point } of toPoints(entity, at, note)) device.points[device.pointNames.take(name)] = point;
    }
  }
}

function unitOf(entity: Fields, path: Path, note: Note): number {
  const unit = numberOf(entity.device_address) ?? numberOf(entity.slave);
  if (unit === undefined) note(path, 'names no device: unit 1 is taken', 'say `unitId` of the device');
  return unit ?? 1;
}

function limitsOf(hub: Fields): DraftLimits | undefined {
  const pause = numberOf(hub.message_wait_milliseconds);
  return pause === undefined ? undefined : { pause: `${pause}ms` };
}

function toChannel(hub: Fields, path: Path, note: Note): DraftChannel | undefined {
  const type = textOf(hub.type) ?? '';
  const seconds = numberOf(hub.timeout);
  const timeout = seconds === undefined ? undefined : secondsText(seconds);
  if (type === 'serial') {
    if (textOf(hub.method) === 'ascii') return refuse('method', 'Modbus ASCII is not spoken: the hub is left out');
    const parity = parityOf(hub.parity, [...path, 'parity'], note);
    return {
      ...{ driver: 'modbus-rtu', port: textOf(hub.port) ?? '', timeout, parity },
      ...{
        baudRate: numberOf(hub.baudrate),
        stopBits: numberOf(hub.stopbits),
        dataBits: numberOf(hub.bytesize),
      },
    };
  }
  const port = `tcp://${textOf(hub.host) ?? ''}:${textOf(hub.port) ?? '502'}`;
  if (type === 'tcp') return { driver: 'modbus-tcp', port, timeout };
  if (type === 'rtuovertcp') return { driver: 'modbus-rtu', port, timeout };
  return refuse('type', `\`${type}\` is no line of ours: the hub is left out`);

  function refuse(key: string, message: string): undefined {
    note([...path, key], message);
  }
}
