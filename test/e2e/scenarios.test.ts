import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SCENARIOS, type Scenario } from '../../cli/demo/scenarios.ts';
import { describeWith } from '../support/tools.ts';
import { DEMO_PAGES } from './demo-pages.ts';
import { problemsOf } from './page-checks.ts';
import { getJson, pause } from './site.ts';
import type { SluiceProcess } from './sluice-process.ts';
import { startDemo } from './start-demo.ts';
import { type Language, SIZES, type Size, TestBrowser } from './test-browser.ts';

const LANGUAGES = ['ko', 'en'] as const;
const THEMES = ['light', 'dark', 'control'] as const;
const TROUBLE_WITHIN_MS = 90_000;

interface Look {
  readonly language: Language;
  readonly theme: (typeof THEMES)[number];
  readonly size: Size;
}

const EVERY_LOOK = LANGUAGES.flatMap((language) =>
  THEMES.flatMap((theme) => (Object.keys(SIZES) as Size[]).map((size): Look => ({ language, theme, size }))),
);

/**
 * With SLUICE_PAGES=all (`npm run pages`) every page is looked at in every way. Else each page in one way a scenario, in turn: over the
 * scenarios it is seen in both languages, all themes and both sizes.
 */
function isSeen(page: number, scenario: number, { language, theme, size }: Look): boolean {
  if (process.env.SLUICE_PAGES === 'all') return true;
  const turn = page + scenario;
  const wanted = {
    language: LANGUAGES[turn % 2],
    theme: THEMES[scenario % 3],
    size: turn % 4 < 2 ? 'desktop' : 'phone',
  };
  return language === wanted.language && theme === wanted.theme && size === wanted.size;
}

/** What shows that a scenario's trouble has come. */
const TROUBLE: Readonly<Record<Scenario, (url: string) => Promise<boolean>>> = {
  normal: async () => true,
  'crac-failure': async (url) => (await activeAlarms(url)) >= 5,
  leak: async (url) => (await activeAlarms(url)) >= 2,
  'dead-slave': async (url) => (await activeAlarms(url)) >= 1,
  'link-down': async (url) => {
    const { gateways } = await getJson<{ gateways: { state: string }[] }>(`${url}/api/v1/gateways`);
    return gateways.some(({ state }) => state === 'offline');
  },
};

async function activeAlarms(url: string): Promise<number> {
  return (await getJson<{ alarms: unknown[] }>(`${url}/api/v1/alarms?state=active`)).alarms.length;
}

describeWith('chromium', 'every page of the demo plant', () => {
  describe.each(SCENARIOS.map((scenario, index) => [scenario, index] as const))('%s', (scenario, index) => {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-scenario-'));
    let url: string;
    let demo: SluiceProcess;
    let chrome: TestBrowser;

    beforeAll(async () => {
      ({ demo, url } = await startDemo(['--scenario', scenario, '--data', dir]));
      chrome = await TestBrowser.start();
      await demo.until((lines) => lines.find((line) => line.includes(url)), 'the address of the page');
      const until = Date.now() + TROUBLE_WITHIN_MS;
      while (!(await TROUBLE[scenario](url).catch(() => false))) {
        if (Date.now() > until) throw new Error(`no trouble came\n${demo.text}`);
        await pause(250);
      }
    }, 150_000);
    afterAll(async () => {
      await chrome?.stop();
      await demo?.kill();
      rmSync(dir, { recursive: true, force: true });
    });

    test('can be read whole and used by everybody', { timeout: 1_800_000 }, async () => {
      const problems: Record<string, string[]> = {};
      let looks = 0;
      // One way after the other: a page that is left open goes on to draw what is live.
      for (const look of EVERY_LOOK) {
        const seen = Object.entries(DEMO_PAGES).filter((_, place) => isSeen(place, index, look));
        if (seen.length === 0) continue;
        const [context, page] = await chrome.open(look.language, look.size);
        await context.addInitScript((theme) => localStorage.setItem('sluice.theme', theme), look.theme);
        for (const [name, { hash, shown }] of seen) {
          await page.goto(`${url}/${hash}`);
          await page.locator(shown).first().waitFor();
          const found = await problemsOf(page);
          if (found.length > 0) problems[`${name}, ${Object.values(look).join(', ')}`] = found;
          looks++;
        }
        await context.close();
      }
      expect(looks).toBe(Object.keys(DEMO_PAGES).length * (process.env.SLUICE_PAGES === 'all' ? EVERY_LOOK.length : 1));
      expect(problems).toEqual({});
      expect(chrome.complaints).toEqual([]);
    });
  });
});
