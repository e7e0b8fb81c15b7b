import { parse } from 'smol-toml';
import { type Path, type Problem, SettingsFault } from '../../core/settings.ts';
import { type DraftChannel, type DraftLimits, PlantDraft } from './draft.ts';
import type { Imported } from './importer.ts';
import { type Fields, fieldsOf, listOf, type Note, noteRest, numberOf, parityOf, textOf } from './source.ts';
import { type FieldOwner, registerFields, styledFields, type TelegrafField } from './telegraf-fields.ts';

const INPUT = [
  ...['name', 'slave_id', 'controller', 'baud_rate', 'data_bits', 'parity', 'stop_bits', 'transmission_mode'],
  ...['timeout', 'interval', 'configuration_type', 'request', 'metric', 'workarounds'],
  ...['discrete_inputs', 'coils', 'holding_registers', 'input_registers'],
  // Words that change no reading; requests are planned anew.
  ...['debug_connection', 'optimization', 'optimization_max_register_fill', 'name_override', 'alias'],
];
const WORKAROUNDS = [
  ...['pause_between_requests', 'one_request_per_field', 'read_coils_starting_at_zero'],
  ...['max_bit_registers_per_request', 'max_word_registers_per_request', 'string_register_location'],
];
/** Other tables of the file are not about Modbus; only their names are told. */
const ELSEWHERE = ['inputs', 'agent', 'global_tags'];

/** Telegraf's `[[inputs.modbus]]`, in its styles register, request and metric. */
export function importTelegraf(text: string, file: string): Imported {
  const root = parseToml(text, file);
  const problems: Problem[] = [];
  const lines = tableLines(text);
  const note: Note = (path, message, suggestion) => {
    const shown = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
    const line = lines[Number(path[2] ?? 0)] ?? 1;
    problems.push({ file, line, path: shown.slice(1), message, ...(suggestion === undefined ? {} : { suggestion }) });
  };
  for (const key of Object.keys(root)) if (!ELSEWHERE.includes(key)) note([key], 'is not about Modbus and is left out');
  const every = durationOf(fieldsOf(root.agent).interval);
  const plant = new PlantDraft();
  for (const [i, input] of listOf(fieldsOf(root.inputs).modbus).entries())
    addInput(input, ['inputs', 'modbus', i], every, plant, note);
  const yaml = plant.yaml(`Imported from ${file}, the modbus input of Telegraf. Set gateway.`);
  return { kind: 'plant', yaml, points: plant.points, problems };
}

function parseToml(text: string, file: string): Fields {
  try {
    return fieldsOf(parse(text));
  } catch (error) {
    const { line = 1, message } = error as Error & { line?: number };
    throw new SettingsFault([{ file, line, path: '', message: message.split('\n')[0] ?? 'is no TOML' }]);
  }
}

/** Where each `[[inputs.modbus]]` begins: the parser does not say. */
function tableLines(text: string): number[] {
  return text.split('\n').flatMap((line, i) => (/^\s*\[\[\s*inputs\.modbus\s*\]\]/.test(line) ? [i + 1] : []));
}

function addInput(input: Fields, path: Path, every: string | undefined, plant: PlantDraft, note: Note): void {
  const spec = toChannel(input, path, note);
  if (spec === undefined) return;
  noteRest(input, INPUT, path, note);
  const channel = plant.channel(textOf(input.name) ?? 'modbus', spec);
  const limits = limitsOf(input, path, note);
  const rhythm = durationOf(input.interval) ?? every;
  const location = textOf(fieldsOf(input.workarounds).string_register_location);
  const owner: FieldOwner = {
    half: location === 'upper' ? 'high' : location === 'lower' ? 'low' : undefined,
    every: rhythm,
  };
  for (const { unitId, name, measurement, point } of fieldsFrom(input, owner, path, note)) {
    const device = plant.device(channel, unitId, limits);
    device.points[device.pointNames.take(name, measurement)] = point;
  }
}

function fieldsFrom(input: Fields, owner: FieldOwner, path: Path, note: Note): readonly TelegrafField[] {
  const style = textOf(input.configuration_type) ?? 'register';
  if (style === 'register') return registerFields(input, owner, path, note);
  if (style === 'request' || style === 'metric')
    return listOf(input[style]).flatMap((each, i) => styledFields(each, style, owner, [...path, style, i], note));
  note([...path, 'configuration_type'], `there is no style \`${style}\``);
  return [];
}

function toChannel(input: Fields, path: Path, note: Note): DraftChannel | undefined {
  const controller = textOf(input.controller) ?? '';
  const mode = textOf(input.transmission_mode) ?? 'auto';
  const timeout = durationOf(input.timeout);
  const leaveOut = (key: string, message: string): undefined => {
    note([...path, key], `${message}: the input is left out`);
    return undefined;
  };
  if (/ASCII/i.test(mode)) return leaveOut('transmission_mode', 'Modbus ASCII is not spoken');
  if (/^tcp:\/\//.test(controller)) {
    return { driver: /RTU/i.test(mode) ? 'modbus-rtu' : 'modbus-tcp', port: controller, timeout };
  }
  const port = controller.replace(/^file:\/\//, '');
  if (!port.startsWith('/')) return leaveOut('controller', `\`${controller}\` is no line of ours`);
  const parity = parityOf(input.parity, [...path, 'parity'], note);
  const [baudRate, dataBits, stopBits] = [input.baud_rate, input.data_bits, input.stop_bits].map(numberOf);
  return { driver: 'modbus-rtu', port, timeout, baudRate, dataBits, stopBits, parity };
}

function limitsOf(input: Fields, path: Path, note: Note): DraftLimits | undefined {
  const given = fieldsOf(input.workarounds);
  noteRest(given, WORKAROUNDS, [...path, 'workarounds'], note);
  const limits: DraftLimits = {
    registers: numberOf(given.max_word_registers_per_request) || undefined,
    bits: numberOf(given.max_bit_registers_per_request) || undefined,
    pause: durationOf(given.pause_between_requests),
    ...(given.one_request_per_field === true ? { onePointPerRequest: true } : {}),
    ...(given.read_coils_starting_at_zero === true ? { bitsFromZero: true } : {}),
  };
  return Object.values(limits).some((value) => value !== undefined) ? limits : undefined;
}

/** Telegraf's `1m30s` as a duration of ours; one of 0 is none. */
function durationOf(value: unknown): string | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const by = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const ms = parts.reduce((sum, [, number, unit]) => sum + Number(number) * by[unit as keyof typeof by], 0);
  if (ms === 0) return undefined;
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
