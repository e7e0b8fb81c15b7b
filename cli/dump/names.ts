import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../core/package-root.ts';
import { isSecretKey, type Redactor } from './redactor.ts';

/** What the value of a key names. */
const KINDS: Readonly<Record<string, string>> = {
  ...{ gateway: 'gateway', site: 'site', hardware: 'hardware', station: 'station', names: 'host' },
  ...{ title: 'text', text: 'text', action: 'text', label: 'text', epoch: 'epoch' },
};

/** What a list of named things holds. */
const LISTS: Readonly<Record<string, string>> = { devices: 'device', channels: 'channel' };

/**
 * Finds the secrets and the names of a site in a configuration, in a status, or in a file of learnt refusals, so that they are found
 * again wherever else they stand.
 */
export function learnFrom(tree: unknown, redactor: Redactor, list?: string): void {
  if (Array.isArray(tree)) {
    for (const part of tree) learnFrom(part, redactor, list);
    return;
  }
  if (typeof tree !== 'object' || tree === null) return;
  if (list !== undefined && !('name' in tree)) learnKeys(list, tree, redactor);
  if (list !== undefined && 'name' in tree) redactor.learnName(list, tree.name);
  if ('points' in tree && !('profile' in tree)) learnKeys('point', tree.points, redactor);
  for (const [key, value] of Object.entries(tree)) {
    if (isSecretKey(key)) redactor.learnSecret(value);
    else learnValue(key, value, redactor);
    learnFrom(value, redactor, LISTS[key]);
  }
}

function learnValue(key: string, value: unknown, redactor: Redactor): void {
  const kind = KINDS[key];
  if (kind !== undefined) redactor.learnName(kind, value);
  else if (ADDRESSES.has(key)) learnAddress(value, redactor);
  else if (key === 'profile') learnProfile(value, redactor);
}

const ADDRESSES = new Set(['port', 'listen', 'url', 'place']);

/** Names that stand as keys, such as those of points, or of devices among the learnt refusals. */
function learnKeys(kind: string, value: unknown, redactor: Redactor): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  for (const name of Object.keys(value)) redactor.learnName(kind, name);
}

/** `tcp://10.0.0.9:502`, `plc.example.com:8883`, `/dev/serial/by-id/usb-Maker_Model_SERIAL-if00-port0`. */
function learnAddress(value: unknown, redactor: Redactor): void {
  if (typeof value !== 'string') return;
  const serial = /\/by-id\/usb-.+_([^_]+?)-(?:if|port)\d/.exec(value)?.[1];
  if (serial !== undefined) redactor.learnName('serial', serial);
  const host = /^(?:[a-z]+:\/\/)?(?:[^@/\s]*@)?([^:/\s[\]]+):\d+/i.exec(value)?.[1];
  if (host !== undefined && !/^[\d.]+$/.test(host)) redactor.learnName('host', host);
}

/** One of the site's own may be named after it; those of the library tell what the device is. */
function learnProfile(value: unknown, redactor: Redactor): void {
  if (typeof value !== 'string' || existsSync(join(packageRoot, 'devices/profiles', `${value}.yaml`))) return;
  redactor.learnName('profile', value);
}

/** A disk in the network, and where a disk of the site's own is put, may tell its name. */
export function learnMount(
  mount: { readonly at?: unknown; readonly device?: unknown } | undefined,
  redactor: Redactor,
): void {
  const { at, device } = mount ?? {};
  if (typeof at === 'string' && /^\/(?!var\/)[^/]+\/./.test(at)) redactor.learnName('folder', at);
  if (typeof device === 'string' && /^(\/\/|[^/]+:)/.test(device)) redactor.learnName('share', device);
}
