import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../../core/package-root.ts';
import { NOTHING_JUDGED } from '../../e2e/oracle.ts';
import type { FuzzReport } from '../../fuzz/main.ts';
import type { Verdict as SimulatedVerdict } from '../../simulation/ledger.ts';
import type { Figures, Row, RowContext } from '../row.ts';

const run = promisify(execFile);
const MAIN = join(packageRoot, 'test/simulation/main.ts');
const FUZZ = join(packageRoot, 'test/fuzz/main.ts');

/** Seeds that one process runs: Node keeps signals that somebody waits for to the end, and a killed process waits for ever. */
const BATCH = 500;

interface Report {
  readonly runs: number;
  readonly verdict: SimulatedVerdict;
  readonly troubles: number;
  readonly virtualMs: number;
  readonly failed: string;
}

/** Journal, sessions and hub over a disk, a network and a clock that the seed rules. */
async function simulateSeeds({ size, seed, progress }: RowContext): Promise<Figures> {
  const sum = {
    ...{ journalled: 0, stored: 0, declared: 0, unreported: 0, undeclared: 0 },
    ...{ twice: 0, misplaced: 0, disordered: 0 },
  };
  let [runs, troubles, virtualMs, falselyDeclared, reused] = [0, 0, 0, 0, 0];
  const failures: string[] = [];
  while (runs < size.faults) {
    // One for each of two cores.
    const [one, other] = [Math.min(BATCH, size.faults - runs), Math.min(BATCH, size.faults - runs - BATCH)];
    const batches = [runBatch(seed + runs, one), ...(other > 0 ? [runBatch(seed + runs + one, other)] : [])];
    for (const report of await Promise.all(batches)) {
      for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += report.verdict[name];
      falselyDeclared += report.verdict.falselyDeclared;
      reused += report.verdict.reused;
      troubles += report.troubles;
      virtualMs += report.virtualMs;
      if (report.failed !== '') failures.push(report.failed);
      runs += report.runs;
    }
    progress(runs);
    if (failures.length > 0) break;
  }
  return {
    ...{ faults: runs, reused, recoveryMs: [] },
    verdict: { ...NOTHING_JUDGED, ...sum, falselyDeclared },
    notes: { troubles, 'simulated hours': Math.round(virtualMs / 3_600_000) },
    breaches: failures,
  };
}

async function runBatch(from: number, count: number): Promise<Report> {
  const args = ['--import', 'tsx', MAIN, '--json', '--seed', String(from), '--count', String(count)];
  // A failed run is in the report, whatever the exit code.
  const { stdout } = await run(process.execPath, args, { cwd: packageRoot }).catch((error: { stdout?: string }) => {
    if (error.stdout) return { stdout: error.stdout };
    throw error;
  });
  return JSON.parse(stdout) as Report;
}

/** Bytes that were made to hurt: frames, envelopes, messages, MQTT packets, the files of a journal. */
async function hurt({ size, seed }: RowContext): Promise<Figures> {
  const args = ['--import', 'tsx', FUZZ, '--seed', String(seed), '--count', String(size.faults)];
  const { stdout } = await run(process.execPath, args, { cwd: packageRoot });
  const { inputs, stored, journalled, notes } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as FuzzReport;
  return {
    faults: inputs,
    verdict: { ...NOTHING_JUDGED, journalled, stored },
    ...{ reused: 0, recoveryMs: [] },
    notes,
  };
}

export const simulation: Row = {
  name: 'simulation',
  what: 'seeds of a deterministic simulation: kills, power cuts, loss, copies, disorder, failing and full disks, flipped bits, restores',
  needs: [],
  sizes: { short: { faults: 100 }, long: { faults: 10_000 } },
  // Some of the troubles take records away.
  expect: { declares: true },
  run: simulateSeeds,
};

export const hostile: Row = {
  name: 'hostile',
  what: 'malformed, oversized, hostile frames, messages, packets and files, while another gateway delivers',
  needs: [],
  sizes: { short: { faults: 1000 }, long: { faults: 100_000 } },
  expect: { declares: false },
  run: hurt,
};
