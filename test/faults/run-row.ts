import { NOTHING_JUDGED } from '../e2e/oracle.ts';
import { seeded } from '../support/mutate.ts';
import { missing } from './needs.ts';
import { type Machine, type Result, thisMachine } from './results.ts';
import { breachesOf, type Figures, type Row, type RowContext, type SizeName } from './row.ts';

export interface RunOptions {
  readonly size: SizeName;
  readonly seed: number;
  readonly on?: Machine;
  readonly progress?: RowContext['progress'];
}

const NOTHING: Figures = { faults: 0, verdict: NOTHING_JUDGED, reused: 0, recoveryMs: [], notes: {} };

/** Runs one row to its end. What it throws is a bound that does not hold. */
export async function runRow(row: Row, options: RunOptions): Promise<Result> {
  const { size, seed, on = thisMachine(), progress = () => {} } = options;
  const startedAt = performance.now();
  const result = (figures: Figures, rest: Pick<Result, 'broken' | 'skipped'>): Result => ({
    ...figures,
    ...{ row: row.name, size, seed, on, endedAt: new Date().toISOString() },
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
    ...rest,
  });
  const skipped = missing(row.needs);
  if (skipped !== undefined) return result(NOTHING, { broken: [], skipped });
  try {
    const figures = await row.run({ size: row.sizes[size], seed, random: seeded(seed), progress });
    return result(figures, { broken: breachesOf(row, figures) });
  } catch (error) {
    const figures = { ...NOTHING, breaches: [error instanceof Error ? error.message : String(error)] };
    return result(figures, { broken: breachesOf(row, figures) });
  }
}
