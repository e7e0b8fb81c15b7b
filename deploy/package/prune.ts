import { type Dirent, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Arch, NODE_ARCH } from './arch.ts';

/** Read by compilers, debuggers and people, never by a running program. */
const NEVER_RUN = /\.(test\.[cm]?js|d\.[cm]?ts|[cm]?ts|map|flow|md|markdown|cc|cpp|h|hpp|gyp|gypi|o|a|patch)$/i;
const NEVER_RUN_FOLDERS = [
  'deps',
  'test',
  'tests',
  '__tests__',
  'example',
  'examples',
  '.github',
  'benchmark',
  'benchmarks',
];
/** Licences go wherever the code goes. */
const KEPT = /^(licen[cs]e|copying|notice)/i;

/** Of the native packages the builds of one processor with Debian's libc, of all others what runs. Returns how many files went. */
export function prune(modules: string, arch: Arch): number {
  let gone = 0;
  const remove = (path: string) => {
    rmSync(path, { recursive: true });
    gone += 1;
  };
  const walk = (folder: string, depth: number) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (isForeignBuild(folder, entry, arch) || isNeverRun(entry, depth)) remove(path);
      else if (entry.isDirectory())
        walk(path, entry.name === 'node_modules' || entry.name.startsWith('@') ? 0 : depth + 1);
    }
  };
  walk(modules, 0);
  return gone;
}

function isForeignBuild(folder: string, entry: Dirent, arch: Arch): boolean {
  if (folder.endsWith('/prebuilds') && entry.isDirectory()) return entry.name !== `linux-${NODE_ARCH[arch]}`;
  return folder.includes('/prebuilds/') && entry.name.includes('musl');
}

/** Folders only at the root of a package: inside, `test` or `deps` may be a module. */
function isNeverRun(entry: Dirent, depth: number): boolean {
  if (entry.isDirectory()) return depth === 1 && NEVER_RUN_FOLDERS.includes(entry.name);
  return NEVER_RUN.test(entry.name) && !KEPT.test(entry.name);
}
