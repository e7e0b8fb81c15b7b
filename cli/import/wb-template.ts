import { z } from 'zod';
import { type Path, type Problem, parseSettings, SettingsFault } from '../../core/settings.ts';
import { type DraftLimits, type DraftPoint, profileYaml } from './draft.ts';
import type { Imported } from './importer.ts';
import { withoutComments } from './json-comments.ts';
import { Names } from './names.ts';
import { type Fields, fieldsOf, listOf, type Note, noteRest, numberOf, textOf } from './source.ts';
import { channelPoint } from './wb-channel.ts';

/** Words of a template and of its device that change no reading. */
const TEMPLATE = ['title', 'device_type', 'group', 'device', 'deprecated', 'hw'];
const DEVICE = [
  ...['name', 'id', 'groups', 'channels', 'translations', 'protocol', 'setup', 'parameters'],
  ...['max_reg_hole', 'max_read_registers', 'guard_interval_us', 'enable_wb_continuous_read'],
];

/** A device template of wb-mqtt-serial: JSON with comments. */
export function importWbTemplate(text: string, file: string): Imported {
  if (/\{[%{]/.test(text)) {
    const message = 'is a Jinja template: make the JSON of it first';
    throw new SettingsFault([{ file, line: 1, path: '', message }]);
  }
  const loaded = parseSettings(z.unknown(), withoutComments(text), file);
  const template = fieldsOf(loaded.value);
  const device = fieldsOf(template.device);
  const problems: Problem[] = [];
  const note: Note = (...problem) => problems.push(loaded.problem(...problem));
  noteRest(template, TEMPLATE, [], note);
  noteRest(device, DEVICE, ['device'], note);
  noteWritesAtStart(device, note);
  const points = toPoints(device, note);
  const model = textOf(device.name) ?? textOf(template.device_type) ?? file;
  const yaml = profileYaml(`Imported from ${file}, a template of wb-mqtt-serial.`, {
    ...{ driver: 'modbus-rtu', vendor: 'Imported', model, points, limits: limitsOf(device) },
    title: englishOf(device, textOf(template.title)) ?? model,
    source: `imported from the wb-mqtt-serial template ${file}; name the maker's document here`,
  });
  return { kind: 'profile', yaml, points: Object.keys(points).length, problems };
}

function toPoints(device: Fields, note: Note): Record<string, DraftPoint> {
  const names = new Names();
  const points: Record<string, DraftPoint> = {};
  const protocol = textOf(device.protocol) ?? 'modbus';
  if (!/^modbus/.test(protocol)) {
    note(['device', 'protocol'], `\`${protocol}\` is not Modbus: no channel is translated`);
    return points;
  }
  for (const [i, channel] of listOf(device.channels).entries()) {
    const path: Path = ['device', 'channels', i];
    const name = englishOf(device, textOf(channel.name)) ?? textOf(channel.id) ?? 'channel';
    const point = channelPoint(channel, name, path, note);
    if (point !== undefined) points[names.take(name, textOf(channel.group))] = point;
  }
  return points;
}

/** The English text of a key of `translations`, or the text itself. */
function englishOf(device: Fields, key: string | undefined): string | undefined {
  return key === undefined ? undefined : (textOf(fieldsOf(fieldsOf(device.translations).en)[key]) ?? key);
}

function noteWritesAtStart(device: Fields, note: Note): void {
  for (const [i] of listOf(device.setup).entries())
    note(['device', 'setup', i], 'writes at the start: nothing is written');
  const { parameters } = device;
  const keys = Array.isArray(parameters) ? parameters.map((_, i) => i) : Object.keys(fieldsOf(parameters));
  for (const key of keys) note(['device', 'parameters', key], 'is a setting of the device and is left out');
}

function limitsOf(device: Fields): DraftLimits | undefined {
  const [hole, most, guardUs] = ['max_reg_hole', 'max_read_registers', 'guard_interval_us'].map((key) =>
    numberOf(device[key]),
  );
  const limits: DraftLimits = {
    ...(hole === undefined ? {} : { maxGap: Math.min(hole, 124) }),
    ...(most === undefined || most < 2 ? {} : { registers: Math.min(most, 125) }),
    // 0 and 1 both stand for one channel a request.
    ...(most !== undefined && most < 2 ? { onePointPerRequest: true as const } : {}),
    ...(guardUs === undefined || guardUs === 0 ? {} : { pause: `${Math.ceil(guardUs / 1000)}ms` }),
  };
  return Object.keys(limits).length === 0 ? undefined : limits;
}
