import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/tools.ts';
import { MonthHub } from './month-hub.ts';
import { TEMPERATURE } from './month-of-history.ts';
import { TestBrowser } from './test-browser.ts';

/** Issue 6: from click to pixels. */
const CHARTED_WITHIN_MS = 500;
/** Said under the chart when the month is drawn. */
const FROM_MINUTES = 'from minutes';

describeWith('chromium', 'a trend of a month at one second, in haste', () => {
  const hub = new MonthHub();
  let chrome: TestBrowser;

  beforeAll(async () => {
    await hub.start();
    chrome = await TestBrowser.start();
  }, 180_000);
  afterAll(async () => {
    await chrome?.stop();
    await hub.stop();
  });

  test('30 days at 1 s stand on the screen half a second after the click', { timeout: 120_000 }, async () => {
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      const [context, page] = await chrome.open('en', 'desktop');
      await page.goto(`${hub.url}/#/trends?points=${encodeURIComponent(TEMPERATURE)}&range=15m`);
      await page.locator('[data-panel="°C"][aria-busy=false]').waitFor();
      times.push(await page.evaluate(clickToPixels, ['30 d', FROM_MINUTES] as const));
      await context.close();
    }
    const [first = 0, ...again] = times;
    console.log(
      `30 days at 1 s, click to pixels: ${first.toFixed(0)} ms the first time, then ${again.map((ms) => ms.toFixed(0)).join(', ')} ms`,
    );
    // The middle of five: what else the machine does is not the page's.
    expect(times.sort((a, b) => a - b)[2]).toBeLessThanOrEqual(CHARTED_WITHIN_MS);
  });
});

/** In the page: presses the button of that name, waits until the notes say what is drawn, then for the frame that shows it. */
function clickToPixels([button, note]: readonly [string, string]): Promise<number> {
  return new Promise((resolve) => {
    const pressed = [...document.querySelectorAll('button')].find(({ textContent }) => textContent === button);
    const from = performance.now();
    pressed?.click();
    const look = () => {
      if (!document.querySelector('.notes')?.textContent?.includes(note)) return requestAnimationFrame(look);
      // One frame draws it, the next one comes after it was shown.
      return requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - from)));
    };
    look();
  });
}
