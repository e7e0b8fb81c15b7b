import { readFileSync } from 'node:fs';
import { oraclePlant } from '../../e2e/oracle-plant.ts';
import { pause, Site } from '../../e2e/site.ts';
import { BadLink } from '../bad-link.ts';
import type { Figures, Row, RowContext } from '../row.ts';
import { expectAlive, settle } from '../settle.ts';

const plant = oraclePlant(100, '100ms');
const MIB = 1024 * 1024;
/** From here on memory is flat: what is kept in memory on purpose is full, and so are the caches. */
const WARM_UP_S = 15 * 60;
const FLAT_WITHIN_MIB = 10;

/** MiB. */
interface Sample {
  readonly seconds: number;
  readonly gateway: number;
  readonly hub: number;
  /** Of the hub's: rows not yet in the file and a cache of it, which grows with the history until its limit. */
  readonly archive: number;
  /** The hub's without the archive's. */
  readonly hubItself: number;
}

type Name = Exclude<keyof Sample, 'seconds'>;

async function soak(context: RowContext): Promise<Figures> {
  const line = await BadLink.open(context.seed);
  const { seconds = 0 } = context.size;
  let site: Site | undefined;
  let faults = 0;
  try {
    site = await Site.start({
      ...{ plant: plant.yaml, values: 'oracle', linkHost: line.near },
      ...{ gatewayPrefix: line.prefix, simulatorPrefix: line.prefix },
    });
    const running = site;
    await site.until(async () => (await running.latest()).size === plant.pointOf.size, 'values at the hub');
    const samples: Sample[] = [];
    const startedAt = performance.now();
    const elapsed = () => (performance.now() - startedAt) / 1000;
    while (elapsed() < seconds) {
      await line.set({ cut: true });
      await pause(1000 + 2000 * context.random());
      await line.set({});
      faults += 1;
      await pause(2000 + 8000 * context.random());
      expectAlive(site, 'gateway');
      expectAlive(site, 'hub');
      const [hub, archive] = [rss(site.hub.pid), await archiveMemory(site)];
      const gateway = rss(site.gateway.pid);
      samples.push({ seconds: elapsed(), gateway, hub, archive, hubItself: hub - archive });
      context.progress(Math.min(faults, context.size.faults - 1), `of ${seconds} s`);
    }
    const verdict = await settle(site, plant);
    const [gateway, hub] = [growth(samples, 'gateway'), growth(samples, 'hubItself')];
    const breaches = Object.entries({ gateway, hub })
      .filter(([, grown]) => (grown?.mib ?? 0) > FLAT_WITHIN_MIB)
      .map(([name, grown]) => `memory of the ${name} grew ${grown?.mib.toFixed(1)} MiB`);
    return {
      ...{ faults, verdict, reused: site.reports.reused, recoveryMs: [], breaches },
      notes: {
        'gateway RSS': gateway?.text ?? ranged(samples, 'gateway'),
        'hub RSS without the archive’s cache': hub?.text ?? ranged(samples, 'hubItself'),
        'hub RSS': ranged(samples, 'hub'),
        'archive’s cache': ranged(samples, 'archive'),
      },
    };
  } finally {
    await site?.stop();
    await line.close();
  }
}

/** Resident memory, MiB. */
function rss(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return (Number(kib) * 1024) / MIB;
}

async function archiveMemory(site: Site): Promise<number> {
  const text = await (await fetch(`${site.url}/metrics`)).text();
  const [, bytes] = /^sluice_archive_memory_bytes (\S+)$/m.exec(text) ?? [];
  return Number(bytes) / MIB;
}

/** By a straight line through the samples after the warm-up; undefined in a run that ends before that. */
function growth(samples: readonly Sample[], name: Name): { mib: number; text: string } | undefined {
  const warm = samples.filter(({ seconds }) => seconds >= WARM_UP_S);
  const [first, last] = [warm[0], warm.at(-1)];
  if (first === undefined || last === undefined || warm.length < 10) return undefined;
  const mean = (of: (sample: Sample) => number) => warm.reduce((sum, sample) => sum + of(sample), 0) / warm.length;
  const [x, y] = [mean(({ seconds }) => seconds), mean((sample) => sample[name])];
  const along = warm.reduce((sum, sample) => sum + (sample.seconds - x) * (sample[name] - y), 0);
  const slope = along / warm.reduce((sum, { seconds }) => sum + (seconds - x) ** 2, 0);
  const mib = slope * (last.seconds - first.seconds);
  const minutes = Math.round((last.seconds - first.seconds) / 60);
  return {
    mib,
    text: `${ranged(warm, name)}, ${mib >= 0 ? '+' : ''}${mib.toFixed(1)} MiB by linear fit over ${minutes} min`,
  };
}

function ranged(samples: readonly Sample[], name: Name): string {
  const all = samples.map((sample) => sample[name]);
  return `${Math.min(...all).toFixed(0)} to ${Math.max(...all).toFixed(0)} MiB`;
}

export const soakRow: Row = {
  name: 'soak',
  what: '1,000 readings/s over a line that is cut for 1 to 3 s every 2 to 10 s; memory after 15 min, without the archive’s cache, is flat within 10 MiB',
  needs: ['tun'],
  sizes: { short: { faults: 3, seconds: 20 }, long: { faults: 450, seconds: 3600 } },
  expect: { declares: false },
  run: soak,
};
