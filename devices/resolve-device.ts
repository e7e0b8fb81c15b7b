import { offlineRule } from '../core/rules/built-in.ts';
import { type Rule, ruleId } from '../core/rules/rule.ts';
import type { Loaded } from '../core/settings.ts';
import { nearest } from '../core/suggest.ts';
import { toTitles } from '../core/units.ts';
import { parseTcpPort } from './channels/tcp-address.ts';
import type { Driver, SerialSettings } from './driver.ts';
import { mergeLimits } from './limits.ts';
import { isPrimary } from './mbus/station.ts';
import type { ChannelGiven, DeviceGiven } from './plant.ts';
import type { DeviceSpec, PointSpec, Rhythm } from './plant-types.ts';
import type { PointGiven } from './point-schema.ts';
import type { Profile } from './profile-schema.ts';
import { findDriver, PLANNED_DRIVERS, speakAlike } from './registry.ts';
import { type FormulaGiven, resolveFormulas } from './resolve-formulas.ts';
import { defined, type PointSetting, type Report, resolvePoint } from './resolve-point.ts';
import { resolveRules } from './resolve-rules.ts';

/** How often a point is read when nobody says. */
const DEFAULT_EVERY_MS = 10_000;

export interface DeviceContext {
  readonly channel: ChannelGiven;
  readonly channelDriver: Driver;
  readonly profile: Loaded<Profile> | undefined;
  /** Problems of the device's own entry. */
  readonly report: Report;
  /** Problems of its profile, at their place in the profile's file. */
  readonly reportProfile: Report;
}

export function resolveDevice(given: DeviceGiven, context: DeviceContext): DeviceSpec | undefined {
  const profile = context.profile?.value;
  const driver = driverFor(given, context);
  if (driver === undefined) return undefined;
  if (given.unitId === 0 && context.channelDriver.name === 'modbus-rtu') {
    context.report(['unitId'], '0 speaks to all devices of a line at once, and none answers: 1 to 247');
  }
  if (driver.name === 'mbus' && given.station === undefined && !isPrimary(given.unitId))
    context.report(['unitId'], 'is no address of a meter: 0 to 250, or 254 for a meter alone on its line');
  const limits = mergeLimits(profile?.limits, given.limits, given.maxGap);
  const points = resolvePoints(given, context, {
    driver,
    limits,
    byteOrder: given.byteOrder ?? profile?.byteOrder,
    messages: { ...profile?.messages, ...given.messages },
  });
  return {
    name: given.name,
    // Not the profile's: ten meters of one model would all bear its name.
    title: toTitles(given.title),
    class: given.class ?? profile?.class ?? 'other',
    channel: given.channel,
    driver: driver.name,
    unitId: given.unitId,
    limits,
    points,
    rules: [
      ...resolveRules(points, [
        { alarms: profile?.alarms ?? [], without: without(given, profile, context), report: context.reportProfile },
        { alarms: given.alarms, report: context.report },
      ]),
      ...offline(given.offlineAlarm ?? profile?.offlineAlarm),
    ],
    ...defined({
      vendor: given.vendor ?? profile?.vendor,
      model: given.model ?? profile?.models[0],
      profile: given.profile,
      timeoutMs: given.timeout,
      station: stationOf(given, driver, context.report),
      serial: serialOf(given, context),
    }),
  };
}

/** The profile's alarms that this device does without. */
function without({ withoutAlarms }: DeviceGiven, profile: Profile | undefined, { report }: DeviceContext): string[] {
  const ids = (profile?.alarms ?? []).map(ruleId);
  for (const [i, id] of withoutAlarms.entries()) {
    const near = nearest(id, ids);
    if (!ids.includes(id))
      report(['withoutAlarms', i], `the profile has no alarm \`${id}\``, near && `did you mean \`${near}\`?`);
  }
  return withoutAlarms;
}

function offline(given: DeviceGiven['offlineAlarm']): Rule[] {
  return given === false ? [] : [offlineRule(given)];
}

/** The device's own, or its profile's, or the channel's; where two speak alike the channel's framing holds. */
function driverFor(given: DeviceGiven, { channelDriver, profile, report }: DeviceContext): Driver | undefined {
  const name = given.driver ?? profile?.value.driver ?? channelDriver.name;
  const driver = findDriver(name);
  if (driver === undefined) {
    report([given.driver === undefined ? 'profile' : 'driver'], unknownDriver(name));
    return undefined;
  }
  if (given.driver === undefined && speakAlike(driver, channelDriver)) return channelDriver;
  if (channelDriver.name === 'modbus-tcp' && driver !== channelDriver) {
    report(['channel'], `${given.channel} speaks modbus-tcp, the device ${driver.name}`);
  }
  return driver;
}

function stationOf({ station }: DeviceGiven, driver: Driver, report: Report): string | undefined {
  if (driver.station === undefined) {
    if (station !== undefined) report(['station'], `${driver.name} addresses its devices by \`unitId\``);
    return undefined;
  }
  const parsed = driver.station.safeParse(station);
  if (parsed.success) return parsed.data;
  for (const { message } of parsed.error.issues) report(['station'], message);
  return undefined;
}

function serialOf({ serial }: DeviceGiven, { channel, report }: DeviceContext): SerialSettings | undefined {
  if (serial === undefined) return undefined;
  const { baudRate, dataBits, parity, stopBits } = channel;
  if (parseTcpPort(channel.port) !== undefined && !channel.followsSpeed)
    report(
      ['serial'],
      'the line behind a device server is set in the server',
      'or `followsSpeed: true` if it finds the speed by itself',
    );
  return { baudRate, dataBits, parity, stopBits, ...defined(serial) };
}

export function unknownDriver(name: string): string {
  return PLANNED_DRIVERS.includes(name) ? `driver ${name} is planned, not built yet` : `there is no driver \`${name}\``;
}

function resolvePoints(
  given: DeviceGiven,
  { profile, report, reportProfile }: DeviceContext,
  setting: Omit<PointSetting, 'rhythm'>,
): PointSpec[] {
  const fromProfile = profile?.value.points ?? {};
  const names = [...new Set([...Object.keys(fromProfile), ...Object.keys(given.points)])];
  if (names.length === 0) report([], 'has no points: give a `profile` or `points`');
  const polled = new Map<string, PointSpec>();
  const formulas: FormulaGiven[] = [];
  for (const name of names) {
    const own = given.points[name];
    const tell: Report = own
      ? (path, ...rest) => report(['points', name, ...path], ...rest)
      : (path, ...rest) => reportProfile(['points', name, ...path], ...rest);
    const base = fromProfile[name];
    const point = merge(base, own);
    if (point.formula !== undefined && point.address === undefined) {
      formulas.push({ name, formula: point.formula, given: point, report: tell });
      continue;
    }
    if (point.formula !== undefined) tell(['formula'], 'give an `address` or a `formula`, not both');
    // What a profile calls unchanging stays so, however often the device is read.
    const fixed = base?.every === 'once' ? rhythmOf(base) : undefined;
    const rhythm = rhythmOf(own) ?? fixed ?? rhythmOf(given) ?? rhythmOf(base) ?? { everyMs: DEFAULT_EVERY_MS };
    const spec = resolvePoint(name, point, { ...setting, rhythm }, tell);
    if (spec) polled.set(name, spec);
  }
  const derived = resolveFormulas(formulas, polled, names);
  return names.flatMap((name) => polled.get(name) ?? derived.get(name) ?? []);
}

/** A device that says where a value stands, or how it is computed, says so in place of its profile. */
function merge(base: PointGiven | undefined, own: PointGiven | undefined): PointGiven {
  if (base === undefined || own === undefined) return own ?? base ?? {};
  const { address, formula, ...rest } = base;
  const merged = { ...rest, ...defined(own) };
  if (own.formula !== undefined) return merged;
  if (own.address !== undefined && address === undefined) return merged;
  return { ...merged, ...defined({ formula }), ...(address ? { address: { ...address, ...own.address } } : {}) };
}

function rhythmOf(
  given: { every?: number | 'once' | undefined; schedule?: string | undefined } | undefined,
): Rhythm | undefined {
  if (given?.every === 'once') return { once: true };
  if (given?.every !== undefined) return { everyMs: given.every };
  return given?.schedule === undefined ? undefined : { schedule: given.schedule };
}
