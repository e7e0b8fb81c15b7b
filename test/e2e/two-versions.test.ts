import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { archiveFile } from '../../monitor/parts.ts';
import { note } from '../support/tools.ts';
import { FLAWLESS, judge } from './oracle.ts';
import { oraclePlant } from './oracle-plant.ts';
import { type Build, buildPrevious, hasPrevious } from './previous-release.ts';
import { Site } from './site.ts';
import { MAIN } from './sluice-process.ts';

const plant = oraclePlant(50, '100ms');

if (!hasPrevious()) note('git: the previous release is not in this checkout: no test of two versions');

describe.skipIf(!hasPrevious())('the previous release and this one', () => {
  let previous: Build;
  const sites: Site[] = [];

  beforeAll(() => {
    previous = buildPrevious();
  }, 120_000);
  afterAll(async () => {
    for (const site of sites) await site.stop();
    previous?.remove();
  });

  async function startSite(mains: { gatewayMain?: () => string; hubMain?: string }): Promise<Site> {
    const site = await Site.start({ plant: plant.yaml, values: 'oracle', older: previous.main, ...mains });
    sites.push(site);
    return site;
  }

  const journalled = (site: Site) => [...site.journalled.values()].reduce((sum, next) => sum + next, 0);
  const more = (site: Site, than: number) => site.until(() => journalled(site) > than + 500, 'more is journalled');

  async function judgeAfter(site: Site): Promise<void> {
    const owed = await site.drain();
    await site.gateway.kill();
    await site.hub.kill();
    const verdict = await judge(archiveFile(site.hubDir), owed, plant.pointOf);
    expect(verdict).toMatchObject({ ...FLAWLESS, stored: verdict.journalled });
    expect([site.reports.reused, owed.size]).toEqual([0, 1]);
  }

  test('an older gateway speaks with this hub, and is brought up to date with a backlog', {
    timeout: 90_000,
  }, async () => {
    const site = await startSite({ gatewayMain: () => previous.main });
    await more(site, 0);
    site.link.cut();
    await more(site, journalled(site));
    await site.gateway.kill('SIGKILL');
    site.link.restore();
    site.startGateway(MAIN);
    await more(site, journalled(site));
    await judgeAfter(site);
  });

  test('this gateway speaks with an older hub, and goes back one release with a backlog', {
    timeout: 90_000,
  }, async () => {
    const site = await startSite({ hubMain: previous.main });
    await more(site, 0);
    site.link.cut();
    await more(site, journalled(site));
    await site.gateway.kill();
    site.link.restore();
    site.startGateway(previous.main);
    await more(site, journalled(site));
    await judgeAfter(site);
  });

  test("an older hub's archive is taken over by this hub", { timeout: 90_000 }, async () => {
    const site = await startSite({ hubMain: previous.main });
    await more(site, 0);
    await site.hub.kill('SIGKILL');
    await more(site, journalled(site));
    site.startHub(MAIN);
    await site.hubReady();
    await judgeAfter(site);
  });
});
