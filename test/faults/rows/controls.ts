import { oraclePlant } from '../../e2e/oracle-plant.ts';
import { pause, Site } from '../../e2e/site.ts';
import { BrokenBuild, type Patch } from '../broken-build.ts';
import type { Figures, Row, RowContext } from '../row.ts';
import { journalledNext, settle } from '../settle.ts';
import { fillGateway } from './disk-full.ts';
import { killHubAgainAndAgain } from './kill.ts';
import { cutPowerAgainAndAgain } from './power-cut.ts';

const UNSYNCED: Patch = {
  file: 'gateway/journal/store.js',
  find: 'batch.write({ sync: true })',
  put: 'batch.write({ sync: false })',
};

const ERRORS_SWALLOWED: Patch = {
  file: 'gateway/journal/committer.js',
  find: 'return error;',
  put: 'return undefined;',
};

const EARLY_ACK: Patch = {
  file: 'cloud-sync/cloud-hub/committer.js',
  find: 'await this.#options.archive.append(live',
  put: `for (const { session, batch } of live) this.#options.onStored(session, batch);
            await new Promise((resolve) => setTimeout(resolve, 200));
            await this.#options.archive.append(live`,
};

const DEDUP_BY_TIME: Patch = {
  file: 'monitor/archive/readings-writer.js',
  find: 'const count = column.times.length;',
  put: `const count = column.times.length;
        const newest = (globalThis.newest ??= new Map());
        if ((newest.get(series) ?? 0) >= column.times.at(-1)) return;
        newest.set(series, column.times.at(-1));`,
};

const MINUTE_BEHIND: Patch = {
  file: 'core/clock.js',
  find: 'now: () => Date.now(),',
  put: 'now: () => Date.now() - 60_000,',
};

const plant = oraclePlant(100, '50ms');
/** Records with stamps that are there already: what the broken hub drops. */
const STAMPED_TWICE = 500;

/** The gateway comes back with a clock that stands a minute behind: its stamps are there twice, its numbers are not. */
async function clockStepsBack(context: RowContext, hubMain: string): Promise<Figures> {
  const behind = await BrokenBuild.make(MINUTE_BEHIND);
  let gatewayMain: string | undefined;
  let site: Site | undefined;
  try {
    site = await Site.start({ plant: plant.yaml, values: 'oracle', hubMain, gatewayMain: () => gatewayMain });
    const running = site;
    await site.until(async () => (await running.latest()).size === plant.pointOf.size, 'values at the hub');
    await pause(1000);
    await site.gateway.kill('SIGKILL');
    gatewayMain = behind.main;
    const before = journalledNext(site);
    site.startGateway();
    await site.until(() => journalledNext(running) > before + STAMPED_TWICE, 'the gateway journals behind its time');
    context.progress(1);
    const verdict = await settle(site, plant);
    return { faults: 1, verdict, reused: site.reports.reused, recoveryMs: [], notes: {} };
  } finally {
    await site?.stop();
    behind.remove();
  }
}

interface Control {
  readonly name: string;
  readonly what: string;
  readonly patch: Patch;
  readonly faults: number;
  readonly needs: Row['needs'];
  /** The breach that must be found; any other one means that the control itself does not work. */
  readonly caught: RegExp;
  run(context: RowContext, main: string): Promise<Figures>;
}

function control({ name, what, patch, faults, needs, caught, run }: Control): Row {
  return {
    ...{ name, what, needs, sizes: { short: { faults }, long: { faults: 3 * faults } } },
    expect: { declares: false, caught },
    async run(context) {
      const build = await BrokenBuild.make(patch);
      try {
        return await run(context, build.main);
      } finally {
        build.remove();
      }
    },
  };
}

export const CONTROLS: readonly Row[] = [
  control({
    name: 'control-unsynced',
    what: 'broken on purpose: the journal writes without sync; power cuts',
    ...{
      patch: UNSYNCED,
      faults: 1,
      needs: ['loop'],
      caught: /^(reused|the gateway ended)/,
      run: cutPowerAgainAndAgain,
    },
  }),
  control({
    name: 'control-errors',
    what: 'broken on purpose: the journal takes a failed write for a good one; full disk',
    ...{
      patch: ERRORS_SWALLOWED,
      faults: 1,
      needs: ['loop'],
      caught: /^(reused|undeclared|stored|declared)/,
    },
    run: (context, main) => fillGateway(context, main),
  }),
  control({
    name: 'control-early-ack',
    what: 'broken on purpose: the hub acknowledges before its commit; kill -9 of the hub',
    ...{ patch: EARLY_ACK, faults: 3, needs: [], caught: /^acknowledged/, run: killHubAgainAndAgain },
  }),
  control({
    name: 'control-dedup-by-time',
    what: 'broken on purpose: the hub drops what is not newer than the newest of its point; a clock that stepped back',
    ...{ patch: DEDUP_BY_TIME, faults: 1, needs: [], caught: /^undeclared/, run: clockStepsBack },
  }),
];
