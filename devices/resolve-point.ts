import { messageOf, type Path } from '../core/settings.ts';
import { allowedKeys, nearest } from '../core/suggest.ts';
import { survey } from '../core/survey.ts';
import { type Titles, toTitles } from '../core/units.ts';
import type { DeviceLimits, Driver } from './driver.ts';
import { type ModbusAddress, whyNotWritable } from './modbus/address.ts';
import { modbusRtu } from './modbus/driver.ts';
import type { DataType, PointSpec, Rhythm } from './plant-types.ts';
import type { PointGiven } from './point-schema.ts';
import { speakAlike } from './registry.ts';

/** Notes a problem at a path below the thing that is being resolved. */
export type Report = (path: Path, message: string, suggestion?: string) => void;

/** What a point takes from its device. */
export interface PointSetting {
  readonly driver: Driver;
  readonly limits: DeviceLimits;
  readonly rhythm: Rhythm;
  readonly byteOrder: string | undefined;
  readonly messages: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** A point with everything filled in, or undefined after reporting why not. */
export function resolvePoint(
  name: string,
  given: PointGiven,
  setting: PointSetting,
  report: Report,
): PointSpec | undefined {
  const address = resolveAddress(given, setting, report);
  if (address === undefined) return undefined;
  const { type } = address;
  const kind = kindOf(type);
  checkPoint(given, kind, report);
  if (speakAlike(setting.driver, modbusRtu))
    checkRegisters(given, address as unknown as ModbusAddress, setting.limits, report);
  else if (given.writable && !setting.driver.write) report(['writable'], `${setting.driver.name} cannot write`);
  return {
    ...{ name, address, kind, type },
    ...{ rhythm: setting.rhythm, writable: given.writable ?? false },
    ...wordsOf(given),
  };
}

/** What people say about a point, wherever its value comes from. */
export function wordsOf(given: PointGiven) {
  return {
    title: toTitles(given.title),
    ...defined({
      unit: given.unit,
      deadband: given.deadband,
      maxSilenceMs: given.maxSilence,
      valid: given.valid && defined(given.valid),
      counter: given.counter && (defined(given.counter) as PointSpec['counter']),
      typical: given.typical,
      min: given.min,
      max: given.max,
      step: given.step,
      writeRate: given.writeRate,
      dangerous: given.dangerous === true ? true : undefined,
      enum: given.enum && mapValues(given.enum, toTitles),
    }),
  };
}

type Address = { readonly type: DataType };

function resolveAddress(given: PointGiven, setting: PointSetting, report: Report): Address | undefined {
  if (given.address === undefined) {
    report([], 'needs an `address` or a `formula`: the profile has no point of this name');
    return undefined;
  }
  const raw = expand(given, given.address, setting, report);
  if (raw === undefined) return undefined;
  const { issues, rest } = survey(setting.driver.address, raw);
  if (issues.length === 0 && rest) return rest.value as Address;
  for (const issue of issues) {
    const path = ['address', ...(issue.path as (string | number)[])];
    if (issue.code !== 'unrecognized_keys') report(path, messageOf(issue, raw));
    else for (const key of issue.keys) report([...path, key], `unknown key \`${key}\``, hint(setting.driver, key, raw));
  }
  return undefined;
}

type RawAddress = Record<string, unknown>;

/** The address with the message it refers to, the point's bits and the device's byte order put in. */
function expand(
  given: PointGiven,
  { message, ...own }: RawAddress,
  setting: PointSetting,
  report: Report,
): RawAddress | undefined {
  const shared = message === undefined ? {} : setting.messages[String(message)];
  if (shared === undefined) {
    const near = nearest(String(message), Object.keys(setting.messages));
    report(['address', 'message'], `there is no message \`${String(message)}\``, near && `did you mean \`${near}\`?`);
    return undefined;
  }
  const ordered = setting.byteOrder !== undefined && speakAlike(setting.driver, modbusRtu);
  return {
    ...(ordered ? { byteOrder: setting.byteOrder } : {}),
    ...(setting.driver.namesUnits && given.unit !== undefined ? { unit: given.unit } : {}),
    ...shared,
    ...own,
    ...(given.bits ? { bits: mapValues(given.bits, (titles) => englishOf(toTitles(titles))) } : {}),
  };
}

function hint(driver: Driver, key: string, raw: unknown): string {
  const keys = allowedKeys(driver.address, [], raw);
  const near = nearest(key, keys);
  return near ? `did you mean \`${near}\`?` : `one of: ${keys.join(', ')}`;
}

function kindOf(type: DataType): PointSpec['kind'] {
  if (type === 'bool') return 'boolean';
  return type === 'string' || type === 'bits' ? 'text' : 'number';
}

export function checkPoint(given: PointGiven, kind: PointSpec['kind'], report: Report): void {
  checkWriting(given, report);
  if (given.valid && isBackwards(given.valid)) report(['valid'], '`min` is above `max`');
  if (kind === 'number') return;
  for (const key of ['deadband', 'valid', 'counter', 'typical', 'step', 'unit'] as const) {
    if (given[key] !== undefined && !(key === 'unit' && kind === 'text')) report([key], `a ${kind} has none`);
  }
}

const WRITE_LIMITS = ['min', 'max', 'step', 'writeRate', 'dangerous'] as const;

function checkWriting(given: PointGiven, report: Report): void {
  const limit = WRITE_LIMITS.find((key) => given[key] !== undefined);
  if (!given.writable && limit !== undefined)
    report([limit], 'limits what may be written, but the point is not `writable`', '`valid` limits readings');
  if (isBackwards(given)) report(['min'], 'is above `max`');
  if (given.counter && given.writable) report(['counter'], 'a total cannot be written');
}

function isBackwards({ min, max }: { min?: number | undefined; max?: number | undefined }): boolean {
  return min !== undefined && max !== undefined && min > max;
}

function checkRegisters(given: PointGiven, address: ModbusAddress, limits: DeviceLimits, report: Report): void {
  const { table, register, length } = address;
  const reason = given.writable ? whyNotWritable(address) : undefined;
  if (reason !== undefined) report(['writable'], reason);
  if (length > limits.registers)
    report(['address'], `takes ${length} registers, but the device gives ${limits.registers} at once`);
  const closed = limits.forbidden.find(
    (range) => range.table === table && range.from < register + length && range.to >= register,
  );
  if (closed) report(['address'], `lies in the forbidden range ${closed.from} to ${closed.to}`);
}

export function englishOf({ en, ko }: Titles): string {
  return en ?? ko ?? '';
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the keys that are undefined. */
export function defined<T extends object>(given: T): Defined<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Defined<T>;
}
