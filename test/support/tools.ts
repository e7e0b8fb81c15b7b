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

/** Notes what was skipped, for the list at the end of the run. */
export function note(what: string): void {
  if (process.env.SLUICE_SKIPPED) appendFileSync(process.env.SLUICE_SKIPPED, `${what}\n`);
}

/** A group of tests that need a program. Without it they are skipped and the skip is noted; under CI that is an error. */
export function describeWith(tool: string, name: string, body: () => void): void {
  if (hasTool(tool)) {
    describe(name, body);
    return;
  }
  if (process.env.CI === 'true') throw new Error(`${tool} is missing: CI must run "${name}"`);
  note(`${tool}: ${name}`);
  describe.skip(name, body);
}
