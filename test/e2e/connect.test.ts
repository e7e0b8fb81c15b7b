import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/tools.ts';
import { keyFor } from './make-round.ts';
import { problemsOf } from './page-checks.ts';
import { pause, Site } from './site.ts';
import { SluiceProcess, sluice } from './sluice-process.ts';
import { type Size, TestBrowser, withKey } from './test-browser.ts';

/** The simulator has two devices more than the gateway knows, and a line more. */
const PLANT = `channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc, timeout: 1s }
  - { name: tcp-far, driver: modbus-tcp, port: $PORT_tcp-far, timeout: 1s }
devices:
  - { name: known, channel: tcp-plc, unitId: 1, profile: eastron/sdm120, every: 500ms }
  - { name: leak, channel: tcp-plc, unitId: 5, profile: rle/ld5000, every: 1s }
  - { name: meter, channel: tcp-plc, unitId: 7, profile: eastron/sdm630, every: 1s }
  - { name: far, channel: tcp-far, unitId: 3, profile: xy-md02, every: 1s }
`;
const OWN = `managed: hub
channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc, timeout: 1s }
devices:
  - { name: known, channel: tcp-plc, unitId: 1, profile: eastron/sdm120, every: 500ms }
`;

/** As a person would: on a busy machine a device may miss the quarter of a second that a search gives it. */
async function searchUntil(search: Locator, found: Locator): Promise<void> {
  for (let tries = 0; tries < 3; tries++) {
    await search.click();
    const isFound = await found.waitFor({ timeout: 15_000 }).then(
      () => true,
      () => false,
    );
    if (isFound) return;
  }
  throw new Error('three searches did not find it');
}

describeWith('chromium', 'lines and devices from the page', () => {
  let site: Site;
  let chrome: TestBrowser;
  let newcomer: SluiceProcess | undefined;

  beforeAll(async () => {
    site = await Site.start({ plant: PLANT, gatewayPlant: OWN });
    chrome = await TestBrowser.start();
    await site.until(async () => (await site.latest()).has('known/voltage'), 'a value at the hub');
  });
  afterAll(async () => {
    await newcomer?.kill();
    await chrome?.stop();
    await site?.stop();
  });

  /** What a page must be at every step, in each language and on each screen. */
  async function expectUsable(page: Page, size: Size): Promise<void> {
    const found = await problemsOf(page, size);
    expect(found).toEqual([]);
  }

  test.each([
    ['en', 'desktop', 7, 'eastron/sdm630'],
    ['ko', 'phone', 5, 'rle/ld5000'],
  ] as const)(
    'a device from scan to value on the screen: %s, %s',
    { timeout: 120_000 },
    async (language, size, unit, profile) => {
      const [context, page] = await chrome.open(language, size);
      await page.goto(`${site.url}/#/gateways/e2e`);
      await page.locator('a[href="#/connect/e2e"]').click();
      await page.locator('.step').first().waitFor();
      await page.locator(`option[value="${profile}"]`).waitFor({ state: 'attached' });
      await expectUsable(page, size);
      await page.getByLabel(language === 'ko' ? '검색할 국번' : 'Unit ids to ask').fill('1-10');
      const search = page.getByRole('button', { name: language === 'ko' ? '회선 검색' : 'Search the line' });
      const found = page.locator(`[data-unit="${unit}"]`).getByRole('button', { name: profile });
      await searchUntil(search, found);
      await found.click();
      await expectUsable(page, size);
      await page
        .getByLabel(language === 'ko' ? '표시 이름' : 'Shown as')
        .fill(language === 'ko' ? '전산실 바닥' : 'Floor <b>');
      await page.getByRole('button', { name: language === 'ko' ? '지금 읽어 보기' : 'Read it now' }).click();
      await page.locator('[data-read] td').first().waitFor();
      await expectUsable(page, size);
      await page.getByRole('button', { name: language === 'ko' ? '저장하고 보내기' : 'Save and send' }).click();
      const name = `${profile.split('/')[1]}-${unit}`;
      await page.locator(`[data-arrived="${name}"] dd`).first().waitFor();
      await expectUsable(page, size);
      expect((await site.latest()).has(`${name}/${(await firstPoint(name)) ?? ''}`)).toBe(true);
      await context.close();
    },
  );

  async function firstPoint(device: string): Promise<string | undefined> {
    const point = [...(await site.latest()).keys()].find((id) => id.startsWith(`${device}/`));
    return point?.slice(device.length + 1);
  }

  test('by the keyboard alone, as far as the values before saving', { timeout: 60_000 }, async () => {
    const [context, page] = await chrome.open('en', 'desktop');
    await page.goto(`${site.url}/#/connect/e2e`);
    await page.locator('option[value="xy-md02"]').waitFor({ state: 'attached' });
    const tabTo = async (label: string) => {
      for (let i = 0; i < 60; i++) {
        const at = await page.evaluate(() => {
          const element = document.activeElement as HTMLElement | null;
          if (element === document.body) return '';
          return `${element?.textContent} ${(element as HTMLInputElement | null)?.labels?.[0]?.textContent ?? ''}`;
        });
        if (at.includes(label)) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`${label} is not reached by Tab`);
    };
    await tabTo('Unit ids to ask');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('1-2');
    await tabTo('Search the line');
    await page.keyboard.press('Enter');
    await page.getByText('Nobody new answered').waitFor();
    await tabTo('Model');
    await page.keyboard.type('Eastron SDM120');
    await tabTo('Unit id');
    await tabTo('Read it now');
    await page.keyboard.press('Enter');
    await page.locator('[data-read] td').first().waitFor();
    await context.close();
  });

  test('a text is checked by line, saved, refused or applied, and brought back', { timeout: 90_000 }, async () => {
    const [context, page] = await chrome.open('en', 'desktop');
    page.on('dialog', (dialog) => void dialog.accept());
    await page.goto(`${site.url}/#/gateways/e2e/config`);
    const text = page.locator('#config-text');
    await text.waitFor();
    const before = await text.inputValue();
    await text.fill(`${before.trimEnd()}\n  - { name: x, channel: tcp-plc, unitd: 1, profile: eastron/sdm63 }\n`);
    await page.getByRole('button', { name: 'Check' }).click();
    const line = before.trimEnd().split('\n').length + 1;
    await page.locator(`[data-problem="${line}"]`).filter({ hasText: 'unitId' }).waitFor();
    await page.locator('.numbered .wrong').waitFor();
    await page.locator('.diff-come').filter({ hasText: 'sdm63' }).waitFor();
    await expectUsable(page, 'desktop');
    // Only the gateway knows that this alarm is none of the profile's.
    await text.fill(before.replace('unitId: 1,', 'unitId: 1, withoutAlarms: [nosuch],'));
    await page.getByRole('button', { name: 'Save and send' }).click();
    await page.locator('[data-phase=refused]').waitFor();
    await page.locator('.config-problems').filter({ hasText: 'nosuch' }).waitFor();
    await text.fill(before.replace('every: 500ms', 'every: 400ms'));
    await page.getByRole('button', { name: 'Save and send' }).click();
    await page.locator('[data-phase=applied]').waitFor();
    await page.locator('[data-version]').nth(2).getByRole('button', { name: 'Bring back' }).click();
    await expect.poll(() => text.inputValue(), { timeout: 15_000 }).not.toContain('400ms');
    await page.locator('[data-version]').first().getByRole('button', { name: 'Changes' }).click();
    await page.locator('.diff-gone').filter({ hasText: '400ms' }).waitFor();
    await expectUsable(page, 'desktop');
    await context.close();
  });

  test('made while the gateway is unplugged, it takes effect when it returns', { timeout: 90_000 }, async () => {
    await site.gateway.kill();
    const [context, page] = await chrome.open('ko', 'phone');
    await page.goto(`${site.url}/#/gateways/e2e/config`);
    const text = page.locator('#config-text');
    await text.waitFor();
    await text.fill(
      `${(await text.inputValue()).trimEnd()}\n  - { name: later, channel: tcp-plc, unitId: 7, profile: eastron/sdm630 }\n`,
    );
    await page.getByRole('button', { name: '저장하고 보내기' }).click();
    await page.locator('[data-phase=wanted]').waitFor();
    await expectUsable(page, 'phone');
    site.startGateway();
    await page.locator('[data-phase=applied]').waitFor({ timeout: 40_000 });
    await site.until(async () => (await firstPoint('later')) !== undefined, 'its value at the hub');
    await context.close();
  });

  test('a gateway that is new is set up from the page alone', { timeout: 120_000 }, async () => {
    const [context, page] = await chrome.open('en', 'desktop');
    await page.goto(`${site.url}/#/connect`);
    await page.getByLabel('Id of the new gateway').fill('newcomer');
    await page.getByRole('button', { name: 'Make the command' }).click();
    const line = (await page.locator('.lines-to-paste pre').textContent()) ?? '';
    expect(line.split('\n')).toHaveLength(1);
    await page.locator('[data-waiting=newcomer]').waitFor();
    await expectUsable(page, 'desktop');
    const [, join1 = '', start = ''] = /^sluice (join .*) && sluice (gateway .*)$/.exec(line) ?? [];
    const [folder, file] = [join(site.dir, 'newcomer'), join(site.dir, 'newcomer.yaml')];
    const here = (words: string) => words.replace('gateway.yaml', file).split(' ');
    const joined = await sluice(...here(join1), '--data', folder);
    expect(joined.text).toContain('Written:');
    newcomer = new SluiceProcess(here(start));
    await page.locator('[data-waiting=there] a').click();
    await page.getByText('Another line').click();
    await page.getByLabel('Kind of line').selectOption('tcp');
    await page.getByRole('textbox', { name: /^Address/ }).fill(site.endpoint('tcp-far'));
    await page.getByLabel('Name of the line').fill('far');
    await page.getByLabel('Unit ids to ask').fill('1-5');
    const found = page.locator('[data-unit="3"]').getByRole('button').first();
    await searchUntil(page.getByRole('button', { name: 'Search the line' }), found);
    await found.click();
    await page.getByLabel('Model').selectOption('xy-md02');
    await page.getByRole('textbox', { name: /^Name Lower/ }).fill('climate');
    await page.getByRole('button', { name: 'Read it now' }).click();
    await page.locator('[data-read] td').first().waitFor();
    await page.getByRole('button', { name: 'Save and send' }).click();
    await page.locator('[data-arrived=climate] dd').first().waitFor();
    await context.close();
  });

  test('who may not change it sees it, and why', { timeout: 60_000 }, async () => {
    const [context, page] = await chrome.open('ko', 'desktop', withKey(await keyFor(site, 'viewer')));
    await page.goto(`${site.url}/#/gateways/e2e/config`);
    await page.getByText('관리자만 변경할 수 있습니다').waitFor();
    expect(await page.locator('textarea').count()).toBe(0);
    await page.goto(`${site.url}/#/connect/e2e`);
    await page.getByText('설비는 관리자만 추가할 수 있습니다').waitFor();
    await pause(200);
    await expectUsable(page, 'desktop');
    await context.close();
  });

  test('nothing threw, and nothing broke the policy', () => expect(chrome.complaints).toEqual([]));
});
