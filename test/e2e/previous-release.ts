import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../core/package-root.ts';

/** The last commit of the release before this one: 0.1.0. */
const PREVIOUS = '059fd1e761fecd137c9d393a7a77c8f599d8d09a';

export interface Build {
  readonly main: string;
  remove(): void;
}

/** Does this checkout's history reach back to the previous release? A shallow clone's does not. */
export function hasPrevious(): boolean {
  return spawnSync('git', ['cat-file', '-e', `${PREVIOUS}^{commit}`], { cwd: packageRoot }).status === 0;
}

/** The previous release, built from its own sources with this one's packages. */
export function buildPrevious(): Build {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-previous-'));
  const archive = execFileSync('git', ['archive', PREVIOUS], { cwd: packageRoot, maxBuffer: 256 * 1024 * 1024 });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'));
  execFileSync(join(packageRoot, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.json'], { cwd: folder });
  // The hub serves a page; which one does not matter here.
  mkdirSync(join(folder, 'dist/monitor'), { recursive: true });
  cpSync(join(packageRoot, 'dist/monitor/dashboard'), join(folder, 'dist/monitor/dashboard'), { recursive: true });
  return {
    main: join(folder, 'dist/cli/main.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
