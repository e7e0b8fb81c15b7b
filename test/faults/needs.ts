import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { hasTool } from '../support/tools.ts';

/** What a row asks of the machine. */
export type Need = 'loop' | 'tun' | 'mosquitto' | 'taskset' | 'faketime';

const MISSING: Record<Need, () => string | undefined> = {
  loop: () => needRoot() ?? needTools(['mkfs.ext4', 'losetup', 'mount', 'python3']) ?? needDevice('/dev/loop-control'),
  tun: () => needRoot() ?? needTools(['ip', 'python3']) ?? needDevice('/dev/net/tun') ?? needNamespaces(),
  mosquitto: () => needTools(['mosquitto']),
  faketime: () => (findFaketime() === undefined ? 'not installed: libfaketime' : undefined),
  taskset: () => needTools(['taskset']),
};

/** Why this machine cannot run the row; undefined if it can. */
export function missing(needs: readonly Need[]): string | undefined {
  for (const need of needs) {
    const reason = MISSING[need]();
    if (reason !== undefined) return `${need}: ${reason}`;
  }
  return undefined;
}

/** The library that shows a process another time. */
export function findFaketime(): string | undefined {
  const places = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib', '/usr/local/lib'];
  return places.map((place) => `${place}/faketime/libfaketime.so.1`).find((file) => existsSync(file));
}

function needRoot(): string | undefined {
  return process.getuid?.() === 0 ? undefined : 'only root may make it';
}

function needTools(names: readonly string[]): string | undefined {
  const absent = names.filter((name) => !hasTool(name));
  return absent.length === 0 ? undefined : `not installed: ${absent.join(', ')}`;
}

function needDevice(path: string): string | undefined {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return undefined;
  } catch {
    return `no access to ${path}`;
  }
}

function needNamespaces(): string | undefined {
  const name = `sluice-probe-${process.pid}`;
  const { status, stderr } = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
  if (status !== 0) return `no network namespaces here: ${stderr.trim()}`;
  spawnSync('ip', ['netns', 'del', name]);
  return undefined;
}
