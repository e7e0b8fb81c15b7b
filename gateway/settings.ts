import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { isTimeZone } from '../core/local-time.ts';
import { GATEWAY_ID } from '../core/reading.ts';
import { type HolidaysGiven, holidaysSchema } from '../core/rules/holidays.ts';
import { type Loaded, type Problem, readText, SettingsFault, type Surveyed, surveySettings } from '../core/settings.ts';
import { duration, size, titles, toTitles } from '../core/units.ts';
import { channelsSchema, devicesSchema } from '../devices/plant.ts';
import type { Plant, PointSpec } from '../devices/plant-types.ts';
import { resolvePlant } from '../devices/resolve-plant.ts';
import type { JournalSettings } from './journal/journal.ts';
import { journalSchema } from './journal-settings.ts';
import { type KubeEdgeSettings, kubeedgeSchema } from './kubeedge/settings.ts';
import { parseListen } from './listen.ts';
import { SELF } from './self/self-device.ts';

const MIB = 1024 * 1024;

const listen = z.string().transform((text, context) => {
  const parsed = parseListen(text);
  if (parsed === undefined) context.addIssue({ code: 'custom', message: 'expected host:port, such as 127.0.0.1:8081' });
  return parsed ?? { host: '', port: 0 };
});

const hub = z.strictObject({
  url: z
    .string()
    .regex(/^mqtts:\/\/[^/\s:]+(:\d{1,5})?$/, 'expected mqtts://host:8883; the hub takes nothing unencrypted'),
  /** After a configuration from the hub is applied, the hub must be heard within this, or the last good one comes back. */
  confirmWithin: duration({ least: 10_000 }).prefault('5m'),
});

const uplink = z
  .strictObject({
    window: size({ least: 16 * 1024, most: 4 * MIB }).prefault('512KiB'),
    /** Bound for the backlog on metered links; 0 is none. */
    maxBytesPerSecond: z.number().int().nonnegative().default(0),
    /** The longest wait between two attempts to reach the hub. */
    retryWithin: duration({ least: 1000, most: 600_000 }).prefault('60s'),
  })
  .prefault({});

const eventBus = z.union([
  z.literal(false),
  z.strictObject({
    listen: listen.prefault('127.0.0.1:1883'),
    /** Programs may write what the hub may write, by `sluice/{device}/{point}/set`. */
    allowWrites: z.boolean().default(false),
  }),
]);

/** gateway.yaml. Strict: an unknown key is an error. Durations become milliseconds, sizes bytes. */
export const gatewaySchema = z.strictObject({
  gateway: z.string().regex(GATEWAY_ID, 'expected lower-case letters, digits and hyphens, at most 63'),
  site: titles.optional(),
  timezone: z.string().refine(isTimeZone, 'expected an IANA time zone such as Asia/Seoul').optional(),
  /** Of schedules: `korea`, days such as 2026-06-03, or a list of both. */
  holidays: holidaysSchema.default([]),
  dataDir: z.string().default('/var/lib/sluice'),
  /** Identity of the board, where the machine cannot tell it: in containers. */
  hardware: z.string().min(1).max(100).optional(),
  /** Who owns channels and devices: this file, or the hub, for which those of this file are the beginning. */
  managed: z.enum(['file', 'hub']).default('file'),
  hub: hub.optional(),
  journal: journalSchema,
  uplink,
  eventBus: eventBus.prefault({}),
  http: z.strictObject({ listen: listen.prefault('127.0.0.1:8081') }).prefault({}),
  /** A switch on site that locks all writes, as a point that is on or off. */
  writeLock: z
    .strictObject({
      point: z.string().regex(/^[^/]+\/[^/]+$/, 'expected device/point'),
      when: z.boolean().default(true),
    })
    .optional(),
  /** The gateway as a mapper of a KubeEdge node: Device objects become devices, beside those of the file or the hub. */
  kubeedge: kubeedgeSchema,
  profilesDir: z.string().optional(),
  /** The gateway as a device of its own: temperature, disk, buffer, lines. */
  self: z.boolean().default(true),
  channels: channelsSchema,
  devices: devicesSchema,
});

type Parsed = z.output<typeof gatewaySchema>;

export interface GatewaySettings {
  readonly gateway: string;
  readonly site: string;
  readonly timezone: string;
  readonly holidays: HolidaysGiven;
  readonly dataDir: string;
  readonly hardware: Parsed['hardware'];
  readonly hub: Parsed['hub'];
  readonly journal: JournalSettings;
  readonly uplink: Parsed['uplink'];
  readonly eventBus: Parsed['eventBus'];
  readonly http: Parsed['http'];
  readonly self: boolean;
  readonly writeLock: Parsed['writeLock'];
  readonly managed: Parsed['managed'];
  readonly kubeedge: KubeEdgeSettings;
  /** A folder with profiles of the site's own; absolute. */
  readonly profilesDir: string | undefined;
  readonly plant: Plant;
  /** The whole file. */
  readonly text: string;
}

/** Those of the file itself by line, then those of its profiles. */
function inOrder(problems: readonly Problem[], file: string): Problem[] {
  const own = problems.filter((problem) => problem.file === file).sort((a, b) => a.line - b.line);
  return [...own, ...problems.filter((problem) => problem.file !== file)];
}

/** What a check of channels and devices needs beside them. */
export interface PlantRules {
  /** A folder with profiles of the site's own; absolute. */
  readonly profilesDir: string | undefined;
  /** Is the gateway a device of its own? Then its name is taken. */
  readonly self: boolean;
}

/** Everything that is wrong with channels and devices, in the order of the file; and the plant, if there is anything to make one of. */
export async function surveyPlant(
  { loaded, problems: wrong, isEcho }: Surveyed<Pick<Parsed, 'channels' | 'devices'>>,
  { profilesDir, self }: PlantRules,
  file: string,
): Promise<{ readonly plant: Plant | undefined; readonly problems: readonly Problem[] }> {
  if (loaded === undefined) return { plant: undefined, problems: wrong };
  const { channels, devices } = loaded.value;
  const { plant, problems: further } = await resolvePlant({ ...loaded, value: { channels, devices, profilesDir } });
  const twin = self ? devices.findIndex(({ name }) => name === SELF) : -1;
  if (twin >= 0)
    further.push(loaded.problem(['devices', twin, 'name'], `\`${SELF}\` is the gateway itself`, 'or `self: false`'));
  const problems = [...wrong, ...further.filter((problem) => wrong.length === 0 || !isEcho(problem))];
  return { plant, problems: inOrder(problems, file) };
}

/**
 * Reads gateway.yaml and every profile it names.
 * @throws SettingsFault with all problems; Fault file-missing
 */
export async function loadGatewaySettings(file: string): Promise<GatewaySettings> {
  const text = await readText(file);
  const surveyed = surveySettings(gatewaySchema, text, file);
  const { loaded } = surveyed;
  if (loaded === undefined) throw new SettingsFault(surveyed.problems);
  const { value } = loaded;
  const profilesDir = value.profilesDir === undefined ? undefined : resolve(dirname(file), value.profilesDir);
  const { plant, problems } = await surveyPlant(surveyed, { profilesDir, self: value.self }, file);
  const homeless =
    value.managed === 'hub' && value.hub === undefined
      ? [loaded.problem(['managed'], '`hub` needs a hub', 'add `hub: { url: … }`, or `managed: file`')]
      : [];
  homeless.push(...whyNoLock(loaded, plant));
  if (plant === undefined || problems.length + homeless.length > 0)
    throw new SettingsFault(inOrder([...homeless, ...problems], file));
  const { channels: _, devices: __, site, timezone, ...own } = value;
  return {
    ...own,
    site: toTitles(site).en ?? toTitles(site).ko ?? own.gateway,
    timezone: timezone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone,
    hub: own.hub,
    writeLock: own.writeLock,
    hardware: own.hardware,
    profilesDir,
    plant,
    text,
  };
}

/** A lock that does not exist would lock nothing, or everything. With `managed: hub` the hub's devices may have it. */
function whyNoLock({ value, problem }: Loaded<Parsed>, plant: Plant | undefined): Problem[] {
  const { writeLock, managed } = value;
  if (writeLock === undefined || plant === undefined) return [];
  const [device, name] = writeLock.point.split('/');
  const point = plant.devices.find((each) => each.name === device)?.points.find((each) => each.name === name);
  if (point === undefined) {
    return managed === 'hub' ? [] : [problem(['writeLock', 'point'], `there is no point \`${writeLock.point}\``)];
  }
  const unfit = whyNoSwitch(point);
  return unfit === undefined ? [] : [problem(['writeLock', 'point'], unfit)];
}

/** Why a point cannot be the switch that locks all writes. One that can be written would be opened by those whom it locks out. */
export function whyNoSwitch({ kind, writable }: Pick<PointSpec, 'kind' | 'writable'>): string | undefined {
  if (kind !== 'boolean') return `is a ${kind}, not on or off`;
  return writable ? 'is writable' : undefined;
}
