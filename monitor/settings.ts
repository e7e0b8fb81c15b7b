import { z } from 'zod';
import { type Loaded, loadSettings, type Problem, parseSettings, SettingsFault } from '../core/settings.ts';
import { duration } from '../core/units.ts';
import { DEFAULT_HUB_RULES, type HubRuleSettings } from './alarms/hub-rules.ts';
import { type OidcSettings, oidcSchema } from './auth/oidc-settings.ts';
import { hostName, isLoopback } from './auth/origin.ts';
import { checkEnergy, type EnergySettings, energyOf, energySchema } from './energy/settings.ts';
import { checkNotify } from './notify/check.ts';
import { type NotifySettings, notifySchema } from './notify/settings.ts';
import type { Keep } from './retention.ts';

const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/, { message: 'expected ADDRESS:PORT such as 127.0.0.1:8080' })
  .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65_535, { message: 'a port is at most 65535' });

const DAY = 86_400_000;

const httpSchema = z.strictObject({
  listen: address.default('127.0.0.1:8080'),
  tls: z.union([z.literal('auto'), z.strictObject({ cert: z.string(), key: z.string() })]).optional(),
  insecure: z.boolean().default(false),
});

/** hub.yaml. What is planned is known here, so that it can be refused with a clear message. */
export const hubSchema = z.strictObject({
  dataDir: z.string().min(1),
  names: z.array(z.string().regex(/^[A-Za-z0-9.-]+$/, { message: 'expected a host name' })).default([]),
  http: httpSchema.prefault({}),
  mqtt: z.strictObject({ listen: address.default('0.0.0.0:8883'), url: z.string().optional() }).prefault({}),
  archive: z
    .strictObject({
      engine: z.enum(['duckdb', 'postgres']).default('duckdb'),
      url: z.string().optional(),
      keepRaw: duration({ least: DAY }).optional(),
      keepMinutes: duration({ least: DAY }).optional(),
      keepHours: duration({ least: DAY }).optional(),
    })
    .prefault({}),
  alarms: z
    .strictObject({
      offlineAfter: duration({ least: 10_000, most: DAY }).default(DEFAULT_HUB_RULES.offlineAfterMs),
      lateAfter: duration({ least: 60_000, most: DAY }).default(DEFAULT_HUB_RULES.lateAfterMs),
    })
    .prefault({}),
  publicUrl: z
    .string()
    .regex(/^https?:\/\/[^\s#?]+$/, { message: 'expected the address of the page, such as https://hub.example.com' })
    .optional(),
  auth: z.strictObject({ oidc: oidcSchema.optional() }).prefault({}),
  notify: notifySchema.optional(),
  energy: energySchema.prefault({}),
});

export interface HubSettings {
  readonly dataDir: string;
  readonly names: readonly string[];
  readonly http: z.output<typeof httpSchema>;
  readonly mqtt: { readonly listen: string };
  /** How long readings and their rollups are kept. */
  readonly keep: Keep;
  readonly energy: EnergySettings;
  /** Where people open the page. */
  readonly publicUrl?: string;
  /** Single sign-on; left out: passwords here alone. */
  readonly oidc?: OidcSettings;
  readonly hubRules: HubRuleSettings;
  /** Left out: nobody is told. */
  readonly notify?: NotifySettings;
}

/** Throws SettingsFault with every problem, or Fault file-missing. */
export async function loadHubSettings(file: string): Promise<HubSettings> {
  return finish(await loadSettings(hubSchema, file));
}

export function parseHubSettings(text: string, file = 'hub.yaml'): HubSettings {
  return finish(parseSettings(hubSchema, text, file));
}

function finish({ value, problem }: Loaded<z.output<typeof hubSchema>>): HubSettings {
  const problems: Problem[] = [];
  const planned = (path: readonly string[], hint: string) =>
    problems.push(problem(path, 'is planned, not there yet', hint));
  if (value.mqtt.url !== undefined)
    planned(['mqtt', 'url'], 'leave it out: the hub brings its own broker at `mqtt.listen`');
  if (value.archive.engine !== 'duckdb') planned(['archive', 'engine'], 'use `duckdb`, which is embedded');
  else if (value.archive.url !== undefined) planned(['archive', 'url'], 'leave it out: the archive is in `dataDir`');
  const { keepRaw, keepMinutes, keepHours } = value.archive;
  const shorter = (coarse: 'keepMinutes' | 'keepHours', fine: 'keepRaw' | 'keepMinutes') => {
    const [own = Infinity, other = 0] = [value.archive[coarse], value.archive[fine]];
    if (own >= other) return;
    problems.push(problem(['archive', coarse], `is shorter than \`${fine}\``, 'what is coarser is kept for longer'));
  };
  shorter('keepMinutes', 'keepRaw');
  shorter('keepHours', keepMinutes === undefined ? 'keepRaw' : 'keepMinutes');
  problems.push(...checkEnergy(value.energy, problem));
  const { listen, tls, insecure } = value.http;
  if (!isLoopbackAddress(listen) && tls === undefined && !insecure) {
    const hint = 'add `tls: auto`; or `insecure: true` if a proxy in front speaks TLS';
    problems.push(
      problem(['http', 'listen'], `passwords and readings would cross the network in the clear (${listen})`, hint),
    );
  }
  if (value.notify) problems.push(...checkNotify(value.notify, problem));
  if (problems.length > 0) throw new SettingsFault(problems);
  return {
    dataDir: value.dataDir,
    names: value.names,
    http: value.http,
    mqtt: { listen: value.mqtt.listen },
    hubRules: { offlineAfterMs: value.alarms.offlineAfter, lateAfterMs: value.alarms.lateAfter },
    energy: energyOf(value.energy),
    keep: {
      ...(keepRaw === undefined ? {} : { raw: keepRaw }),
      ...(keepMinutes === undefined ? {} : { minute: keepMinutes }),
      ...(keepHours === undefined ? {} : { hour: keepHours }),
    },
    ...(value.publicUrl === undefined ? {} : { publicUrl: value.publicUrl }),
    ...(value.auth.oidc === undefined ? {} : { oidc: value.auth.oidc }),
    ...(value.notify === undefined ? {} : { notify: toNotify(value.notify, value.publicUrl) }),
  };
}

function toNotify(notify: z.output<typeof notifySchema>, publicUrl: string | undefined): NotifySettings {
  const timezone = notify.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { ...notify, timezone, ...(publicUrl === undefined ? {} : { publicUrl }) };
}

/** `host:port`, told apart; the brackets of IPv6 removed. */
export function splitAddress(text: string): { readonly host: string; readonly port: number } {
  return { host: hostName(text), port: Number(text.slice(text.lastIndexOf(':') + 1)) };
}

export function isLoopbackAddress(text: string): boolean {
  const { host } = splitAddress(text);
  return host === 'localhost' || isLoopback(host);
}
