import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { askControl } from '../../core/control-socket.ts';
import { Fault } from '../../core/faults.ts';
import { type Problem, readText } from '../../core/settings.ts';
import { loadGatewaySettings } from '../../gateway/settings.ts';
import { loadHubSettings } from '../../monitor/settings.ts';
import { isGatewayText } from '../check.ts';
import { clockState, diskOf, Kernel, portAccess, serialPorts, versions } from './machine.ts';
import { learnFrom, learnMount } from './names.ts';
import { type Failed, Parts } from './parts.ts';
import { Redactor } from './redactor.ts';
import { certificatesOf, listFolder, looseTree, problemsOf, problemText, withoutSecrets } from './site.ts';

export interface BundleOptions {
  /** Where there is none, only the data folder is looked at. */
  readonly config: string | undefined;
  /** Instead of what the configuration says. */
  readonly data: string | undefined;
  readonly defaults: { readonly gateway: string; readonly hub: string };
  readonly redactNames: boolean;
  readonly clock: Clock;
  readonly note: (text: string) => void;
  /** The last lines that a gateway logged. */
  readonly readLog: (signal: AbortSignal) => Promise<string>;
}

const IDENTITY = { certificates: ['identity/gateway.crt', 'identity/ca.crt'], key: 'identity/gateway.key' };
const CA = { certificates: ['ca/ca.crt'], key: 'ca/ca.key' };

/** What is known of a site, in parts; the secrets taken out, names and addresses too if asked to. Changes nothing. */
export async function makeBundle(options: BundleOptions): Promise<{ parts: object; failed: readonly Failed[] }> {
  const { config, clock } = options;
  const redactor = new Redactor({ names: options.redactNames });
  const parts = new Parts(clock, options.note);
  const kernel = new Kernel();
  await parts.take('versions', () => versions(kernel));
  await parts.take('clock', () => clockState(clock, kernel));
  const given = config === undefined ? undefined : await parts.take('configuration', () => readText(config));
  const tree = given === undefined ? undefined : looseTree(given);
  learnFrom(tree, redactor);
  const isHub = given === undefined ? isHubFolder(options) : !isGatewayText(given);
  if (config !== undefined && given !== undefined) await addConfiguration(parts, { config, tree, isHub });
  const dataDir = dataDirOf(options, tree, isHub);
  if (given !== undefined || options.data !== undefined) learnFolders([config, dataDir, profilesOf(tree)], redactor);

  const disk = await parts.take('disk', () => diskOf(dataDir, kernel));
  learnMount(disk?.mount, redactor);
  await parts.take('dataDir', () => listFolder(dataDir));
  await parts.take('certificates', () => certificatesOf(dataDir, isHub ? CA : IDENTITY, clock));
  await parts.take('serial', async () => ({
    ...(await serialPorts(kernel)),
    configured: await portAccess(portsOf(tree)),
  }));
  if (isHub) await addHub(parts, dataDir);
  else await addGateway(parts, { ...options, dataDir, redactor });
  return {
    parts: redactor.tree(parts.all) as object,
    failed: parts.failed.map(({ part, reason }) => ({ part, reason: redactor.text(reason) })),
  };
}

/** Problems first: what is wrong also says what must not be shown. */
async function addConfiguration(
  parts: Parts,
  { config, tree, isHub }: { config: string; tree: unknown; isHub: boolean },
): Promise<void> {
  delete parts.all.configuration;
  let problems: readonly Problem[] = [];
  await parts.take('check', async () => {
    problems = await problemsOf(() => (isHub ? loadHubSettings(config) : loadGatewaySettings(config)));
    return problems.length === 0 ? 'good' : problems.map(problemText);
  });
  await parts.take('configuration', async () => {
    const isYaml = typeof tree === 'object' && !problems.some(({ path, file }) => path === '' && file === config);
    if (!isYaml) throw new Fault('settings-invalid', 'it is no YAML, so that secrets cannot be told from the rest');
    return withoutSecrets(tree, problems);
  });
}

async function addGateway(
  parts: Parts,
  { dataDir, redactor, redactNames, readLog }: BundleOptions & { dataDir: string; redactor: Redactor },
): Promise<void> {
  const socket = join(dataDir, 'control.sock');
  const ask = async <T>(verb: string, signal: AbortSignal): Promise<T> => {
    const answer = await askControl<T>(socket, verb, {}, signal);
    if (answer === undefined) throw new Fault('not-running', dataDir);
    return answer;
  };
  learnFrom(await parts.take('status', (signal) => ask<object>('status', signal)), redactor);
  await parts.take('metrics', async (signal) => (await ask<{ text: string }>('metrics', signal)).text);
  // Loaded here, so that a database that was built for another machine costs this part alone.
  await parts.take('journal', async (signal) => {
    const { askGateway } = await import('../gateway-access.ts');
    return askGateway(dataDir, 'journal status', {}, signal);
  });
  const learnt = await parts.take('learnt', () => readLearnt(join(dataDir, 'learnt.json')));
  learnFrom(learnt, redactor);
  const isNamed = Boolean(parts.all.configuration ?? parts.all.status);
  await parts.take('log', (signal) => {
    if (redactNames && !isNamed) throw new Error('left out: without a readable configuration its names cannot be told');
    return readLog(signal);
  });
}

async function addHub(parts: Parts, dataDir: string): Promise<void> {
  await parts.take('status', async (signal) => {
    const answer = await askControl(join(dataDir, 'control.sock'), 'ping', {}, signal);
    if (answer === undefined) throw new Fault('not-running', dataDir);
    return { hub: 'running' };
  });
}

async function readLearnt(file: string): Promise<unknown> {
  if (!existsSync(file)) return 'no device refuses what its profile says';
  return JSON.parse(await readFile(file, 'utf8'));
}

function isHubFolder({ data, defaults }: BundleOptions): boolean {
  const folder = data ?? defaults.gateway;
  return existsSync(join(folder, 'archive.duckdb')) || existsSync(join(folder, 'ca', 'ca.crt'));
}

function dataDirOf({ data, defaults }: BundleOptions, tree: unknown, isHub: boolean): string {
  const named = (tree as { dataDir?: unknown } | undefined | null)?.dataDir;
  return data ?? (typeof named === 'string' ? named : isHub ? defaults.hub : defaults.gateway);
}

function profilesOf(tree: unknown): string | undefined {
  const named = (tree as { profilesDir?: unknown } | undefined | null)?.profilesDir;
  return typeof named === 'string' ? named : undefined;
}

function portsOf(tree: unknown): string[] {
  const { channels } = (tree ?? {}) as { channels?: unknown };
  if (!Array.isArray(channels)) return [];
  const ports = channels.map((channel: { port?: unknown } | null) => channel?.port);
  return ports.filter((port) => typeof port === 'string').filter((port) => port.startsWith('/'));
}

/** Folders may be named after a site; those of the documentation say nothing. */
function learnFolders(folders: readonly (string | undefined)[], redactor: Redactor): void {
  for (const folder of folders) {
    if (folder === undefined || /^\/(var\/lib|etc)\/sluice(-hub)?(\/(gateway|hub)\.yaml)?$/.test(folder)) continue;
    redactor.learnName('folder', folder);
    redactor.learnName('folder', resolve(folder));
  }
}
