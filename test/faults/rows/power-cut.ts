import { NOTHING_JUDGED } from '../../e2e/oracle.ts';
import { oraclePlant } from '../../e2e/oracle-plant.ts';
import { pause, Site } from '../../e2e/site.ts';
import { LoopDisk } from '../loop-disk.ts';
import type { Figures, Row, RowContext } from '../row.ts';
import { expectAlive, journalledNext, settle } from '../settle.ts';

const EVERY_MS = 50;
const COMMIT_MS = 200;
const plant = oraclePlant(100, `${EVERY_MS}ms`);

/** Answered by its device, and not yet taken by the gateway. */
const ON_ITS_WAY_MS = 2 * EVERY_MS;

/** `gatewayMain` is another build. */
export async function cutPowerAgainAndAgain(context: RowContext, gatewayMain?: string): Promise<Figures> {
  const disk = await LoopDisk.make(256);
  let site: Site | undefined;
  const recoveryMs: number[] = [];
  let allowedMs = 0;
  try {
    site = await Site.start({
      ...{ plant: plant.yaml, values: 'oracle', journal: `${COMMIT_MS}ms`, journalMore: 'minFree: 1MiB' },
      gatewayDir: `${disk.folder}/gateway`,
      gatewayMain: () => gatewayMain,
    });
    const running = site;
    await site.until(async () => (await running.latest()).size === plant.pointOf.size, 'values at the hub');
    for (let done = 0; done < context.size.faults; done++) {
      await pause(1500 * context.random());
      expectAlive(site, 'gateway');
      const cutAt = await disk.cutPower(site.gateway.pid);
      allowedMs = Math.max(allowedMs, cutAt - newestBegun(site) + ON_ITS_WAY_MS);
      await site.gateway.kill('SIGKILL');
      await disk.unmount();
      await disk.mount();
      const before = journalledNext(site);
      const startedAt = performance.now();
      site.startGateway();
      const isBack = () => journalledNext(running) > before || running.reports.reused > 0 || running.gateway.isOver;
      await site.until(isBack, 'the gateway journals again');
      expectAlive(site, 'gateway');
      recoveryMs.push(performance.now() - startedAt);
      context.progress(done + 1);
      // What was on the disk is gone: the numbers no longer say anything, and there is nothing to wait for.
      if (site.reports.reused > 0)
        return { faults: done + 1, verdict: NOTHING_JUDGED, reused: site.reports.reused, recoveryMs, notes: {} };
    }
    const verdict = await settle(site, plant);
    const mostLostMs = verdict.longestSkip * EVERY_MS;
    return {
      ...{ faults: recoveryMs.length, verdict, reused: site.reports.reused, recoveryMs },
      notes: {
        'readings answered by the devices and not yet journalled, in all': verdict.neverJournalled,
        'at most of one point in one cut': `${verdict.longestSkip} (${mostLostMs} ms; commit interval ${COMMIT_MS} ms)`,
      },
      breaches: mostLostMs > allowedMs ? [`${mostLostMs} ms of readings lost, at most ${allowedMs} ms`] : [],
    };
  } finally {
    await site?.stop();
    await disk.remove();
  }
}

/**
 * When the newest commit that the gateway has told of had begun, or a little before, by its own times: it is told of when it is on the
 * disk, and begins after the one before was. What was read before that is in it, however long a sync takes on this machine.
 */
function newestBegun(site: Site): number {
  const told = site.gateway.lines.filter((line) => line.includes('"journalled"'));
  const line = told.at(-2) ?? site.gateway.lines.find((each) => each.startsWith('{'));
  return line === undefined ? 0 : (JSON.parse(line) as { time: number }).time;
}

export const powerCut: Row = {
  name: 'power-cut',
  what: 'the power of the gateway’s disk fails under 2,000 readings/s (ext4 shut down without a flush), kill -9, mount, start',
  needs: ['loop'],
  sizes: { short: { faults: 5 }, long: { faults: 200 } },
  expect: { declares: false },
  run: (context) => cutPowerAgainAndAgain(context),
};
