import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWith } from '../support/tools.ts';
import { keyFor, saveRound } from './make-round.ts';
import { problemsOf } from './page-checks.ts';
import { Site } from './site.ts';
import { LANGUAGES, TestBrowser } from './test-browser.ts';

const PLANT = `managed: hub
channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc, timeout: 1s }
devices:
  - { name: main-meter, channel: tcp-plc, unitId: 1, profile: schneider/pm5110, every: 1s, title: { en: Main meter, ko: 수전 전력량계 } }
  - name: boiler
    channel: tcp-plc
    unitId: 2
    every: 500ms
    title: { en: Boiler, ko: 보일러 }
    points:
      water: { unit: °C, title: { en: Water temperature, ko: 수온 }, address: { table: holding, register: 40, type: int16 } }
    alarms:
      - { point: water, above: 0, priority: high, text: { en: Boiler water too hot, ko: 보일러 수온 높음 }, action: { en: Check the burner, ko: 버너 확인 } }
`;

describeWith('chromium', 'the shell of the page', () => {
  let site: Site;
  let chrome: TestBrowser;

  beforeAll(async () => {
    site = await Site.start({ plant: PLANT });
    await saveRound(site, await keyFor(site, 'admin'), 'boiler-room', 0);
    chrome = await TestBrowser.start();
    await site.until(async () => (await site.latest()).has('boiler/water'), 'a value at the hub');
    const alarms = async () => (await site.json<{ alarms: unknown[] }>('/api/v1/alarms?state=active')).alarms;
    await site.until(async () => (await alarms()).length > 0, 'an alarm at the hub');
  });
  afterAll(async () => {
    await chrome?.stop();
    await site?.stop();
  });

  /** What must be on the screen before a page counts as shown. */
  const PAGES = {
    '#/': '.site .key-point',
    '#/alarms': '.alarm',
    '#/equipment': '[data-device]',
    '#/equipment/e2e/main-meter': '[data-face=power-meter] .phases td',
    '#/equipment/e2e/boiler': '[data-face=generic] .tile .figure',
    '#/points': '[data-point]',
    '#/gateways': '.gateway',
    '#/gateways/e2e': '[data-line]',
    '#/gateways/e2e/config': '#config-text',
    '#/connect': '.connect input',
    '#/connect/e2e': '.step',
    '#/gateways?tab=topology': '[data-node="e2e/boiler"]',
    '#/rounds': '[data-round]',
    '#/rounds/boiler-room': '.places',
    '#/rounds/boiler-room/walk': '.hand-in',
    '#/rounds?view=labels': '.qr',
    '#/reports': '[data-topic=alarms] dd',
    '#/reports?tab=kept': '.reports .views',
    '#/reports?tab=mail': '.reports .act, .reports .hint',
    '#/settings/me': '.setting',
    '#/settings/notify': '.setting .act',
    '#/settings/sites': '[data-site], .setting',
    '#/settings/users': '.setting .act',
    '#/settings/sessions': '.setting',
    '#/settings/keys': '[data-key]',
    '#/settings/audit': '[data-act]',
    '#/commands': '[data-commands], [data-command]',
    '#/kit': '[data-story]',
  } as const;

  describe.each(LANGUAGES)('in %s', (language) => {
    test.each(['desktop', 'phone'] as const)(
      'every page can be read whole and used by everybody: %s',
      {
        timeout: 300_000,
      },
      async (size) => {
        const [context, page] = await chrome.open(language, size);
        const problems: Record<string, string[]> = {};
        for (const [hash, shown] of Object.entries(PAGES)) {
          await page.goto(`${site.url}/${hash}`);
          await page.locator(shown).first().waitFor();
          const found = await problemsOf(page, size);
          if (found.length > 0) problems[hash] = found;
        }
        expect(problems).toEqual({});
        await context.close();
      },
    );
  });

  test.each(['dark', 'control'])('the theme %s can be read too', { timeout: 300_000 }, async (theme) => {
    const [context, page] = await chrome.open('ko', 'desktop');
    await page.addInitScript((name) => localStorage.setItem('sluice.theme', name), theme);
    const problems: Record<string, string[]> = {};
    for (const [hash, shown] of Object.entries(PAGES)) {
      if (hash === '#/kit') continue; // It shows every theme in every theme.
      await page.goto(`${site.url}/${hash}`);
      await page.locator(shown).first().waitFor();
      const found = await problemsOf(page);
      if (found.length > 0) problems[hash] = found;
    }
    expect(problems).toEqual({});
    await context.close();
  });

  test('what lies over the page can be read and used too', { timeout: 60_000 }, async () => {
    const [context, page] = await chrome.open('ko', 'phone');
    await page.goto(site.url);
    await page.locator('.site').waitFor();
    await page.locator('.bottom button').click();
    await page.locator('dialog.more').waitFor();
    expect(await problemsOf(page)).toEqual([]);
    await page.locator('dialog.more .tool').first().click();
    await page.locator('dialog.more .tool[aria-pressed=true]', { hasText: '알람 소리: 켬' }).waitFor();
    await page.locator('dialog.more nav a', { hasText: '포인트' }).click();
    await page.locator('[data-point]').first().waitFor();
    await page.locator('.finder').click();
    await page.locator('dialog.search [role=option]').first().waitFor();
    expect(await problemsOf(page)).toEqual([]);
    await context.close();
  });

  test('keys and the search lead anywhere', { timeout: 60_000 }, async () => {
    const [context, page] = await chrome.open('en', 'desktop');
    await page.goto(site.url);
    await page.locator('.site').waitFor();
    await page.keyboard.press('?');
    await page.locator('dialog .keys').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.locator('.alarm').first().waitFor();
    await page.keyboard.press('Control+k');
    await page.locator('dialog.search input:focus').waitFor();
    await page.keyboard.type('보일러');
    await page.locator('[role=option]', { hasText: 'Boiler' }).first().waitFor();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('main meter');
    await page.locator('[role=option][aria-selected=true]', { hasText: 'Main meter' }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('[data-face=power-meter]').waitFor();
    expect(page.url()).toContain('#/equipment/e2e/main-meter');
    await page.keyboard.press('/');
    await page.locator('dialog.search').waitFor();
    await page.keyboard.press('Escape');
    await page.goto(`${site.url}/#/e2e/boiler/water?range=1h`);
    await page.locator('.trend h2', { hasText: 'Water temperature' }).waitFor();
    await context.close();
  });

  test('an alarm is on the overview, in words, with the way to its machine', { timeout: 60_000 }, async () => {
    const [context, page] = await chrome.open('ko', 'phone');
    await page.goto(site.url);
    const first = page.locator('.first-alarms li', { hasText: '보일러 수온 높음' });
    await first.waitFor();
    expect(await first.locator('svg').first().getAttribute('aria-label')).toBe('높음');
    await first.locator('a.muted').click();
    await page.locator('.face-alarms', { hasText: '버너 확인' }).waitFor();
    await page.locator('.limit').first().waitFor({ state: 'attached' });
    expect(await page.locator('.limit').count(), 'the limit is drawn').toBe(1);
    await context.close();
  });

  test('without an error in the browser', () => {
    expect(chrome.complaints).toEqual([]);
  });
});
