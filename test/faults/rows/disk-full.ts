import { NOTHING_JUDGED } from '../../e2e/oracle.ts';
import { oraclePlant } from '../../e2e/oracle-plant.ts';
import { pause, Site } from '../../e2e/site.ts';
import { LoopDisk } from '../loop-disk.ts';
import type { Figures, Row, RowContext } from '../row.ts';
import { expectAlive, hubCursor, journalledNext, oldestValue, settle } from '../settle.ts';

const plant = oraclePlant(100, '50ms');
/** Until something new is journalled, or stored, once there is room again; the wait between two tries is 10 s at most. */
const RECOVERS_MS = 20_000;

/**
 * The gateway's disk fills up, stays full for a while and is emptied again. `gatewayMain` is another build; one that deceives
 * itself about what is on the disk shows it when it is killed and started again.
 */
export async function fillGateway(context: RowContext, gatewayMain?: string): Promise<Figures> {
  const disk = await LoopDisk.make(48);
  let site: Site | undefined;
  const recoveryMs: number[] = [];
  let staleMs = 0;
  try {
    site = await Site.start({
      ...{ plant: plant.yaml, values: 'oracle', journalMore: 'maxBytes: 16MiB, minFree: 1MiB' },
      gatewayDir: `${disk.folder}/gateway`,
      gatewayMain: () => gatewayMain,
    });
    const running = site;
    await site.until(async () => (await running.latest()).size === plant.pointOf.size, 'values at the hub');
    for (let done = 0; done < context.size.faults; done++) {
      disk.fill();
      const fullFor = 2000 + 3000 * context.random();
      const end = performance.now() + fullFor;
      // What the gateway itself gives back, its ballast, is eaten too.
      while (performance.now() < end) {
        disk.fill();
        await pause(100);
      }
      expectAlive(site, 'gateway');
      staleMs = Math.max(staleMs, await oldestValue(site));
      disk.empty();
      const startedAt = performance.now();
      if (gatewayMain !== undefined) {
        await site.gateway.kill('SIGKILL');
        site.startGateway();
      }
      // What the one before its kill still told of is no sign of the new one.
      const before = journalledNext(site);
      const isBack = () => journalledNext(running) > before || running.reports.reused > 0;
      await site.until(isBack, 'the gateway journals again', RECOVERS_MS);
      recoveryMs.push(performance.now() - startedAt);
      await pause(1000 * context.random());
      context.progress(done + 1);
      const { reused } = site.reports;
      // What was on the disk is gone: the numbers no longer say anything, and there is nothing to wait for.
      if (reused > 0) return { faults: done + 1, verdict: NOTHING_JUDGED, reused, recoveryMs, notes: {} };
    }
    const verdict = await settle(site, plant);
    return {
      ...{ faults: recoveryMs.length, verdict, reused: site.reports.reused, recoveryMs },
      notes: { 'oldest live value at the hub while the disk was full': `${Math.round(staleMs)} ms` },
      breaches: staleMs > 2000 ? [`live values ${Math.round(staleMs)} ms old while the disk was full`] : [],
    };
  } finally {
    await site?.stop();
    await disk.remove();
  }
}

/** The hub's disk fills up: it stops acknowledging, and goes on by itself once there is room. */
async function fillHub(context: RowContext): Promise<Figures> {
  const disk = await LoopDisk.make(256);
  let site: Site | undefined;
  const recoveryMs: number[] = [];
  let stalled = 0;
  try {
    site = await Site.start({ plant: plant.yaml, values: 'oracle', hubDir: `${disk.folder}/hub` });
    const running = site;
    await site.until(async () => (await running.latest()).size === plant.pointOf.size, 'values at the hub');
    for (let done = 0; done < context.size.faults; done++) {
      disk.fill();
      const end = performance.now() + 3000 + 3000 * context.random();
      while (performance.now() < end) {
        disk.fill();
        await pause(100);
      }
      expectAlive(site, 'hub');
      const full = (await hubCursor(site)) ?? 0;
      if (full < journalledNext(site)) stalled += 1;
      disk.empty();
      const startedAt = performance.now();
      await site.until(async () => ((await hubCursor(running)) ?? 0) > full, 'the hub stores again', 90_000);
      recoveryMs.push(performance.now() - startedAt);
      await pause(1000 * context.random());
      context.progress(done + 1);
    }
    const verdict = await settle(site, plant);
    const notes = { 'times the hub stood behind the gateway while full': stalled };
    return { faults: recoveryMs.length, verdict, reused: site.reports.reused, recoveryMs, notes };
  } finally {
    await site?.stop();
    await disk.remove();
  }
}

export const diskFullGateway: Row = {
  name: 'disk-full-gateway',
  alone: true,
  what: 'the gateway’s disk (ext4, 48 MiB) is filled to the last byte for 2 to 5 s and emptied; recovery: until it journals again',
  needs: ['loop'],
  sizes: { short: { faults: 3 }, long: { faults: 50 } },
  expect: { declares: true },
  run: (context) => fillGateway(context),
};

export const diskFullHub: Row = {
  name: 'disk-full-hub',
  what: 'the hub’s disk (ext4, 256 MiB) is filled to the last byte for 3 to 6 s and emptied; recovery: until it stores again',
  needs: ['loop'],
  sizes: { short: { faults: 3 }, long: { faults: 50 } },
  expect: { declares: false },
  run: fillHub,
};
