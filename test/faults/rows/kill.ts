import { oraclePlant } from '../../e2e/oracle-plant.ts';
import { pause, Site } from '../../e2e/site.ts';
import type { Figures, Row, RowContext } from '../row.ts';
import { expectAlive, hubCursor, journalledNext, settle } from '../settle.ts';

const plant = oraclePlant(100, '50ms');

/** Between what is waited for and the kill, at most. */
const SOON_MS = 500;
const COMES_BACK_MS = 600;
const PATIENCE_MS = 60_000;

interface Victim {
  readonly name: 'gateway' | 'hub';
  start(site: Site): void;
  /** Resolves when it works again after a start. */
  recovered(site: Site, before: number): Promise<void>;
  /** Between that and the next kill: until there is something to break. */
  underLoad(site: Site): Promise<void>;
}

const GATEWAY: Victim = {
  name: 'gateway',
  start: (site) => site.startGateway(),
  recovered: (site, before) => rises(site, 'gateway', () => journalledNext(site), before),
  underLoad: () => Promise.resolve(),
};

const HUB: Victim = {
  name: 'hub',
  start: (site) => site.startHub(),
  recovered: (site) => site.hubReady(),
  async underLoad(site) {
    const stores = (ms: number) => rises(site, 'hub', () => hubCursor(site), undefined, ms);
    try {
      await stores(COMES_BACK_MS);
    } catch {
      // A gateway that loses its hub again and again waits up to a minute. A new one does not, and the hub is killed at work.
      expectAlive(site, 'gateway');
      await site.gateway.kill('SIGKILL');
      site.startGateway();
      await stores(PATIENCE_MS);
    }
  },
};

/** Kills at random instants: one of four at any moment, as in mid-start, the others while it works. */
async function killAgainAndAgain(victim: Victim, context: RowContext, hubMain?: string): Promise<Figures> {
  const site = await Site.start({ plant: plant.yaml, values: 'oracle', ...(hubMain === undefined ? {} : { hubMain }) });
  const recoveryMs: number[] = [];
  let acknowledged = 0;
  try {
    await site.until(async () => (await site.latest()).size === plant.pointOf.size, 'values at the hub');
    for (let done = 0; done < context.size.faults; done++) {
      const atAnyMoment = context.random() < 0.25;
      await pause(SOON_MS * context.random());
      expectAlive(site, victim.name);
      const confirmed = await site.confirmed().catch(() => new Map<string, number>());
      await site[victim.name].kill('SIGKILL');
      const before = journalledNext(site);
      const startedAt = performance.now();
      victim.start(site);
      if (atAnyMoment) await pause(SOON_MS * context.random());
      else {
        await victim.recovered(site, before);
        recoveryMs.push(performance.now() - startedAt);
        acknowledged += await beyondStored(site, confirmed);
        await victim.underLoad(site);
      }
      context.progress(done + 1);
    }
    const breaches = acknowledged > 0 ? [`acknowledged and not stored: ${acknowledged}`] : [];
    const verdict = await settle(site, plant);
    return { faults: context.size.faults, verdict, reused: site.reports.reused, recoveryMs, notes: {}, breaches };
  } finally {
    await site.stop();
  }
}

/** Records that a gateway had been told are stored and that the hub does not have after its start. */
async function beyondStored(site: Site, confirmed: ReadonlyMap<string, number>): Promise<number> {
  const { epoch, cursor } = await site.shown();
  return Math.max(0, (confirmed.get(epoch ?? '') ?? 0) - Number(cursor));
}

/** Until the figure is beyond `before`, or beyond what it was when it could first be told. */
async function rises(
  site: Site,
  name: Victim['name'],
  tell: () => Promise<number | undefined> | number | undefined,
  before: number | undefined,
  ms = PATIENCE_MS,
): Promise<void> {
  const end = performance.now() + ms;
  let first = before;
  for (;;) {
    const now = await tell();
    first ??= now;
    if (now !== undefined && now > (first ?? now)) return;
    expectAlive(site, name);
    if (performance.now() > end) throw new Error(`the ${name} does not go on:\n${site[name].text}`);
    await pause(10);
  }
}

/** `hubMain` is another build. */
export function killHubAgainAndAgain(context: RowContext, hubMain?: string): Promise<Figures> {
  return killAgainAndAgain(HUB, context, hubMain);
}

export const killGateway: Row = {
  name: 'kill-gateway',
  what: 'kill -9 of the gateway under 2,000 readings/s, at random instants; recovery: start to the first journalled record',
  needs: [],
  sizes: { short: { faults: 8 }, long: { faults: 1000 } },
  expect: { declares: false },
  run: (context) => killAgainAndAgain(GATEWAY, context),
};

export const killHub: Row = {
  name: 'kill-hub',
  what: 'kill -9 of the hub under 2,000 readings/s, at random instants; recovery: start until it is ready',
  needs: [],
  sizes: { short: { faults: 8 }, long: { faults: 1000 } },
  expect: { declares: false },
  run: (context) => killHubAgainAndAgain(context),
};
