import { z } from 'zod';
import { isTimeZone } from '../core/local-time.ts';
import { GATEWAY_ID } from '../core/reading.ts';
import { type HolidaysGiven, holidaysSchema } from '../core/rules/holidays.ts';
import { type Problem, SettingsFault, surveyFile } from '../core/settings.ts';
import { duration, size, titles, toTitles } from '../core/units.ts';
import { channelsSchema, devicesSchema } from '../devices/plant.ts';
import type { Plant } from '../devices/plant-types.ts';
import { resolvePlant } from '../devices/resolve-plant.ts';
import type { JournalSettings } from './journal/journal.ts';
import { journalSchema } from './journal-settings.ts';
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
  /** For configurations from the hub, which are planned. Until then it has no effect. */
  confirmWithin: duration({ least: 10_000 }).prefault('5m'),
});

const uplink = z
  .strictObject({
    window: size({ least: 16 * 1024, most: 4 * MIB }).prefault('512KiB'),
    /** Bound for the backlog on metered links; 0 is none. */
    maxBytesPerSecond: z.number().int().nonnegative().default(0),
  })
  .prefault({});

const eventBus = z.union([
  z.literal(false),
  z.strictObject({
    listen: listen.prefault('127.0.0.1:1883'),
    allowWrites: z.literal(false, '`true` is planned for a later release').default(false),
  }),
]);

const kubeedge = z.strictObject({
  enabled: z.literal(false, '`true` is planned for a later release').default(false),
  dmiSocket: z.string().optional(),
  socket: z.string().optional(),
});

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
  managed: z.literal('file', '`hub` is planned for a later release').default('file'),
  hub: hub.optional(),
  journal: journalSchema,
  uplink,
  eventBus: eventBus.prefault({}),
  http: z.strictObject({ listen: listen.prefault('127.0.0.1:8081') }).prefault({}),
  kubeedge: kubeedge.prefault({}),
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
  readonly plant: Plant;
}

/** Those of the file itself by line, then those of its profiles. */
function inOrder(problems: readonly Problem[], file: string): Problem[] {
  const own = problems.filter((problem) => problem.file === file).sort((a, b) => a.line - b.line);
  return [...own, ...problems.filter((problem) => problem.file !== file)];
}

/**
 * Reads gateway.yaml and every profile it names.
 * @throws SettingsFault with all problems; Fault file-missing
 */
export async function loadGatewaySettings(file: string): Promise<GatewaySettings> {
  const { loaded, problems: wrong, isEcho } = await surveyFile(gatewaySchema, file);
  if (loaded === undefined) throw new SettingsFault(wrong);
  const { plant, problems: further } = await resolvePlant(loaded, { file });
  const twin = loaded.value.self ? loaded.value.devices.findIndex(({ name }) => name === SELF) : -1;
  if (twin >= 0)
    further.push(loaded.problem(['devices', twin, 'name'], `\`${SELF}\` is the gateway itself`, 'or `self: false`'));
  const problems = [...wrong, ...further.filter((problem) => wrong.length === 0 || !isEcho(problem))];
  if (problems.length > 0) throw new SettingsFault(inOrder(problems, file));
  const {
    gateway,
    site,
    timezone,
    dataDir,
    hub: to,
    journal: keep,
    uplink: up,
    eventBus: bus,
    http,
    holidays,
  } = loaded.value;
  return {
    gateway,
    site: toTitles(site).en ?? toTitles(site).ko ?? gateway,
    timezone: timezone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone,
    holidays,
    dataDir,
    hardware: loaded.value.hardware,
    hub: to,
    journal: keep,
    uplink: up,
    eventBus: bus,
    http,
    self: loaded.value.self,
    plant,
  };
}
