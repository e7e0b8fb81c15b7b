import { readFileSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setLanguage, t } from '../../monitor/dashboard/src/data/i18n.ts';
import { tb } from '../../monitor/dashboard/src/pages/board/texts.ts';
import { td } from '../../monitor/dashboard/src/pages/documents/texts.ts';
import { tp } from '../../monitor/dashboard/src/pages/plan/texts.ts';
import { describeWith, findTool } from '../support/tools.ts';
import { findBarriers, findSmallTargets, findUnreadable } from './page-checks.ts';
import { pause, Site } from './site.ts';
import { SluiceProcess } from './sluice-process.ts';

const PLANT = `channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc, timeout: 1s }
devices:
  - name: boiler
    channel: tcp-plc
    unitId: 2
    every: 500ms
    title: { en: Boiler, ko: 보일러 }
    points:
      water: { unit: °C, title: { en: Water temperature, ko: 수온 }, address: { table: holding, register: 40, type: int16 } }
    alarms:
      - { point: water, above: 0, onDelay: 1s, priority: high, text: { en: Boiler water too hot, ko: 보일러 수온 높음 }, action: { en: Check the burner, ko: 버너 확인 } }
`;
const QUIET = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage'],
];
const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;
const PASSWORD = 'a long enough password';
const FINGER_PX = 44;
const DRAWING =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100"><rect width="200" height="100" fill="#ddd"/></svg>';

const POINT = 'e2e/boiler/water';
const FLOOR = {
  ...{ name: 'Boiler house', aspect: 1.6, widthMetres: 20 },
  rooms: [
    {
      id: 'room-1',
      name: 'Hall',
      outline: [
        [0.1, 0.1],
        [0.9, 0.1],
        [0.9, 0.9],
        [0.1, 0.9],
      ],
    },
  ],
  zones: [
    {
      id: 'zone-1',
      name: 'Burner',
      outline: [
        [0.3, 0.3],
        [0.7, 0.3],
        [0.7, 0.7],
        [0.3, 0.7],
      ],
      devices: ['e2e/boiler'],
    },
  ],
  markers: [
    { id: 'marker-1', x: 0.5, y: 0.5, point: POINT },
    { id: 'marker-2', x: 0.5, y: 0.52, device: 'e2e/boiler' },
    { id: 'marker-3', x: 0.2, y: 0.2, point: 'e2e/boiler/gone' },
    { id: 'marker-4', x: 0.8, y: 0.2, gateway: 'e2e' },
  ],
};
/** As somebody leaves it who wants to read it. */
const APART = {
  ...FLOOR,
  markers: [
    { id: 'marker-1', x: 0.5, y: 0.5, point: POINT },
    { id: 'marker-2', x: 0.5, y: 0.8, device: 'e2e/boiler' },
    { id: 'marker-4', x: 0.8, y: 0.24, gateway: 'e2e' },
  ],
};
const BOARD = {
  name: 'Boiler',
  tiles: [
    { id: 'tile-1', kind: 'gauge', x: 0, y: 0, width: 4, height: 4, point: POINT, from: 0, to: 100 },
    { id: 'tile-2', kind: 'trend', x: 4, y: 0, width: 8, height: 5, points: [POINT], range: '15m' },
    { id: 'tile-3', kind: 'table', x: 0, y: 5, width: 6, height: 4, points: [POINT, 'e2e/boiler/gone'] },
    { id: 'tile-4', kind: 'alarms', x: 6, y: 5, width: 6, height: 4 },
    { id: 'tile-5', kind: 'text', x: 0, y: 9, width: 6, height: 3, text: '<b>not bold</b>' },
    { id: 'tile-6', kind: 'value', x: 6, y: 9, width: 6, height: 3, point: 'e2e/boiler/gone' },
  ],
};

describeWith('chromium', 'floor plans and boards', () => {
  let site: Site;
  let browser: Browser;
  const complaints: string[] = [];

  beforeAll(async () => {
    site = await Site.start({ plant: PLANT });
    const args = ['user', 'add', 'kim', '--role', 'admin', '--password-stdin', '--data', site.hubDir];
    const adding = new SluiceProcess(args);
    adding.say(PASSWORD);
    expect(await adding.exited, adding.text).toBe(0);
    browser = await chromium.launch({ executablePath: findTool('chromium'), args: QUIET });
    await site.until(async () => (await site.latest()).has('boiler/water'), 'a value at the hub');
    const alarms = async () => (await site.json<{ alarms: unknown[] }>('/api/v1/alarms?state=active')).alarms;
    await site.until(async () => (await alarms()).length > 0, 'an alarm at the hub');
  });
  beforeAll(async () => {
    const [context] = await open('en', 'desktop');
    await place(context, 'floor-plan/a-house', FLOOR);
    await place(context, 'board/a-board', BOARD);
    await context.close();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
  });

  async function open(
    language: 'en' | 'ko',
    size: keyof typeof SIZES,
    who: 'admin' | 'demo' = 'admin',
  ): Promise<[BrowserContext, Page]> {
    setLanguage(language);
    const context = await browser.newContext({ viewport: SIZES[size], locale: language === 'ko' ? 'ko-KR' : 'en-GB' });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) complaints.push(message.text());
    });
    if (who === 'admin') {
      const answer = await context.request.post(`${site.url}/api/v1/login`, {
        data: { name: 'kim', password: PASSWORD },
      });
      expect(answer.status()).toBe(200);
    }
    return [context, page];
  }

  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

  /** Puts a document on the hub, over whatever stands there. */
  async function place(context: BrowserContext, path: string, body: object): Promise<void> {
    const url = `${site.url}/api/v1/documents/${path}`;
    const held = await context.request.get(url);
    const from = held.ok() ? ((await held.json()) as { version: number }).version : 0;
    const answer = await context.request.post(url, { data: { from, body } });
    expect(answer.status(), await answer.text()).toBe(200);
  }

  describe.each(['en', 'ko'] as const)('in %s', (language) => {
    test.each(['desktop', 'phone'] as const)(
      'a plan is drawn, saved, and there after a reload: %s',
      {
        timeout: 90_000,
      },
      async (size) => {
        const [context, page] = await open(language, size);
        await page.goto(`${site.url}/#/plan`);
        await button(page, td('new')).click();
        await page.getByLabel(td('new.name')).fill(`Drawn ${language} ${size}`);
        await button(page, td('create')).click();
        await button(page, tp('edit')).click();
        await button(page, tp('edit.room')).click();
        const box = await page.locator('.plan-stage').boundingBox();
        if (!box) throw new Error('no stage');
        const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
        await page.mouse.move(...at(0.2, 0.2));
        await page.mouse.down();
        await page.mouse.move(...at(0.45, 0.4), { steps: 5 });
        await page.mouse.move(...at(0.6, 0.6), { steps: 5 });
        await page.mouse.up();
        await page.getByLabel(tp('edit.name'), { exact: true }).fill('전산실 <b>A</b>');
        await page.locator('[data-choice="e2e/boiler"]').first().click();
        const marker = page.locator('[data-handle="marker:marker-1"]');
        await marker.focus();
        await page.keyboard.press('Shift+ArrowRight');
        await page.keyboard.press('ArrowDown');
        await button(page, td('undo')).click();
        await button(page, td('redo')).click();
        await button(page, td('save')).click();
        await page.locator('[data-marker="marker-1"]').waitFor();
        await page.reload();
        const shown = page.locator('[data-marker="marker-1"]');
        await shown.waitFor();
        await page.locator('.plan-name', { hasText: '전산실 <b>A</b>' }).waitFor();
        const id = page.url().split('/').at(-1);
        const { body } = await site.json<{ body: typeof FLOOR }>(`/api/v1/documents/floor-plan/${id}`);
        expect(body.rooms[0]?.outline).toEqual(
          [
            [0.2, 0.2],
            [0.6, 0.2],
            [0.6, 0.608],
            [0.2, 0.608],
          ].map(([x, y]) => [expect.closeTo(x ?? 0, 1), expect.closeTo(y ?? 0, 1)]),
        );
        expect(body.markers[0]).toMatchObject({ device: 'e2e/boiler', x: 0.52 });
        await shown.click();
        expect(page.url(), 'an alarm is active: it leads there').toContain('#/alarms');
        await context.close();
      },
    );

    test('of two editors the second is told, and keeps a copy', { timeout: 90_000 }, async () => {
      const [one, first] = await open(language, 'desktop');
      await place(one, `floor-plan/two-${language}`, { ...FLOOR, name: `Two ${language}` });
      const [two, second] = await open(language, 'desktop');
      for (const page of [first, second]) {
        await page.goto(`${site.url}/#/plan/two-${language}`);
        await button(page, tp('edit')).click();
        await page.locator('[data-handle="room:room-1"]').focus();
      }
      await first.getByLabel(tp('edit.name'), { exact: true }).fill('By the first');
      await button(first, td('save')).click();
      await first.locator('.plan-name', { hasText: 'By the first' }).waitFor();
      await second.getByLabel(tp('edit.name'), { exact: true }).fill('By the second');
      await button(second, td('save')).click();
      await second.locator('dialog.conflict', { hasText: td('conflict.why') }).waitFor();
      await button(second, td('conflict.copy')).click();
      await second.locator('.plan-name', { hasText: 'By the second' }).waitFor();
      await second.getByRole('link', { name: `Two ${language}`, exact: true }).click();
      await second.locator('.plan-name', { hasText: 'By the first' }).waitFor();
      await button(second, td('versions')).click();
      await second.locator('[data-version="1"]').getByRole('button').click();
      await second.locator('.plan-name', { hasText: 'Hall' }).waitFor();
      await one.close();
      await two.close();
    });

    test('a picture of 20 MB, a broken SVG and no picture are refused with a reason; a good one is shown', {
      timeout: 90_000,
    }, async () => {
      const [context, page] = await open(language, 'desktop');
      await place(context, `floor-plan/pictured-${language}`, { ...FLOOR, name: `Pictured ${language}` });
      await page.goto(`${site.url}/#/plan/pictured-${language}`);
      await button(page, tp('edit')).click();
      const input = page.locator('.upload input');
      const refused = page.locator('.upload-refused');
      const give = (name: string, mimeType: string, buffer: Buffer) => input.setInputFiles({ name, mimeType, buffer });
      await give('floor.png', 'image/png', Buffer.alloc(20 * 1024 * 1024));
      await refused.filter({ hasText: td('picture.large', { mb: '20.0' }) }).waitFor();
      await give('floor.svg', 'image/svg+xml', Buffer.from(DRAWING.replace('</svg>', '')));
      await refused.filter({ hasText: td('picture.svg') }).waitFor();
      await give('floor.png', 'image/png', Buffer.from('this is no picture'));
      await refused.filter({ hasText: td('picture.damaged') }).waitFor();
      await give('floor.svg', 'image/svg+xml', Buffer.from(DRAWING));
      await page.locator('.plan-drawing image').waitFor();
      expect(await refused.count()).toBe(0);
      await button(page, td('save')).click();
      await button(page, tp('edit')).waitFor();
      const { body } = await site.json<{ body: { aspect: number } }>(
        `/api/v1/documents/floor-plan/pictured-${language}`,
      );
      expect(body.aspect, 'the picture’s own').toBe(2);
      await context.close();
    });

    test('a board is arranged with keys and mouse, saved, and one column on a phone', { timeout: 90_000 }, async () => {
      const [context, page] = await open(language, 'desktop');
      await place(context, `board/mine-${language}`, { ...BOARD, name: `Mine ${language}` });
      await page.goto(`${site.url}/#/board/mine-${language}`);
      await button(page, tb('edit')).click();
      await page.locator('[data-tile="tile-1"] .board-grip').focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Shift+ArrowLeft');
      await page.locator('[data-add=text]').click();
      await page.getByLabel(tb('text'), { exact: true }).fill('Added');
      const grip = await page.locator('[data-tile="tile-7"] .board-grip').boundingBox();
      if (!grip) throw new Error('no grip');
      await page.mouse.move(grip.x + 20, grip.y + 20);
      await page.mouse.down();
      await page.mouse.move(grip.x + 400, grip.y + 20, { steps: 6 });
      await page.mouse.up();
      await button(page, td('save')).click();
      await button(page, tb('edit')).waitFor();
      const { body } = await site.json<{ body: typeof BOARD }>(`/api/v1/documents/board/mine-${language}`);
      expect(body.tiles[0]).toMatchObject({ x: 1, width: 3 });
      expect(body.tiles[1], 'made way').toMatchObject({ x: 4, y: 4 });
      expect(body.tiles[6]).toMatchObject({ kind: 'text', text: 'Added' });
      expect(body.tiles[6]?.x).toBeGreaterThan(2);
      await page.setViewportSize(SIZES.phone);
      const edges = await page
        .locator('.board-cell')
        .evaluateAll((cells) => cells.map((cell) => cell.getBoundingClientRect().left));
      expect(new Set(edges.map(Math.round)).size).toBe(1);
      await context.close();
    });

    test.each(['desktop', 'phone'] as const)(
      'both can be read whole and used by everybody: %s',
      { timeout: 90_000 },
      async (size) => {
        const [context, page] = await open(language, size);
        await place(context, 'floor-plan/a-house', FLOOR);
        await place(context, 'board/a-board', BOARD);
        const problems: Record<string, string[]> = {};
        const check = async (name: string) => {
          await pause(400);
          const found = [...(await findUnreadable(page)), ...(await findBarriers(page))];
          // Handles on a plan are as large as they can be without hiding what they are handles of.
          if (size === 'phone' && name !== 'plan, edited') found.push(...(await findSmallTargets(page, FINGER_PX)));
          if (found.length > 0) problems[name] = found;
        };
        await page.goto(`${site.url}/#/plan/a-house`);
        await page.locator('.plan-marker').first().waitFor();
        await check('plan');
        await page.locator('.plan-list summary').click();
        // What the bar on top covers of a page that is scrolled is no fault of the page.
        await page.evaluate(() => scrollTo(0, 0));
        await check('list');
        await place(context, 'floor-plan/b-house', { ...APART, name: 'Apart' });
        await page.goto(`${site.url}/#/plan/b-house`);
        await button(page, tp('edit')).click();
        await page.locator('[data-handle="marker:marker-1"]').focus();
        await check('plan, edited');
        await page.goto(`${site.url}/#/board/a-board`);
        await page.locator('.board-plot text').first().waitFor();
        await check('board');
        await button(page, tb('edit')).click();
        await page.locator('[data-tile="tile-1"] .board-grip').focus();
        await check('board, edited');
        expect(problems).toEqual({});
        await context.close();
      },
    );
  });

  test.each(['dark', 'control'])('the theme %s can be read too', { timeout: 60_000 }, async (theme) => {
    const [context, page] = await open('ko', 'desktop');
    await page.addInitScript((name) => localStorage.setItem('sluice.theme', name), theme);
    const problems: string[] = [];
    for (const [hash, shown] of [
      ['#/plan/a-house', '.plan-marker'],
      ['#/board/a-board', '.board-plot text'],
    ]) {
      await page.goto(`${site.url}/${hash}`);
      await page
        .locator(shown ?? '')
        .first()
        .waitFor();
      await pause(400);
      problems.push(...(await findUnreadable(page)), ...(await findBarriers(page)));
    }
    expect(problems).toEqual([]);
    await context.close();
  });

  test('a plan goes into a file and comes back from it; what is no plan is refused with the reason', {
    timeout: 60_000,
  }, async () => {
    const [context, page] = await open('en', 'desktop');
    await place(context, 'floor-plan/a-house', FLOOR);
    await page.goto(`${site.url}/#/plan/a-house`);
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, td('export')).click()]);
    expect(download.suggestedFilename()).toBe('a-house.json');
    const text = readFileSync(await download.path(), 'utf8');
    expect(JSON.parse(text)).toEqual(FLOOR);
    const give = (content: string) =>
      page
        .locator('input[accept*=json]')
        .setInputFiles({ name: 'plan.json', mimeType: 'application/json', buffer: Buffer.from(content) });
    await give('{');
    await page.locator('.doc-problem', { hasText: td('import.bad') }).waitFor();
    await give(JSON.stringify({ ...FLOOR, walls: [] }));
    await page.locator('.doc-problem', { hasText: 'walls' }).waitFor();
    await give(text.replace('Boiler house', 'Second house'));
    await page.locator('.views a[aria-current]', { hasText: 'Second house' }).waitFor();
    expect(page.url()).toContain('#/plan/second-house');
    await context.close();
  });

  test('a plan says what is wrong where: zone, marker, what is unknown, what stands together', {
    timeout: 60_000,
  }, async () => {
    const [context, page] = await open('en', 'phone');
    await place(context, 'floor-plan/a-house', FLOOR);
    await page.goto(`${site.url}/#/plan/a-house`);
    await page.locator('.plan-zone.tone-high[data-zone="zone-1"]').waitFor();
    await page.locator('[data-marker="marker-3"].hatched.unknown', { hasText: tp('unknown') }).waitFor();
    const together = page.locator('[data-cluster="2"]');
    expect(await together.textContent()).toContain('Water temperature, Boiler');
    await together.focus();
    await page.keyboard.press('Enter');
    await page.locator('dialog.together li', { hasText: 'Water temperature' }).waitFor();
    await page.keyboard.press('Escape');
    await page.goto(`${site.url}/#/plan/a-house?layer=humidity`);
    await page.locator('[data-cluster]').waitFor({ state: 'detached' });
    await page.goto(`${site.url}/#/plan/a-house?layer=alarms`);
    await page.locator('[data-cluster="2"]').waitFor();
    await context.close();
  });

  test('the past is said to be past, and comes from the readings', { timeout: 60_000 }, async () => {
    const [context, page] = await open('en', 'desktop', 'demo');
    await page.goto(`${site.url}/#/plan/a-house?layer=temperature`);
    await button(page, tp('replay.start')).click();
    await page.locator('.plan-past', { hasText: 'These values are not current' }).waitFor();
    await page.locator('.plan-stage.past').waitFor();
    const slider = page.getByLabel(tp('replay.slider'));
    await slider.fill('3');
    await page.locator('[data-cluster].hatched, .plan-marker.empty').first().waitFor();
    expect(await slider.getAttribute('aria-valuetext')).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d$/);
    await button(page, tp('replay.live')).click();
    await page.locator('.plan-stage:not(.past)').waitFor();
    await context.close();
  });

  test('who may not edit is not offered it; texts are text; an unknown point is no zero', {
    timeout: 60_000,
  }, async () => {
    const [context, page] = await open('en', 'desktop', 'demo');
    await page.goto(`${site.url}/#/plan/a-house`);
    await page.locator('.plan-marker').first().waitFor();
    expect(await button(page, tp('edit')).count()).toBe(0);
    expect(await page.locator('.plan-sim').textContent()).toBe(t('tile.simulated'));
    await page.goto(`${site.url}/#/board/a-board`);
    await page.locator('.board-text', { hasText: '<b>not bold</b>' }).waitFor();
    await page.locator('[data-tile="tile-6"] .tile.unconfigured').waitFor();
    expect(await button(page, tb('edit')).count()).toBe(1);
    await context.close();
  });

  test('without an error in the browser', () => {
    expect(complaints).toEqual([]);
  });
});
