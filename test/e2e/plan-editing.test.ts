import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tb } from '../../monitor/dashboard/src/pages/board/texts.ts';
import { td } from '../../monitor/dashboard/src/pages/documents/texts.ts';
import { tp } from '../../monitor/dashboard/src/pages/plan/texts.ts';
import { describeWith } from '../support/tools.ts';
import { BOARD, button, FLOOR, PlanSite } from './plan-site.ts';
import { SIZES } from './test-browser.ts';

const DRAWING =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100"><rect width="200" height="100" fill="#ddd"/></svg>';

describeWith('chromium', 'floor plans and boards are edited', () => {
  let world: PlanSite;

  beforeAll(async () => {
    world = await PlanSite.start();
  });
  afterAll(() => world?.stop());

  describe.each(['en', 'ko'] as const)('in %s', (language) => {
    test.each(['desktop', 'phone'] as const)(
      'a plan is drawn, saved, and there after a reload: %s',
      {
        timeout: 90_000,
      },
      async (size) => {
        const [context, page] = await world.open(language, size);
        await page.goto(`${world.url}/#/plan`);
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
        const { body } = await world.site.json<{ body: typeof FLOOR }>(`/api/v1/documents/floor-plan/${id}`);
        expect(body.rooms[0]?.outline).toEqual(
          [
            [0.2, 0.2],
            [0.6, 0.2],
            [0.6, 0.608],
            [0.2, 0.608],
          ].map(([x, y]) => [expect.closeTo(x ?? 0, 1), expect.closeTo(y ?? 0, 1)]),
        );
        expect(body.markers[0]).toMatchObject({ device: 'e2e/boiler', x: 0.52 });
        // An alarm is active: it leads there.
        await page.locator('[data-marker="marker-1"].alarmed').click();
        await page.waitForURL(/#\/alarms/);
        await context.close();
      },
    );

    test('of two editors the second is told, and keeps a copy', { timeout: 90_000 }, async () => {
      const [one, first] = await world.open(language, 'desktop');
      await world.place(one, `floor-plan/two-${language}`, { ...FLOOR, name: `Two ${language}` });
      const [two, second] = await world.open(language, 'desktop');
      for (const page of [first, second]) {
        await page.goto(`${world.url}/#/plan/two-${language}`);
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
      // Only then has it left the editor, which shows the same names.
      await second
        .locator('.views a[aria-current]', { hasText: td('copy.name', { name: `Two ${language}` }) })
        .waitFor();
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
      const [context, page] = await world.open(language, 'desktop');
      await world.place(context, `floor-plan/pictured-${language}`, { ...FLOOR, name: `Pictured ${language}` });
      await page.goto(`${world.url}/#/plan/pictured-${language}`);
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
      const { body } = await world.site.json<{ body: { aspect: number } }>(
        `/api/v1/documents/floor-plan/pictured-${language}`,
      );
      expect(body.aspect, 'the picture’s own').toBe(2);
      await context.close();
    });

    test('a board is arranged with keys and mouse, saved, and one column on a phone', { timeout: 90_000 }, async () => {
      const [context, page] = await world.open(language, 'desktop');
      await world.place(context, `board/mine-${language}`, { ...BOARD, name: `Mine ${language}` });
      await page.goto(`${world.url}/#/board/mine-${language}`);
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
      const { body } = await world.site.json<{ body: typeof BOARD }>(`/api/v1/documents/board/mine-${language}`);
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
  });

  test('a plan goes into a file and comes back from it; what is no plan is refused with the reason', {
    timeout: 60_000,
  }, async () => {
    const [context, page] = await world.open('en', 'desktop');
    await world.place(context, 'floor-plan/a-house', FLOOR);
    await page.goto(`${world.url}/#/plan/a-house`);
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

  test('without an error in the browser', () => {
    expect(world.chrome.complaints).toEqual([]);
  });
});
