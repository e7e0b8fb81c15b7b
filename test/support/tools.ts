import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { describe } from 'vitest';

/** Is a program on the PATH? */
export function hasTool(name: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$0"', name], { stdio: 'ignore' }).status === 0;
}

/** A group of tests that need a program. Without it they are skipped and the skip is noted; under CI that is an error. */
export function describeWith(tool: string, name: string, body: () => void): void {
  if (hasTool(tool)) {
    describe(name, body);
    return;
  }
  if (process.env.CI === 'true') throw new Error(`${tool} is missing: CI must run "${name}"`);
  if (process.env.SLUICE_SKIPPED) appendFileSync(process.env.SLUICE_SKIPPED, `${tool}: ${name}\n`);
  describe.skip(name, body);
}
