import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../core/package-root.ts';
import { DEMO_PAGES } from '../test/e2e/demo-pages.ts';
import { pause } from '../test/e2e/site.ts';
import { startDemo } from '../test/e2e/start-demo.ts';
import { TestBrowser } from '../test/e2e/test-browser.ts';

/**
 * `npm run screens`: pictures of every page, desktop and phone, of the demo plant in trouble, into `docs/screens/`. Needs Chromium and
 * a built checkout; takes two minutes, most of it the plant's.
 */

/** Until the room is too warm and the charts have something to show. */
const TROUBLE_MS = 75_000;
const SETTLE_MS = 2500;

const folder = join(packageRoot, 'docs', 'screens');
mkdirSync(folder, { recursive: true });
const data = mkdtempSync(join(tmpdir(), 'sluice-screens-'));
const { demo, url } = await startDemo(['--scenario', 'crac-failure', '--data', data]);
try {
  console.log(`the demo runs; its trouble takes ${TROUBLE_MS / 1000} s`);
  await pause(TROUBLE_MS);
  const chrome = await TestBrowser.start();
  for (const size of ['desktop', 'phone'] as const) {
    const [context, page] = await chrome.open('ko', size, { timezoneId: 'Asia/Seoul' });
    for (const [name, { hash, shown }] of Object.entries(DEMO_PAGES)) {
      await page.goto(`${url}/${hash}`);
      await page.reload();
      await page.locator(shown).first().waitFor();
      await pause(SETTLE_MS);
      await page.screenshot({ path: join(folder, `${name}-${size}.png`) });
      console.log(`docs/screens/${name}-${size}.png`);
    }
    await context.close();
  }
  await chrome.stop();
} finally {
  await demo.kill();
  rmSync(data, { recursive: true, force: true });
}
