import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/tools.ts';
import { Site } from './site.ts';
import { TestBrowser } from './test-browser.ts';

const PLANT = `channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc, timeout: 1s }
devices:
  - name: boiler
    channel: tcp-plc
    every: 500ms
    points:
      water: { unit: °C, title: Water temperature, address: { table: holding, register: 40, type: int16 } }
`;
/** Issue 6: a lost connection shows itself within this. */
const LOST_WITHIN_MS = 3000;

describeWith('chromium', 'a hub that falls silent', () => {
  let site: Site;
  let chrome: TestBrowser;

  beforeAll(async () => {
    site = await Site.start({ plant: PLANT });
    chrome = await TestBrowser.start();
    await site.until(async () => (await site.latest()).has('boiler/water'), 'a value at the hub');
  });
  afterAll(async () => {
    await chrome?.stop();
    await site?.stop();
  });

  test('shows itself within three seconds, and no value looks live', async () => {
    const [context, page] = await chrome.open('en', 'desktop');
    await page.goto(`${site.url}/#/equipment/e2e/boiler`);
    const took: number[] = [];
    for (let times = 0; times < 3; times++) {
      await page.locator('[data-connection=live] .tile.live').waitFor();
      // The line stays open: nothing tells the browser.
      process.kill(site.hub.pid, 'SIGSTOP');
      const from = Date.now();
      await page.locator('.lost').waitFor();
      took.push(Date.now() - from);
      expect(await page.locator('.tile.live').count()).toBe(0);
      process.kill(site.hub.pid, 'SIGCONT');
      await page.locator('.lost').waitFor({ state: 'detached' });
    }
    console.log(`a silent hub showed itself after ${took.join(', ')} ms`);
    expect(Math.max(...took)).toBeLessThan(LOST_WITHIN_MS);
    expect(chrome.complaints).toEqual([]);
    await context.close();
  });
});
