import type { Outcome, Value } from '../core/reading.ts';
import type { Loaded, Path, Problem } from '../core/settings.ts';
import { type Titles, toTitles } from '../core/units.ts';
import { KNOWN_UNITS } from './known-units.ts';
import type { ModbusAddress } from './modbus/address.ts';
import { decoderOf } from './modbus/decode.ts';
import type { DeviceSpec, PointSpec } from './plant-types.ts';
import { profileDevice } from './profile-device.ts';
import { fromFrames } from './profile-frames.ts';
import type { Profile, Vector } from './profile-schema.ts';
import { findDriver } from './registry.ts';
import type { TextAddress } from './text/address.ts';
import { lineBody } from './text/lines.ts';
import { partValue, takeApart } from './text/parts.ts';

/** All that is wrong with a profile beyond its schema: points, alarms, titles, units, and vectors that do not decode. */
export function checkProfile(loaded: Loaded<Profile>): Problem[] {
  const problems: Problem[] = [];
  const report = (path: Path, message: string, suggestion?: string) => {
    problems.push(loaded.problem(path, message, suggestion));
  };
  const device = profileDevice(loaded, report);
  if (device === undefined) return problems;
  const names = new Set(device.points.map((point) => point.name));
  for (const point of device.points) checkTitles(point, loaded.value, report);
  for (const [i, { point }] of (loaded.value.identify ?? []).entries()) {
    if (!names.has(point)) report(['identify', i, 'point'], `there is no point \`${point}\``);
  }
  for (const [i, vector] of loaded.value.vectors.entries()) checkVector(vector, device, ['vectors', i], report);
  return problems;
}

type Tell = (path: Path, message: string, suggestion?: string) => void;

function checkTitles({ name, title, unit }: PointSpec, profile: Profile, report: Tell): void {
  const place = ['points', name];
  if (!bothLanguages(title)) report([...place, 'title'], 'needs `en` and `ko`');
  if (unit !== undefined && !KNOWN_UNITS.includes(unit)) {
    report([...place, 'unit'], `\`${unit}\` is not in the list of units`, 'see devices/known-units.ts');
  }
  const given = profile.points[name];
  for (const key of ['enum', 'bits'] as const) {
    for (const [value, texts] of Object.entries(given?.[key] ?? {})) {
      if (!bothLanguages(toTitles(texts))) report([...place, key, value], 'needs `en` and `ko`');
    }
  }
}

function bothLanguages({ en, ko }: Titles): boolean {
  return Boolean(en) && Boolean(ko);
}

function checkVector(vector: Vector, { driver, points }: DeviceSpec, place: Path, report: Tell): void {
  for (const [name, expected] of Object.entries(vector.expect)) {
    const point = points.find((candidate) => candidate.name === name);
    const path = [...place, 'expect', name];
    if (point === undefined) report(path, `there is no point \`${name}\``);
    else {
      const found = fromVector(vector, driver, point, points);
      if (found === undefined) report(path, 'the vector does not cover this point');
      else if (!matches(found, expected)) report(path, `comes to ${shown(found)}, not ${JSON.stringify(expected)}`);
    }
  }
}

/** A computed point follows from what the vector holds of its inputs. */
function fromVector(
  vector: Vector,
  driver: string,
  point: PointSpec,
  points: readonly PointSpec[],
): Outcome | undefined {
  const { formula } = point;
  if (formula === undefined) return outcomeOf(vector, driver, point);
  const values: (number | boolean)[] = [];
  for (const name of formula.inputs) {
    const input = points.find((candidate) => candidate.name === name);
    const found = input && fromVector(vector, driver, input, points);
    if (found === undefined || found.quality === 'bad') return found;
    values.push(found.value as number | boolean);
  }
  return formula.evaluate(values);
}

function outcomeOf(vector: Vector, driver: string, point: PointSpec): Outcome | undefined {
  if (findDriver(driver)?.decode) return fromFrames(driver, vector, point);
  return vector.text === undefined ? fromWords(vector, point) : fromText(vector.text, point);
}

function fromWords({ table, register = 0, words = '' }: Vector, { address }: PointSpec): Outcome | undefined {
  const bytes = Buffer.from(words.replaceAll(' ', ''), 'hex');
  const place = address as ModbusAddress;
  const at = (place.register - register) * 2;
  if (place.table !== table || at < 0 || at + place.length * 2 > bytes.length) return undefined;
  return decoderOf(place)(bytes, at);
}

function fromText(text: string, point: PointSpec): Outcome | undefined {
  const address = point.address as TextAddress;
  const { message } = address;
  if (!text.startsWith(message.start) || !text.endsWith(message.end)) return undefined;
  const parts = takeApart(message, lineBody(text, message));
  return parts && partValue(address, parts);
}

function matches(found: Outcome, expected: Value | { fault: string }): boolean {
  if (typeof expected === 'object') return found.quality === 'bad' && found.fault === expected.fault;
  if (found.quality === 'bad') return false;
  // A document writes fewer digits than a float32 has.
  if (typeof expected === 'number' && typeof found.value === 'number') {
    return Math.abs(found.value - expected) <= 1e-7 * Math.max(1, Math.abs(expected));
  }
  return found.value === expected;
}

function shown(found: Outcome): string {
  return found.quality === 'good' ? JSON.stringify(found.value) : `the fault ${found.fault}`;
}
