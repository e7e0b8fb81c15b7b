import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/tools.ts';
import { keyFor } from './make-round.ts';
import { problemsOf } from './page-checks.ts';
import { Site } from './site.ts';
import { TestBrowser, withKey } from './test-browser.ts';

const PLANT = `channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc, timeout: 1s }
devices:
  - name: boiler
    channel: tcp-plc
    unitId: 2
    every: 500ms
    title: { en: Boiler <b>, ko: 보일러 <b> }
    points:
      water: { unit: °C, address: { table: holding, register: 40, type: int16 } }
    alarms:
      - { point: water, above: 0, priority: high, text: { en: Boiler too hot, ko: 보일러 수온 높음 }, action: { en: Check, ko: 확인 } }
`;

describeWith('chromium', 'reports in the page', () => {
  let site: Site;
  let chrome: TestBrowser;
  let page: Page;

  beforeAll(async () => {
    site = await Site.start({ plant: PLANT });
    chrome = await TestBrowser.start();
    const key = await keyFor(site, 'admin');
    const alarms = async () => (await site.json<{ alarms: unknown[] }>('/api/v1/alarms?state=active')).alarms;
    await site.until(async () => (await alarms()).length > 0, 'an alarm at the hub');
    [, page] = await chrome.open('ko', 'desktop', withKey(key));
  });
  afterAll(async () => {
    await chrome?.stop();
    await site?.stop();
  });

  test('the day that runs is looked at, kept, and fetched as PDF', async () => {
    await page.goto(`${site.url}/#/reports`);
    await page.locator('[data-topic=alarms]').waitFor();
    // The plant is of today: there is no day before that a report could be of.
    await page.getByText('기간이 아직 끝나지 않았습니다.').waitFor();
    expect(await page.getByRole('button', { name: '다음 기간' }).isDisabled()).toBe(true);
    expect(await page.locator('[data-section=alarms] tbody tr').first().textContent()).toContain('보일러 <b>');
    await page.getByRole('button', { name: '작성·보관' }).click();
    await page.getByText('기준으로 보관된 보고서입니다.').waitFor();
    expect(page.url()).toMatch(/#\/reports\/[0-9a-f-]{36}$/);
    const href = await page.getByRole('link', { name: 'PDF' }).getAttribute('href');
    const pdf = await page.request.get(`${site.url}${href}`);
    expect((await pdf.body()).subarray(0, 5).toString()).toBe('%PDF-');
    expect(await problemsOf(page)).toEqual([]);
    await page.getByRole('link', { name: '보관함' }).click();
    await expect.poll(() => page.locator('[data-report]').count()).toBe(1);
  });

  test('one is sent by mail each morning; without a mail server the reason stands there', async () => {
    await page.goto(`${site.url}/#/reports?tab=mail`);
    await page.getByRole('button', { name: '메일 발송 추가' }).click();
    await page.getByLabel('이름').fill('아침 보고');
    await page.getByLabel('받는 사람').fill('not an address');
    await page.getByRole('button', { name: '저장' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('expected a mail address');
    await page.getByLabel('받는 사람').fill('chief@example.com\nfacility@example.com');
    expect(await problemsOf(page)).toEqual([]);
    await page.getByRole('button', { name: '저장' }).click();
    const row = page.locator('[data-schedule]');
    expect(await row.textContent()).toContain('chief@example.com, facility@example.com');
    await row.getByRole('button', { name: '지금 발송' }).click();
    await row.getByText('발송하지 못했습니다').waitFor();
    expect(await row.locator('[data-run=given-up]').textContent()).toContain('smtp');
    expect(await problemsOf(page)).toEqual([]);
    expect(chrome.complaints).toEqual([]);
  });
});
