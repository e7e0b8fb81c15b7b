import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../core/package-root.ts';

/** One change of a compiled file: `find` stands there exactly once. */
export interface Patch {
  /** Under dist/. */
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

/** A copy of the build with one thing broken on purpose: a harness that does not catch it proves nothing. */
export class BrokenBuild {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sluice-broken-'));
  /** Its `cli/main.js`. */
  readonly main = join(this.#folder, 'dist/cli/main.js');

  private constructor() {}

  /** @throws TypeError when the patch does not fit: the code has changed, and the control must follow it */
  static async make({ file, find, put }: Patch): Promise<BrokenBuild> {
    const build = new BrokenBuild();
    await cp(join(packageRoot, 'dist'), join(build.#folder, 'dist'), { recursive: true });
    for (const name of ['package.json', 'node_modules', 'devices']) {
      symlinkSync(join(packageRoot, name), join(build.#folder, name));
    }
    const path = join(build.#folder, 'dist', file);
    const parts = readFileSync(path, 'utf8').split(find);
    if (parts.length !== 2) throw new TypeError(`${file} has ${parts.length - 1} times, not once: ${find}`);
    writeFileSync(path, parts.join(put));
    return build;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
