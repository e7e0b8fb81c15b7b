import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { packageRoot } from '../core/package-root.ts';
import { pickPorts } from '../test/e2e/ports.ts';
import { pause } from '../test/e2e/site.ts';
import { SluiceProcess } from '../test/e2e/sluice-process.ts';
import { findTool } from '../test/support/tools.ts';

/**
 * `npm run screens`: pictures of every page, desktop and phone, of the demo plant in trouble, into `docs/screens/`. Needs Chromium and
 * a built checkout; takes two minutes, most of it the plant's.
 */
const PAGES: Readonly<Record<string, string>> = {
  overview: '#/',
  alarms: '#/alarms?tab=active',
  'alarm-figures': '#/alarms?tab=health',
  plan: '#/plan',
  board: '#/board',
  equipment: '#/equipment',
  'equipment-crac': '#/equipment/demo-plant/crac-1',
  'equipment-meter': '#/equipment/demo-plant/main-meter',
  points: '#/points',
  trends:
    '#/trends?range=15m&points=demo-plant/cold-aisle/temperature,demo-plant/crac-1/supply-temperature,demo-plant/main-meter/power',
  energy: '#/energy',
  gateways: '#/gateways',
  topology: '#/gateways?tab=topology',
  rounds: '#/rounds',
  'rounds-walk': '#/rounds/server-room/walk',
};
const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
/** Until the room is too warm and the charts have something to show. */
const TROUBLE_MS = 75_000;
const SETTLE_MS = 2500;

const folder = join(packageRoot, 'docs', 'screens');
mkdirSync(folder, { recursive: true });
const data = mkdtempSync(join(tmpdir(), 'sluice-screens-'));
const [port = 0] = await pickPorts(1);
const demo = new SluiceProcess(['demo', '--port', String(port), '--scenario', 'crac-failure', '--data', data]);
try {
  console.log(`the demo runs; its trouble takes ${TROUBLE_MS / 1000} s`);
  await pause(TROUBLE_MS);
  const browser = await chromium.launch({
    executablePath: findTool('chromium'),
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  for (const [size, viewport] of Object.entries(SIZES)) {
    const context = await browser.newContext({ viewport, locale: 'ko-KR', timezoneId: 'Asia/Seoul' });
    const page = await context.newPage();
    for (const [name, hash] of Object.entries(PAGES)) {
      await page.goto(`http://127.0.0.1:${port}/${hash}`);
      await page.reload();
      await pause(SETTLE_MS);
      await page.screenshot({ path: join(folder, `${name}-${size}.png`) });
      console.log(`docs/screens/${name}-${size}.png`);
    }
    await context.close();
  }
  await browser.close();
} finally {
  await demo.kill();
  rmSync(data, { recursive: true, force: true });
}
