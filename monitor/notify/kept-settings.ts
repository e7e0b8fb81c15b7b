import { join } from 'node:path';
import { z } from 'zod';
import { Fault } from '../../core/faults.ts';
import type { Problem } from '../../core/settings.ts';
import { checkNotify } from './check.ts';
import { type NotifyFile, type NotifySettings, notifySchema, type ReceiverSettings } from './settings.ts';

const json = z.record(z.string(), z.json());

/**
 * What people set in the page, written as in hub.yaml. Secrets are not in it: each is a file, whose name (`receivers.kim.token`)
 * stands in `secrets`.
 */
export const keptSchema = z.strictObject({
  name: z.literal('notify').default('notify'),
  timezone: z.string().optional(),
  receivers: z.record(z.string(), json).default({}),
  roster: z.record(z.string(), json).default({}),
  escalation: z.array(json).default([]),
  smtp: json.optional(),
  secrets: z.array(z.string()).default([]),
});
export type Kept = z.output<typeof keptSchema>;

/** Where each secret of a receiver, or of the mail server, is named as a file in hub.yaml's own words. */
export const SECRET_KEYS: Readonly<Record<ReceiverSettings['kind'] | 'smtp', Readonly<Record<string, string>>>> = {
  webhook: { url: 'urlFile', secret: 'secretFile', bearer: 'bearerFile' },
  email: {},
  telegram: { token: 'tokenFile' },
  slack: { url: 'urlFile' },
  alimtalk: { headers: 'headersFile' },
  smtp: { password: 'passwordFile', ca: 'ca' },
};

/** Where a message goes: a secret that was given for one place is not sent to another. */
const TARGET_KEYS = ['kind', 'url', 'api', 'host', 'port', 'tls'];

export function receiverPlace(name: string): string {
  return `receivers.${name}`;
}

export const SMTP_PLACE = 'smtp';

/** Keys of the secrets that are kept for a place. */
export function secretsAt({ secrets }: Kept, place: string): readonly string[] {
  return secrets.filter((name) => placeOf(name) === place).map((name) => name.slice(place.length + 1));
}

function placeOf(secret: string): string {
  return secret.slice(0, secret.lastIndexOf('.'));
}

/** New settings of a receiver or of the mail server, with the keys of secrets given along. Throws Fault request-invalid. */
export function withPlace(kept: Kept, place: string, settings: Kept['smtp'], given: readonly string[]): Kept {
  const others = kept.secrets.filter((name) => placeOf(name) !== place);
  const isSmtp = place === SMTP_PLACE;
  const name = place.slice(receiverPlace('').length);
  const before = isSmtp ? kept.smtp : kept.receivers[name];
  const known = settings ? knownKeys(place, settings) : {};
  for (const key of Object.keys(settings ?? {})) refuseOpen(place, key, known);
  for (const key of given) {
    if (!(key in known)) throw new Fault('request-invalid', `${place}.${key}: is no secret of this kind`);
  }
  if (typeof settings?.url === 'string' && settings.url.includes('${'))
    throw new Fault('request-invalid', `${place}.url: names a variable of the environment`);
  const stay = before && settings && isSameTarget(before, settings) ? secretsAt(kept, place) : [];
  const keys = [...new Set([...stay.filter((key) => key in known), ...given])];
  const secrets = [...others, ...keys.map((key) => `${place}.${key}`)];
  if (isSmtp) {
    const { smtp: _, ...rest } = kept;
    return { ...rest, ...(settings ? { smtp: settings } : {}), secrets };
  }
  const { [name]: _, ...rest } = kept.receivers;
  return { ...kept, receivers: settings ? { ...rest, [name]: settings } : rest, secrets };
}

function knownKeys(place: string, { kind }: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const key = place === SMTP_PLACE ? SMTP_PLACE : kind;
  return typeof key === 'string' && Object.hasOwn(SECRET_KEYS, key) ? SECRET_KEYS[key as 'smtp'] : {};
}

/** The page names no files of this machine; a secret comes by its own way, or it would be shown again. */
function refuseOpen(place: string, key: string, known: Readonly<Record<string, string>>): void {
  // The address of a webhook may be read by whoever administers the hub, or be a secret: as they choose.
  const isOpen = key === 'url' && 'bearer' in known;
  if (Object.values(known).includes(key) || (key in known && !isOpen))
    throw new Fault('request-invalid', `${place}.${key}: give it as a secret`);
}

function isSameTarget(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): boolean {
  return TARGET_KEYS.every((key) => before[key] === after[key]);
}

/** As hub.yaml would have it. `folder`: where the files of secrets are. */
function asFile(kept: Kept, folder: string): unknown {
  const files = (place: string, settings: Readonly<Record<string, unknown>>) => {
    const known = knownKeys(place, settings);
    const named = secretsAt(kept, place).map((key) => [known[key] ?? key, join(folder, `${place}.${key}`)]);
    return { ...settings, ...Object.fromEntries(named) };
  };
  const receivers = Object.entries(kept.receivers).map(([name, each]) => [name, files(receiverPlace(name), each)]);
  return {
    ...(kept.timezone === undefined ? {} : { timezone: kept.timezone }),
    ...{ receivers: Object.fromEntries(receivers), roster: kept.roster, escalation: kept.escalation },
    ...(kept.smtp ? { smtp: files(SMTP_PLACE, kept.smtp) } : {}),
  };
}

export interface Merging {
  /** Of hub.yaml: what it says stands. */
  readonly base: NotifySettings | undefined;
  readonly folder: string;
  readonly zone: string;
  readonly publicUrl: string | undefined;
}

/** Both as one; what hub.yaml has is left out of what is kept. Throws Fault request-invalid with all that is wrong. */
export function merged(kept: Kept, { base, folder, zone, publicUrl }: Merging): NotifySettings {
  const own = parsed(asFile(kept, folder));
  const escalation = base && base.escalation.length > 0 ? base.escalation : own.escalation;
  const smtp = base?.smtp ?? own.smtp;
  const { timezone = zone, ...rest } = base ?? own;
  const settings: NotifySettings = {
    ...{ ...rest, timezone: base ? timezone : (own.timezone ?? zone), escalation },
    ...{ receivers: { ...own.receivers, ...base?.receivers }, roster: { ...own.roster, ...base?.roster } },
    ...(smtp ? { smtp } : {}),
    ...(publicUrl === undefined ? {} : { publicUrl }),
  };
  const problems = checkNotify(settings, (path, message): Problem => {
    return { file: '', line: 0, path: path.slice(1).join('.'), message };
  });
  refuse(problems.map(({ path, message }) => `${path}: ${message}`));
  return settings;
}

function parsed(given: unknown): NotifyFile {
  const result = notifySchema.safeParse(given);
  if (result.success) return result.data;
  refuse(result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
  throw new Error('no reason');
}

function refuse(reasons: readonly string[]): void {
  if (reasons.length > 0) throw new Fault('request-invalid', reasons.slice(0, 20).join('; '));
}
