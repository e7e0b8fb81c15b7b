import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../core/package-root.ts';
import { type Arch, NODE_ARCH, NODE_VERSION } from './arch.ts';
import { HUB_ONLY } from './hub-only.ts';
import { prune } from './prune.ts';

export interface Assembly {
  readonly arch: Arch;
  /** Must not exist. */
  readonly folder: string;
  /** Without what only a hub needs. */
  readonly gatewayOnly: boolean;
  /** Node itself too, as `bin/node`. */
  readonly withNode: boolean;
  /** One line for each step. */
  readonly tell: (line: string) => void;
}

const FOR_BARE_MACHINES = ['bin/sluice', 'systemd', 'udev', 'tmpfiles', 'sysusers', 'install.sh'].map(
  (name) => `deploy/${name}`,
);
const FOR_CONTAINERS = ['deploy/container'];

/**
 * A folder with everything that runs on one processor, whatever processor this machine has: no install script is needed, since every
 * native package brings its builds in itself.
 * @throws Error if the package is not built, or npm cannot get something.
 */
export function assemble({ arch, folder, gatewayOnly, withNode, tell }: Assembly): void {
  if (!existsSync(join(packageRoot, 'dist/cli/main.js'))) throw new Error('nothing is built; say: npm run build');
  mkdirSync(folder, { recursive: true });

  tell('what we wrote');
  for (const name of [...ours(), ...FOR_BARE_MACHINES, ...FOR_CONTAINERS])
    cpSync(join(packageRoot, name), join(folder, name), { recursive: true, filter: (from) => !isForWriters(from) });
  if (gatewayOnly) rmSync(join(folder, 'dist/monitor/dashboard'), { recursive: true });

  tell(`packages for ${arch}`);
  for (const name of ['package-lock.json', '.npmrc']) cpSync(join(packageRoot, name), join(folder, name));
  const platform = ['--omit=dev', '--ignore-scripts', '--os=linux', `--cpu=${NODE_ARCH[arch]}`];
  npm(folder, 'ci', ...platform);
  if (gatewayOnly) {
    leaveOut(folder, HUB_ONLY);
    npm(folder, 'prune', ...platform);
  } else needArchive(folder, arch);
  for (const name of ['package-lock.json', '.npmrc', 'node_modules/.package-lock.json', 'node_modules/.bin'])
    rmSync(join(folder, name), { recursive: true, force: true });

  tell('without what never runs here');
  prune(join(folder, 'node_modules'), arch);
  if (withNode) {
    tell(`Node ${NODE_VERSION}`);
    takeNode(arch, join(folder, 'bin'));
  }
}

/** What npm would pack. */
function ours(): string[] {
  const { files } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { files: string[] };
  return [...files, 'package.json'];
}

/** npm passes over a build that it cannot get; a hub would find out at its start. */
function needArchive(folder: string, arch: Arch): void {
  const name = `@duckdb/node-bindings-linux-${NODE_ARCH[arch]}`;
  if (existsSync(join(folder, 'node_modules', name))) return;
  throw new Error(
    `npm has no ${name} of the version in package-lock.json: a hub would not start; --gateway-only needs none`,
  );
}

function isForWriters(path: string): boolean {
  return /\.(map|d\.ts)$|\/docs\/(screens|generate-[a-z]+\.ts)/.test(path);
}

function leaveOut(folder: string, names: readonly string[]): void {
  for (const [file, of] of [
    ['package.json', (json: Tree) => [json]],
    ['package-lock.json', (json: Tree) => [json.packages?.[''] ?? {}]],
  ] as const) {
    const path = join(folder, file);
    const json = JSON.parse(readFileSync(path, 'utf8')) as Tree;
    for (const part of of(json)) for (const name of names) delete part.dependencies?.[name];
    writeFileSync(path, `${JSON.stringify(json, null, 2)}\n`);
  }
}

interface Tree {
  readonly dependencies?: Record<string, string>;
  readonly packages?: Record<string, Tree>;
}

/** Node's own program as npm's registry has it, so that nothing else is asked. */
export function takeNode(arch: Arch, bin: string): void {
  const work = mkdtempSync(join(tmpdir(), 'sluice-node-'));
  try {
    npm(work, 'pack', '--silent', `node-linux-${NODE_ARCH[arch]}@${NODE_VERSION}`);
    mkdirSync(bin, { recursive: true });
    const archive = join(work, `node-linux-${NODE_ARCH[arch]}-${NODE_VERSION}.tgz`);
    run(work, 'tar', '-xzf', archive, '-C', bin, '--strip-components=2', 'package/bin/node');
    chmodSync(join(bin, 'node'), 0o755);
  } finally {
    rmSync(work, { recursive: true });
  }
}

function npm(folder: string, ...args: string[]): void {
  run(folder, 'npm', ...args, '--no-audit', '--no-fund', '--prefer-offline');
}

export function run(folder: string, program: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
