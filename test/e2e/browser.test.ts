import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/tools.ts';
import { pause, Site } from './site.ts';
import { launchOptions, watchedPage } from './test-browser.ts';

const PLANT = `channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc }
devices:
  - name: boiler
    channel: tcp-plc
    every: 1s
    title: Boiler
    points:
      power: { unit: W, title: Power, address: { table: holding, register: 0, type: uint32 } }
`;
const POINT = 'e2e/boiler/power';
/** Longer than what the page takes for a gap at this rhythm, which is three intervals. */
const AWAY_MS = 5000;

describeWith('chromium', 'the page in a real browser', () => {
  let site: Site;
  let context: BrowserContext;
  let page: Page;
  const profile = mkdtempSync(join(tmpdir(), 'sluice-browser-'));
  const complaints: string[] = [];

  beforeAll(async () => {
    site = await Site.start({ plant: PLANT, values: 'oracle', retryWithin: '2s' });
    context = await chromium.launchPersistentContext(profile, {
      ...launchOptions(),
      locale: 'en-GB',
      viewport: { width: 1280, height: 900 },
    });
    page = await watchedPage(context, complaints);
    await site.until(async () => (await site.latest()).has('boiler/power'), 'a value at the hub');
  });
  afterAll(async () => {
    await context?.close();
    await site?.stop();
    rmSync(profile, { recursive: true, force: true });
  });

  const row = () => page.locator(`[data-point="${POINT}"]`);
  const shown = async () => Number((await row().locator('.value').textContent())?.replace(/\D/g, ''));
  const link = () => page.locator('.gateway .state').textContent();
  const legend = async () => (await page.locator('.legend').textContent()) ?? '';

  /** With the oracle each reading is one more than the last. */
  async function untilNewer(than: number): Promise<void> {
    await site.until(async () => (await shown()) > than, 'a newer value on the page');
  }

  /** Readings that the trend's table shows between two instants. */
  async function inTable(from: number, to: number): Promise<number> {
    const times = await page.locator('.table tbody tr td:first-child').allTextContents();
    return times.map((text) => Date.parse(`${text.replace(' ', 'T')}+09:00`)).filter((at) => at > from && at < to)
      .length;
  }

  test('a value changes by itself, and the page says that this is a demo', { timeout: 60_000 }, async () => {
    await page.goto(`${site.url}/#/points`);
    await row().waitFor();
    const first = await shown();
    await untilNewer(first);
    await untilNewer(first + 1);
    expect(await link()).toBe('Online');
    expect(await page.locator('.badge').textContent()).toBe('Demo');
  });

  test('what a cut link held back fills the trend afterwards', { timeout: 120_000 }, async () => {
    await row().click();
    await page.locator('.canvas canvas').waitFor();
    await page.locator('.trend summary').click();
    await page.locator('.table tbody tr').first().waitFor();
    expect(await legend()).not.toContain('Gaps');

    const cutAt = Date.now();
    site.link.cut();
    await site.until(async () => (await link()) === 'Offline', 'the page shows the gateway offline');
    const before = await shown();
    await pause(AWAY_MS);
    const restoredAt = Date.now();
    expect(await inTable(cutAt + 1000, restoredAt), 'nothing can have come').toBe(0);
    site.link.restore();
    await untilNewer(before + 2);
    await site.until(async () => (await link()) !== 'Offline', 'the gateway is back');
    const filled = async () => (await inTable(cutAt + 1000, restoredAt)) >= (restoredAt - cutAt - 1000) / 1000 - 1;
    await site.until(filled, 'the readings of the cut are on the page');
    await site.until(async () => !(await legend()).includes('Gaps'), 'no gap is left');
  });

  test('a time in which nothing was read is left open', { timeout: 120_000 }, async () => {
    const before = await shown();
    await site.gateway.kill();
    await pause(AWAY_MS);
    site.startGateway();
    await untilNewer(before);
    await site.until(async () => (await legend()).includes('Gaps without readings: 1'), 'the gap');
    const now = await shown();
    await untilNewer(now + 4);
    expect(await legend(), 'it stays').toContain('Gaps without readings: 1');
    await page.reload();
    await site.until(async () => (await legend()).includes('Gaps without readings: 1'), 'the gap, from history');
  });

  test('without an error in the browser', () => {
    expect(complaints).toEqual([]);
  });
});
