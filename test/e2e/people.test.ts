import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OidcProvider } from '../support/oidc-provider.ts';
import { describeWith } from '../support/tools.ts';
import { problemsOf } from './page-checks.ts';
import { pickPorts } from './ports.ts';
import { hubYaml } from './site-config.ts';
import { SluiceProcess, sluice } from './sluice-process.ts';
import { type Language, type Size, signIn, TestBrowser } from './test-browser.ts';

const PASSWORD = 'four words for owners';

describeWith('chromium', 'a new hub and its people', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-people-'));
  const data = join(dir, 'hub');
  let provider: OidcProvider;
  let hub: SluiceProcess;
  let url: string;
  let chrome: TestBrowser;
  let owner: BrowserContext;
  let setupUrl = '';

  beforeAll(async () => {
    provider = await OidcProvider.start();
    provider.claims = { sub: 'u-1', preferred_username: 'lee@plant.example', groups: ['ops'] };
    const [http = 0, mqtt = 0] = await pickPorts(2);
    url = `http://127.0.0.1:${http}`;
    const secret = join(dir, 'secret');
    writeFileSync(secret, provider.secret, { mode: 0o600 });
    const oidc = `{ issuer: '${provider.issuer}', clientId: ${provider.clientId}, clientSecretFile: ${secret}, title: Plant login, roles: { claim: groups, map: { ops: operator } } }`;
    const file = join(dir, 'hub.yaml');
    writeFileSync(file, hubYaml({ dataDir: data, http, mqtt, more: `auth: { oidc: ${oidc} }\n` }));
    hub = new SluiceProcess(['hub', '-c', file]);
    setupUrl = (await hub.until((lines) => lines.find((line) => line.includes('/#/setup')), 'a set-up address')).trim();
    await hub.until((lines) => lines.find((line) => line.includes('sluice user add')), 'the hub being ready');
    chrome = await TestBrowser.start();
  });
  afterAll(async () => {
    await chrome?.stop();
    await hub?.kill();
    await provider?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const visitor = (language: Language, size: Size) => chrome.visitor(language, size, { timezoneId: 'Asia/Seoul' });

  const isBack = (page: Page) => page.locator('.rail').waitFor({ state: 'attached' });

  test('the owner is made with the code in the address, and is in', { timeout: 90_000 }, async () => {
    for (const [language, size] of [
      ['ko', 'phone'],
      ['en', 'phone'],
      ['ko', 'desktop'],
    ] as const) {
      const context = await visitor(language, size);
      const page = await chrome.page(context);
      await page.goto(setupUrl);
      await page.locator('[name=code]').waitFor();
      expect(await problemsOf(page, size), `${language} ${size}`).toEqual([]);
      await context.close();
    }
    owner = await visitor('ko', 'desktop');
    const page = await chrome.page(owner);
    await page.goto(setupUrl);
    await page.locator('[name=code]').waitFor();
    expect(await page.locator('[name=code]').inputValue()).toMatch(/^[A-Z2-9-]{19}$/);
    await page.locator('[name=name]').fill('김민수');
    await page.locator('[name=new-password]').fill('짧다');
    await page.locator('[data-strength=short]').waitFor();
    await page.locator('[name=new-password]').fill('123456789012345');
    await page.locator('[data-strength=weak]').waitFor();
    await page.locator('[name=new-password]').fill(PASSWORD);
    await page.locator('[data-strength=good]').waitFor();
    await page.locator('[name=again]').fill('another');
    expect(await page.locator('[name=again]').evaluate((input: HTMLInputElement) => input.validity.valid)).toBe(false);
    await page.locator('[name=again]').fill(PASSWORD);
    await page.locator('button[type=submit]').click();
    await isBack(page);
    expect(page.url(), 'the code is not left in the address').not.toContain('code');
    expect(await (await owner.request.get(`${url}/api/v1/me`)).json()).toMatchObject({
      ...{ name: '김민수', role: 'admin', language: 'ko', timezone: 'Asia/Seoul' },
    });
    const other = await visitor('en', 'desktop');
    const late = await chrome.page(other);
    await late.goto(setupUrl);
    await late.locator('[name=password]').waitFor();
    expect(await late.locator('[name=code]').count()).toBe(0);
    await other.close();
  });

  test('a user, a key and a session are made and ended in the settings', { timeout: 90_000 }, async () => {
    const page = await chrome.page(owner);
    await page.goto(`${url}/#/settings/users`);
    await page.locator('[data-user="김민수"]').waitFor();
    await page.getByRole('button', { name: '사용자 추가' }).click();
    await page.locator('dialog [name=name]').fill('kim');
    await page.locator('dialog [type=radio]').nth(1).check();
    await page.locator('dialog [name=new-password]').fill(PASSWORD);
    await page.locator('dialog [name=again]').fill(PASSWORD);
    expect(await problemsOf(page)).toEqual([]);
    await page.locator('dialog button[type=submit]').click();
    await page.locator('[data-user=kim]', { hasText: '운전원' }).waitFor();

    await page.locator('[data-user="김민수"]').getByRole('button', { name: /^삭제/ }).click();
    await page.locator('[data-user="김민수"] .sure-yes').click();
    await page.locator('[role=alert]', { hasText: '마지막 관리자' }).waitFor();

    const other = await visitor('en', 'phone');
    const theirs = await chrome.page(other);
    await theirs.goto(`${url}/#/settings/me`);
    await theirs.locator('[name=name]').fill('kim');
    await theirs.locator('[name=password]').fill(PASSWORD);
    await theirs.locator('button[type=submit]').click();
    await theirs.locator('[data-session]').first().waitFor();
    expect(await theirs.locator('.sections a').count(), 'an operator has a section of one’s own').toBe(1);

    await page.goto(`${url}/#/settings/sessions`);
    await page.locator('[data-session]', { hasText: 'kim' }).getByRole('button').click();
    await page.locator('.sure-yes').click();
    await page.locator('[data-session]', { hasText: 'kim' }).waitFor({ state: 'detached' });
    await theirs.locator('.login [name=password]').waitFor({ timeout: 20_000 });
    await other.close();

    await page.goto(`${url}/#/settings/keys`);
    await page.getByRole('button', { name: '키 만들기' }).click();
    await page.locator('dialog [name=name]').fill('grafana');
    await page.locator('dialog button[type=submit]').click();
    const key = (await page.locator('.made code').textContent()) ?? '';
    const asKey = () => fetch(`${url}/api/v1/me`, { headers: { authorization: `Bearer ${key}` } });
    expect(await (await asKey()).json()).toMatchObject({ name: 'grafana', role: 'viewer' });
    await page.locator('[data-key=grafana]').getByRole('button').click();
    await page.locator('.sure-yes').click();
    await page.locator('[data-key=grafana]').waitFor({ state: 'detached' });
    expect((await asKey()).status).toBe(401);
    await page.close();
  });

  test('the audit log shows it all, and says that it is whole', { timeout: 60_000 }, async () => {
    const page = await chrome.page(owner);
    await page.goto(`${url}/#/settings/audit`);
    await page.locator('[data-intact=true]').waitFor();
    for (const text of ['소유자 만들기: 김민수', '사용자 추가나 변경: kim', 'API 키 폐기', '세션 끝내기', 'last-admin'])
      await page.locator('[data-act]', { hasText: text }).first().waitFor();
    const shown = page.locator('[data-act]');
    await page.locator('#search').fill('LAST-admin');
    await page.locator('#search').press('Enter');
    await shown.filter({ hasText: '로그인' }).first().waitFor({ state: 'detached' });
    await shown.filter({ hasText: '사용자 삭제: 김민수' }).waitFor();
    // In words of the page, though the log holds its own.
    const inWords = page.waitForResponse((response) => response.url().includes('named='));
    await page.locator('#search').fill('사용자 삭제');
    expect((await inWords).ok()).toBe(true);
    await shown.filter({ hasText: '로그인' }).first().waitFor({ state: 'detached' });
    await shown.filter({ hasText: '사용자 삭제: 김민수' }).waitFor();
    await page.locator('#search').fill('');
    await shown.nth(3).waitFor();
    await page.locator('input[type=date]').last().fill('2026-01-01');
    await shown.first().waitFor({ state: 'detached' });
    await page.locator('input[type=date]').last().fill('');
    await shown.nth(3).waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('a[download="audit.ndjson"]').click(),
    ]);
    const path = join(dir, 'audit.ndjson');
    await file.saveAs(path);
    expect((await sluice('audit', 'verify', path)).code).toBe(0);
    expect((await sluice('audit', 'verify', '--data', data)).stdout[0]).toMatch(/^intact up to row \d+/);
    await page.close();
  });

  test('somebody comes by single sign-on', { timeout: 60_000 }, async () => {
    const context = await visitor('en', 'desktop');
    const page = await chrome.page(context);
    await page.goto(url);
    await page.locator('.sso', { hasText: 'Log in with Plant login' }).waitFor();
    expect(await problemsOf(page)).toEqual([]);
    provider.claims = { ...provider.claims, groups: ['guests'] };
    await page.locator('.sso').click();
    await page.locator('[role=alert]', { hasText: 'was refused' }).waitFor();
    provider.claims = { ...provider.claims, groups: ['ops'] };
    await page.locator('.sso').click();
    await isBack(page);
    // Once more with the service worker in place.
    await page.reload();
    await isBack(page);
    await page.goto(`${url}/#/settings/me`);
    await page.locator('.setting', { hasText: 'lee@plant.example' }).waitFor();
    await page.locator('.bar .plain', { hasText: 'Log out' }).click();
    await page.locator('.sso').click();
    await isBack(page);
    await context.close();
  });

  test.each([
    ['en', 'phone'],
    ['ko', 'phone'],
    ['en', 'desktop'],
    ['ko', 'desktop'],
  ] as const)(
    'every section can be read whole and used by everybody: %s, %s',
    { timeout: 90_000 },
    async (language, size) => {
      const context = await visitor(language, size);
      const page = await chrome.page(context);
      await signIn(context, url, '김민수', PASSWORD);
      await page.addInitScript((name) => localStorage.setItem('sluice.language', name), language);
      const problems: Record<string, string[]> = {};
      for (const [section, shown] of [
        ['me', '[data-session]'],
        ['users', '[data-user]'],
        ['sessions', '[data-session]'],
        ['keys', '.setting details'],
        ['audit', '[data-act]'],
      ] as const) {
        await page.goto(`${url}/#/settings/${section}`);
        await page.locator(shown).first().waitFor();
        const found = await problemsOf(page, size);
        if (found.length > 0) problems[section] = found;
      }
      expect(problems).toEqual({});
      await context.close();
    },
  );

  test('without an error in the browser', () => {
    expect(chrome.complaints).toEqual([]);
  });
});
