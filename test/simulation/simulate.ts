import type { Verdict } from './ledger.ts';
import { type Run, runWorld, type Trouble, type WorldOptions } from './world.ts';

export interface Simulated {
  readonly runs: number;
  /** Over all runs. */
  readonly verdict: Verdict;
  readonly troubles: number;
  readonly virtualMs: number;
  /** Runs in which something was that must not be. */
  readonly failed: readonly Run[];
}

export interface SimulateOptions extends Omit<WorldOptions, 'seed'> {
  readonly from: number;
  readonly count: number;
  readonly onRun?: (done: number, failed: number) => void;
  /** Ends after so many failures. */
  readonly mostFailures?: number;
}

/** One run for each seed from `from` on. */
export async function simulate(options: SimulateOptions): Promise<Simulated> {
  const { from, count, onRun = () => {}, mostFailures = 20, ...world } = options;
  const sum: Record<string, number> = {};
  const failed: Run[] = [];
  let [runs, troubles, virtualMs] = [0, 0, 0];
  while (runs < count && failed.length < mostFailures) {
    const run = await runWorld({ ...world, seed: from + runs });
    runs++;
    troubles += run.troubled;
    virtualMs += run.virtualMs;
    for (const [name, value] of Object.entries(run.verdict)) sum[name] = (sum[name] ?? 0) + value;
    if (run.breaches.length > 0) failed.push(run);
    onRun(runs, failed.length);
  }
  return { runs, verdict: sum as unknown as Verdict, troubles, virtualMs, failed };
}

/** One line for each, with what it takes to see it again. */
export function describeFailures(failed: readonly Run[]): string {
  return failed
    .map(({ seed, troubles, breaches }) => `--seed ${seed} (${troubles.join(',')}): ${breaches.join('; ')}`)
    .join('\n');
}

export function asTroubles(text: string): readonly Trouble[] {
  return text.split(',') as Trouble[];
}
