import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { describe } from 'vitest';

/** Where a program is on the PATH; empty if it is not there. */
export function findTool(name: string): string {
  return spawnSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' }).stdout.trim();
}

export function hasTool(name: string): boolean {
  return findTool(name) !== '';
}

/** A Python for which this statement works. Debian's packages serve Debian's Python, which another one may stand before on the PATH. */
export function findPython(statement: string): string | undefined {
  return ['python3', '/usr/bin/python3'].find(
    (python) => spawnSync(python, ['-c', statement], { stdio: 'ignore' }).status === 0,
  );
}

/** Notes what was skipped, for the list at the end of the run. */
export function note(what: string): void {
  if (process.env.SLUICE_SKIPPED) appendFileSync(process.env.SLUICE_SKIPPED, `${what}\n`);
}

/** A group of tests that need a program. Without it they are skipped and the skip is noted; under CI that is an error. */
export function describeWith(tool: string, name: string, body: () => void): void {
  describeIf(hasTool(tool), tool, name, body);
}

/** The same for what is no program on the PATH. */
export function describeIf(isThere: boolean, what: string, name: string, body: () => void): void {
  if (isThere) {
    describe(name, body);
    return;
  }
  if (process.env.CI === 'true') throw new Error(`${what} is missing: CI must run "${name}"`);
  note(`${what}: ${name}`);
  describe.skip(name, body);
}
