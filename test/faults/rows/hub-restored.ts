import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { oraclePlant } from '../../e2e/oracle-plant.ts';
import { pause, Site } from '../../e2e/site.ts';
import { sluice } from '../../e2e/sluice-process.ts';
import type { Figures, Row, RowContext } from '../row.ts';
import { expectAlive, hubCursor, settle } from '../settle.ts';

const plant = oraclePlant(100, '50ms');
const RECOVERS_MS = 75_000;

/** A backup is taken beside the running hub; later it is put back, while the gateway is alive and goes on. */
async function restoreHub(context: RowContext): Promise<Figures> {
  const site = await Site.start({ plant: plant.yaml, values: 'oracle' });
  const backup = join(site.dir, 'backup');
  const recoveryMs: number[] = [];
  let fetchedAgain = 0;
  try {
    await site.until(async () => (await site.latest()).size === plant.pointOf.size, 'values at the hub');
    for (let done = 0; done < context.size.faults; done++) {
      await succeed(sluice('backup', '-o', backup, '--data', site.hubDir));
      await pause(1000 + 3000 * context.random());
      const reached = (await hubCursor(site)) ?? 0;
      await site.hub.kill(context.random() < 0.5 ? 'SIGKILL' : 'SIGTERM');
      await succeed(sluice('restore', backup, '--data', site.hubDir, '--replace'));
      rmSync(backup, { recursive: true });
      site.startHub();
      const startedAt = performance.now();
      await site.hubReady();
      fetchedAgain += reached - ((await hubCursor(site)) ?? reached);
      await site.until(async () => ((await hubCursor(site)) ?? 0) > reached, 'what was lost is back', RECOVERS_MS);
      recoveryMs.push(performance.now() - startedAt);
      expectAlive(site, 'gateway');
      context.progress(done + 1);
    }
    const verdict = await settle(site, plant);
    const breaches = fetchedAgain > 0 ? [] : ['no restore took anything back'];
    const notes = { 'records fetched again': fetchedAgain };
    return { faults: recoveryMs.length, verdict, reused: site.reports.reused, recoveryMs, notes, breaches };
  } finally {
    await site.stop();
  }
}

async function succeed(running: ReturnType<typeof sluice>): Promise<void> {
  const { code, text } = await running;
  if (code !== 0) throw new Error(text);
}

export const hubRestored: Row = {
  name: 'hub-restored',
  what: 'the hub is restored from a backup while the gateway goes on; all is within keepConfirmed',
  needs: [],
  sizes: { short: { faults: 2 }, long: { faults: 30 } },
  expect: { declares: false, recoveryMs: RECOVERS_MS },
  run: restoreHub,
};
