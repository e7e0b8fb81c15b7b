import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/tools.ts';
import { keyFor, ROUND, saveRound } from './make-round.ts';
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
    points:
      water: { unit: °C, address: { table: holding, register: 40, type: int16 } }
`;
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

interface Result {
  readonly id: string;
  readonly by: string;
  readonly abnormal: readonly string[];
  readonly answers: Readonly<
    Record<string, { readonly photo?: string; readonly note?: string; readonly number?: number }>
  >;
}

describeWith('chromium', 'rounds and gateways in the page', () => {
  let site: Site;
  let chrome: TestBrowser;
  let admin: string;

  beforeAll(async () => {
    site = await Site.start({ plant: PLANT });
    chrome = await TestBrowser.start();
    admin = await keyFor(site, 'admin');
    await site.until(async () => (await site.latest()).has('boiler/water'), 'a value at the hub');
  });
  afterAll(async () => {
    await chrome?.stop();
    await site?.stop();
  });

  const results = async (round: string) =>
    (await site.json<{ results: Result[] }>(`/api/v1/rounds/${round}/results`)).results;

  async function fill(page: Page): Promise<void> {
    await page.locator('[data-item=dry] .verdict.no').click();
    await page.locator('[data-item=dry] textarea').fill('배수구 막힘 <b>');
    await page.locator('[data-item=dry] input[type=file]').setInputFiles({
      ...{ name: 'floor.png', mimeType: 'image/png', buffer: PNG },
    });
    await page.locator('[data-item=dry] .thumb').waitFor();
    await page.locator('[data-item=water] input').first().fill('91.5');
    await page.locator('[data-item=remarks] textarea').first().fill('없음');
  }

  // Beside each other: most of it is waiting for the page to try again by itself.
  test.concurrent.each([
    ['ko', 'phone'],
    ['en', 'desktop'],
  ] as const)(
    'a walk without a link is kept, and is at the hub once: %s, %s',
    { timeout: 90_000 },
    async (language, size) => {
      const id = `walk-${language}`;
      await saveRound(site, admin, id, 0);
      const [context, page] = await chrome.open(language, size);
      await page.goto(`${site.url}/#/rounds`);
      await page.locator(`[data-round=${id}][data-here=true] .start`).waitFor();
      await context.setOffline(true);
      await page.locator(`[data-round=${id}] .start`).click();
      await page.locator('.hand-in').click();
      await page.locator('.walk [role=alert]').waitFor();
      await fill(page);
      expect(await problemsOf(page)).toEqual([]);
      await page.locator('.hand-in').click();
      await page.locator('[data-handed-in=kept]').waitFor();
      await page.locator('[data-kept="1"]', { hasText: language === 'ko' ? '전송 대기 1건' : '1 waiting' }).waitFor();
      expect(await results(id)).toEqual([]);
      // The first time the hub takes it and its answer gets lost: the phone cannot know.
      let lost = 0;
      let isAsked = false;
      await page.route('**/results', async (route) => {
        if (route.request().method() !== 'POST') return route.continue();
        // The page tries by itself too: before it is told to, nothing gets through.
        if (!isAsked) return route.abort();
        if (lost++ > 0) return route.continue();
        await route.fetch();
        await route.abort();
      });
      await context.setOffline(false);
      isAsked = true;
      await page.locator('[data-kept="1"] button').click();
      await site.until(async () => lost > 0 && (await results(id)).length === 1, 'the walk at the hub');
      await page.locator('[data-kept]').waitFor({ state: 'detached', timeout: 40_000 });
      expect(lost).toBeGreaterThan(1);
      const found = await results(id);
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({ by: 'demo', abnormal: ['dry', 'water'], answers: { water: { number: 91.5 } } });
      const photo = await fetch(`${site.url}/api/v1/pictures/${found[0]?.answers.dry?.photo}`);
      expect([photo.status, photo.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
      await page.goto(`${site.url}/#/rounds/${id}`);
      await page.locator('[data-result] .said', { hasText: '배수구 막힘 <b>' }).first().waitFor();
      await page.locator('[data-result] img').first().waitFor();
      expect(await problemsOf(page)).toEqual([]);
      await context.close();
    },
  );

  test('a walk that was begun goes on after the page was closed', { timeout: 60_000 }, async () => {
    await saveRound(site, admin, 'begun', 0);
    const [context, page] = await chrome.open('ko', 'phone');
    await page.goto(`${site.url}/#/rounds/begun/walk`);
    await page.locator('[data-item=water] input').first().fill('55');
    await page.locator('.walk[data-draft=kept]').waitFor();
    await page.reload();
    await page.locator('[data-item=water]').waitFor();
    expect(await page.locator('[data-item=water] input').first().inputValue()).toBe('55');
    await context.close();
  });

  test('a link that answers nothing holds up no walk that the phone keeps; one it does not keep begins with the link', {
    timeout: 60_000,
  }, async () => {
    await saveRound(site, admin, 'slow', 0);
    const [context, page] = await chrome.open('ko', 'phone');
    await page.goto(`${site.url}/#/rounds`);
    await page.locator('[data-round=slow][data-here=true] .start').waitFor();
    await page.route('**/documents/round/slow', () => {});
    await page.locator('[data-round=slow] .start').click();
    await page.locator('[data-item=water]').waitFor();

    await saveRound(site, admin, 'unseen', 0);
    await context.setOffline(true);
    await page.goto(`${site.url}/#/rounds/unseen/walk`);
    await page.locator('.hint', { hasText: '저장되어 있지 않습니다' }).waitFor();
    await context.setOffline(false);
    await page.locator('[data-item=water]').waitFor();
    await context.close();
  });

  test('the page opens where there is no hub, and what is walked there arrives later', {
    timeout: 120_000,
  }, async () => {
    await saveRound(site, admin, 'cellar', 0);
    const [context, page] = await chrome.open('ko', 'phone');
    await page.goto(`${site.url}/#/rounds`);
    await page.locator('[data-round=cellar][data-here=true]').waitFor();
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    await site.hub.kill();
    await page.goto(`${site.url}/?again#/rounds/cellar/walk`);
    await page.locator('.lost').waitFor();
    await fill(page);
    await page.locator('.hand-in').click();
    await page.locator('[data-handed-in=kept]').waitFor();
    // Another page has no value that could be taken for a live one.
    await page.goto(`${site.url}/#/points`);
    await page.locator('main[data-page=points] > :not(.skeleton)').first().waitFor();
    await page.locator('.lost').waitFor();
    expect(await page.locator('[data-point]').count()).toBe(0);
    await page.goto(`${site.url}/#/rounds`);
    site.startHub();
    await site.hubReady();
    await site.until(async () => (await results('cellar')).length === 1, 'the walk at the hub');
    await page.locator('.lost').waitFor({ state: 'detached' });
    await context.close();
  });

  test('two people who edit a round do not overwrite each other unseen', { timeout: 60_000 }, async () => {
    await saveRound(site, admin, 'edited', 0);
    const [context, page] = await chrome.open('en', 'desktop', withKey(admin));
    await page.goto(`${site.url}/#/rounds/edited/edit`);
    await page.locator('.editor input').first().fill('Mine');
    expect(await problemsOf(page)).toEqual([]);
    await saveRound(site, admin, 'edited', 1, { ...ROUND, name: 'Theirs' });
    await page.locator('.editor footer button').click();
    await page.locator('[data-conflict="2"] button').last().click();
    await page.locator('.round-detail h2', { hasText: 'Mine' }).waitFor();
    const saved = await site.json<{ version: number; name: string }>('/api/v1/documents/round/edited');
    expect([saved.version, saved.name]).toEqual([3, 'Mine']);
    await context.close();
  });

  test('who may only look hands nothing in and edits nothing', { timeout: 60_000 }, async () => {
    await saveRound(site, admin, 'seen', 0);
    const [context, page] = await chrome.open('en', 'phone', withKey(await keyFor(site, 'viewer')));
    await page.goto(`${site.url}/#/rounds/seen`);
    await page.locator('.round-detail', { hasText: 'needs the role operator' }).waitFor();
    expect(await page.locator('.start').count()).toBe(0);
    for (const part of ['walk', 'edit']) {
      await page.goto(`${site.url}/#/rounds/seen/${part}`);
      await page.locator('.hint', { hasText: 'needs the role' }).waitFor();
      expect(await page.locator('form').count()).toBe(0);
    }
    await context.close();
  });

  test('an administrator gets the line that connects a gateway; an operator is told who does', {
    timeout: 60_000,
  }, async () => {
    const [context, page] = await chrome.open('ko', 'desktop', withKey(admin));
    await page.goto(`${site.url}/#/gateways`);
    await page.locator('.connect input').first().fill('plant-7');
    await page.locator('.connect form button').click();
    const lines = (await page.locator('.commands pre').textContent()) ?? '';
    expect(lines).toMatch(
      new RegExp(
        `^sluice join --hub ${site.url} --token sluice1\\.\\S+ --id plant-7 --config \\S+ && sluice gateway -c `,
      ),
    );
    expect(await problemsOf(page)).toEqual([]);
    const [other, operator] = await chrome.open('ko', 'desktop', withKey(await keyFor(site, 'operator')));
    await operator.goto(`${site.url}/#/gateways`);
    await operator.locator('.connect', { hasText: '관리자' }).waitFor();
    expect(await operator.locator('.connect form').count()).toBe(0);
    await other.close();
    await context.close();
  });

  test('without an error in the browser', () => {
    expect(chrome.complaints).toEqual([]);
  });
});
