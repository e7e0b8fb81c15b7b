import { archiveFile } from '../../monitor/parts.ts';
import { judge, type Verdict } from '../e2e/oracle.ts';
import type { OraclePlant } from '../e2e/oracle-plant.ts';
import type { Site } from '../e2e/site.ts';

/** The end of a row: the devices stop, everything drains, both sides stop in good order, and the archive is judged. */
export async function settle(site: Site, plant: OraclePlant, ms = 120_000): Promise<Verdict> {
  await site.hubReady();
  const journalled = await site.drain(ms);
  await site.gateway.kill();
  const code = await site.hub.kill();
  if (code !== 0) throw new Error(`the hub ended with ${code}:\n${site.hub.lines.slice(-20).join('\n')}`);
  return judge(archiveFile(site.hubDir), journalled, plant.pointOf, site.reports.leaps);
}

/** Dead before it was killed: a start that failed, or a crash. */
export function expectAlive(site: Site, name: 'gateway' | 'hub'): void {
  const child = site[name];
  if (child.isOver) throw new Error(`the ${name} ended by itself:\n${child.lines.slice(-20).join('\n')}`);
}

/** The highest number said to be on disk, over all epochs. */
export function journalledNext(site: Site): number {
  return Math.max(0, ...site.journalled.values());
}

/** How far the hub is; undefined while it does not answer. */
export async function hubCursor(site: Site): Promise<number | undefined> {
  return site
    .shown()
    .then(({ cursor }) => Number(cursor))
    .catch(() => undefined);
}

/** Age of the oldest newest value that the hub shows, in milliseconds, when it was asked: what this process takes to hear of it is not its. */
export async function oldestValue(site: Site): Promise<number> {
  const askedAt = Date.now();
  const latest = [...(await site.latest()).values()];
  return askedAt - Math.min(...latest.map(({ at }) => at));
}
