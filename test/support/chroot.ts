import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { takeNode } from '../../deploy/package/assemble.ts';
import { findTool } from './tools.ts';

const SUITE = 'bookworm';

/** Runs a program to its end. @throws Error with what it said if that was not 0 */
export function must(program: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 64e6 });
  if (status === 0) return stdout;
  throw new Error(
    `${program} ${args.join(' ')}: ${error?.message ?? ''}\n${stdout.slice(-3000)}${stderr.slice(-3000)}`,
  );
}

/** A bare Debian as its slim container images are, made once a machine; with further packages, as a machine is that has systemd. */
export function debianRoot(...packages: readonly string[]): string {
  const root = join(tmpdir(), ['sluice', ...packages, SUITE].join('-'));
  if (existsSync(root)) return root;
  const made = mkdtempSync(`${root}-`);
  must('debootstrap', '--variant=minbase', ...packages.map((name) => `--include=${name}`), SUITE, made);
  for (const name of ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/locale']) {
    rmSync(join(made, name), { recursive: true, force: true });
    mkdirSync(join(made, name));
  }
  must('chmod', '755', made);
  renameSync(made, root);
  return root;
}

/** The same with Node and npm, as `node:24-bookworm-slim` is. */
export function nodeRoot(): string {
  const root = join(tmpdir(), `sluice-node-${SUITE}`);
  if (existsSync(root)) return root;
  const made = mkdtempSync(`${root}-`);
  must('cp', '-a', `${debianRoot()}/.`, made);
  takeNode('amd64', join(made, 'usr/local/bin'));
  const npm = dirname(dirname(must('readlink', '-f', findTool('npm')).trim()));
  cpSync(npm, join(made, 'usr/local/lib/node_modules/npm'), { recursive: true, verbatimSymlinks: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(made, 'usr/local/bin/npm'));
  renameSync(made, root);
  return root;
}

/** What a process in a chroot sees besides the root. Paths of the host, and where they appear. */
export interface Mounts {
  readonly readOnly?: boolean;
  readonly binds?: readonly (readonly [from: string, to: string, mode?: 'ro'])[];
}

export interface InChroot extends Mounts {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly groups?: readonly number[];
}

/** The command that becomes `command` inside `root` by exec: with mounts of its own that end with it, and without any capability. */
export function chrootCommand(root: string, command: readonly string[], options: InChroot = {}): string[] {
  const { readOnly = false, binds = [], env = {}, cwd = '/', uid, gid = uid, groups = [] } = options;
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const inside = (path: string) => quote(join(root, path));
  const script = [
    'set -e',
    `mount --bind ${quote(root)} ${quote(root)}`,
    ...binds.flatMap(([from, to]) => [
      `if [ -d ${quote(from)} ]; then mkdir -p ${inside(to)}; else mkdir -p ${inside(dirname(to))}; [ -e ${inside(to)} ] || : > ${inside(to)}; fi`,
    ]),
    ...(readOnly ? [`mount -o remount,ro,bind ${quote(root)}`] : []),
    `mount -t tmpfs tmpfs ${inside('/tmp')}`,
    `mount -t proc proc ${inside('/proc')}`,
    `mount --rbind /dev ${inside('/dev')}`,
    ...binds.flatMap(([from, to, mode]) => [
      `mount --bind ${quote(resolve(from))} ${inside(to)}`,
      ...(mode ? [`mount -o remount,ro,bind ${inside(to)}`] : []),
    ]),
  ];
  const caps = uid === undefined ? [] : capless(uid, gid as number, groups);
  const environment = Object.entries({ PATH: CONTAINER_PATH, HOME: '/root', ...env }).map(([k, v]) => `${k}=${v}`);
  const inner = ['chroot', root, ...caps, 'env', '-i', '-C', cwd, ...environment, ...command];
  script.push(`exec ${inner.map(quote).join(' ')}`);
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script.join('\n')];
}

const CONTAINER_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function capless(uid: number, gid: number, groups: readonly number[]): string[] {
  const more = groups.length > 0 ? [`--groups=${groups.join(',')}`] : ['--clear-groups'];
  const ids = [`--reuid=${uid}`, `--regid=${gid}`, ...more];
  return ['setpriv', ...ids, '--bounding-set=-all', '--inh-caps=-all', '--no-new-privs', '--'];
}

/** So that programs inside reach the package registries as this machine does. */
export function registryAccess(): Mounts & { readonly env: Record<string, string> } {
  const of = (setting: string) => must('npm', 'config', 'get', setting).trim();
  return {
    binds: [
      ['/etc/resolv.conf', '/etc/resolv.conf'],
      ['/etc/hosts', '/etc/hosts'],
      ...(existsSync('/etc/ssl/certs') ? ([['/etc/ssl/certs', '/etc/ssl/certs']] as const) : []),
      [of('cache'), '/root/.npm'],
      ...(existsSync(of('userconfig')) ? ([[of('userconfig'), '/root/.npmrc']] as const) : []),
    ],
    env: {
      ...(of('cafile') === 'null' ? {} : { NODE_EXTRA_CA_CERTS: of('cafile') }),
      ...Object.fromEntries(
        Object.entries(process.env).filter(
          (entry): entry is [string, string] =>
            entry[1] !== undefined && /proxy$|^npm_config_registry|_CA_|SSL_CERT/i.test(entry[0]),
        ),
      ),
    },
  };
}
