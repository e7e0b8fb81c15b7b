import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpReceiver } from '../monitor/notify/http-receiver.ts';
import { MailReceiver } from '../monitor/notify/mail-receiver.ts';
import { describeWith } from '../support/tools.ts';
import { problemsOf } from './page-checks.ts';
import { Site } from './site.ts';
import { sluice } from './sluice-process.ts';
import { type Language, type Size, TestBrowser } from './test-browser.ts';

const PLANT = `channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc, timeout: 1s }
devices:
  - name: boiler
    channel: tcp-plc
    unitId: 2
    every: 500ms
    points:
      water: { unit: °C, address: { table: holding, register: 40, type: int16 } }
`;
const SECRET = 'a-secret-of-the-page';

describeWith('chromium', 'the first steps of a hub', () => {
  let site: Site;
  let chrome: TestBrowser;
  let http: HttpReceiver;
  let mail: MailReceiver;

  beforeAll(async () => {
    http = await HttpReceiver.start();
    mail = await MailReceiver.start();
    site = await Site.start({ plant: PLANT });
    chrome = await TestBrowser.start();
    await site.until(async () => (await site.latest()).has('boiler/water'), 'a value at the hub');
  });
  afterAll(async () => {
    await chrome?.stop();
    await site?.stop();
    await http?.stop();
    await mail?.stop();
  });

  const open = (language: Language, size: Size) => chrome.open(language, size, { timezoneId: 'Asia/Seoul' });

  const item = (page: Page, key: string, done: boolean) =>
    page.locator(`[data-item=${key}][data-done=${done}]`).waitFor({ state: 'attached', timeout: 20_000 });

  test('from a list of what is missing to a hub that tells somebody: all of it in the page', {
    timeout: 150_000,
  }, async () => {
    const [context, page] = await open('ko', 'desktop');
    await page.goto(site.url);
    await page.locator('.first-run summary').click();
    for (const key of ['gateway', 'values']) await item(page, key, true);
    for (const key of ['receiver', 'test', 'plan', 'backup']) await item(page, key, false);
    await page.locator('.demo-lead a').waitFor();
    expect(await problemsOf(page)).toEqual([]);
    await page.locator('[data-item=test] button').click();
    await page.locator('[data-item=test]', { hasText: '먼저 수신처를 추가' }).waitFor();

    await page.locator('[data-item=receiver] a').click();
    await page.getByRole('button', { name: '수신처 추가' }).click();
    await page.locator('dialog [name=kind]').selectOption('webhook');
    await page.locator('dialog [name=name]').fill('control-room');
    await page.locator('dialog [name=url]').fill(`${http.url}/soc`);
    await page.locator('dialog [name="secret.bearer"]').fill(SECRET);
    await page.locator('dialog [name=quiet]').check();
    expect(await problemsOf(page)).toEqual([]);
    await page.locator('dialog button[type=submit]').click();
    const line = page.locator('[data-receiver=control-room]');
    await line.waitFor();
    await line.getByRole('button', { name: /^시험 전송/ }).click();
    await page.locator('[data-tested=control-room]', { hasText: '수신처가 받았습니다' }).waitFor();
    expect(http.received[0]?.headers.authorization).toBe(`Bearer ${SECRET}`);
    expect(await page.content()).not.toContain(SECRET);
    http.answer = (response) => {
      response.statusCode = 410;
      response.end('gone');
    };
    await line.getByRole('button', { name: /^시험 전송/ }).click();
    await page.locator('[data-tested=control-room]', { hasText: '410' }).waitFor();

    // Mail, once there is a server for it.
    await page.getByRole('button', { name: '메일 서버 설정' }).click();
    await page.locator('dialog [name=host]').fill('127.0.0.1');
    await page.locator('dialog [name=port]').fill(String(mail.port));
    await page.locator('dialog [name=tls]').selectOption('none');
    await page.locator('dialog [name=from]').fill('sluice@plant.test');
    await page.locator('dialog button[type=submit]').click();
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: '수신처 추가' }).click();
    await page.locator('dialog [name=name]').fill('kim');
    await page.locator('dialog [name=to]').fill('kim@plant.test');
    await page.locator('dialog button[type=submit]').click();
    await page
      .locator('[data-receiver=kim]')
      .getByRole('button', { name: /^시험 전송/ })
      .click();
    await page.locator('[data-tested=kim]', { hasText: '받았습니다' }).waitFor();
    expect(mail.mails).toHaveLength(1);

    // A contradiction is refused with its reason.
    await page.getByRole('button', { name: '당번과 단계 변경' }).click();
    await page.getByRole('button', { name: '단계 추가' }).click();
    await page.locator('dialog [type=number]').fill('0');
    await page.locator('dialog .names input').first().check();
    await page.getByRole('button', { name: '당번표 추가' }).click();
    await page.locator('dialog .part input[pattern]').fill('kim');
    await page.locator('dialog .part .part .names').last().locator('input').first().check();
    expect(await problemsOf(page)).toEqual([]);
    await page.locator('dialog button[type=submit]').click();
    await page.locator('dialog [role=alert]', { hasText: 'a receiver has this name' }).waitFor();
    await page.locator('dialog .part input[pattern]').fill('shift');
    await page.locator('dialog button[type=submit]').click();
    await page.locator('[data-plan] li', { hasText: 'shift' }).waitFor();

    // Removed, and out of use at once.
    await page.locator('[data-receiver=control-room]').getByRole('button', { name: /^삭제/ }).click();
    await page.locator('[data-receiver=control-room] .sure-yes').click();
    await page.locator('[role=alert]', { hasText: 'there is no receiver' }).first().waitFor();

    await page.goto(`${site.url}/#/`);
    await page.locator('.first-run summary').click();
    for (const key of ['receiver', 'test']) await item(page, key, true);
    const drawn = await fetch(`${site.url}/api/v1/documents/floor-plan/hall`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ from: 0, body: { name: 'Hall' } }),
    });
    expect(drawn.ok).toBe(true);
    await page.reload();
    await page.locator('.first-run summary').click();
    await item(page, 'plan', true);
    const backup = await sluice('backup', '-o', join(site.dir, 'backup'), '--data', site.hubDir);
    expect(backup.code).toBe(0);
    // By itself: it looks again now and then.
    await page.locator('.first-run').waitFor({ state: 'detached', timeout: 60_000 });
    await page.locator('.site').waitFor();
    await context.close();
  });

  test('on a phone, in both languages, and the audit log is worded', { timeout: 90_000 }, async () => {
    for (const language of ['ko', 'en'] as const) {
      const [context, page] = await open(language, 'phone');
      await page.goto(`${site.url}/#/settings/notify`);
      await page.locator('[data-receiver=kim]').waitFor();
      expect(await problemsOf(page, 'phone'), language).toEqual([]);
      await page.locator('[data-receiver=kim] .acts button').nth(1).click();
      await page.locator('dialog [name=to]').waitFor();
      expect(await problemsOf(page, 'phone'), language).toEqual([]);
      await page.keyboard.press('Escape');
      await page.goto(`${site.url}/#/settings/sites`);
      await page.locator('[data-site]').waitFor();
      await page.locator('[name=signers]').fill('담당\n팀장');
      await page.locator('form button[type=submit]').click();
      await page.locator('[role=status]', { hasText: language === 'ko' ? '저장' : 'Saved' }).waitFor();
      expect(await problemsOf(page, 'phone'), language).toEqual([]);
      await page.goto(`${site.url}/#/settings/audit`);
      const row = page.locator('[data-act]', {
        hasText: language === 'ko' ? '수신처 추가나 변경: kim' : 'Added or changed a receiver: kim',
      });
      await row.first().waitFor();
      expect(await row.first().textContent()).toContain(language === 'ko' ? '이후: ' : 'after: ');
      await context.close();
    }
    const layout = await site.json<{ body: unknown }>('/api/v1/documents/report-layout/default');
    expect(layout.body).toMatchObject({ signers: ['담당', '팀장'] });
    expect(chrome.complaints).toEqual([]);
  });
});
