import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { t } from '../../monitor/dashboard/src/data/i18n.ts';
import { tb } from '../../monitor/dashboard/src/pages/board/texts.ts';
import { tp } from '../../monitor/dashboard/src/pages/plan/texts.ts';
import { describeWith } from '../support/tools.ts';
import { problemsOf } from './page-checks.ts';
import { APART, BOARD, button, FLOOR, PlanSite } from './plan-site.ts';

describeWith('chromium', 'floor plans and boards', () => {
  let world: PlanSite;

  beforeAll(async () => {
    world = await PlanSite.start();
  });
  afterAll(() => world?.stop());

  describe.each(['en', 'ko'] as const)('in %s', (language) => {
    test.each(['desktop', 'phone'] as const)(
      'both can be read whole and used by everybody: %s',
      { timeout: 90_000 },
      async (size) => {
        const [context, page] = await world.open(language, size);
        await world.place(context, 'floor-plan/a-house', FLOOR);
        await world.place(context, 'board/a-board', BOARD);
        const problems: Record<string, string[]> = {};
        const check = async (name: string) => {
          // Handles on a plan are as large as they can be without hiding what they are handles of.
          const found = await problemsOf(page, name === 'plan, edited' ? 'desktop' : size);
          if (found.length > 0) problems[name] = found;
        };
        await page.goto(`${world.url}/#/plan/a-house`);
        await page.locator('.plan-marker').first().waitFor();
        await check('plan');
        await page.locator('.plan-list summary').click();
        // What the bar on top covers of a page that is scrolled is no fault of the page.
        await page.evaluate(() => scrollTo(0, 0));
        await check('list');
        await world.place(context, 'floor-plan/b-house', { ...APART, name: 'Apart' });
        await page.goto(`${world.url}/#/plan/b-house`);
        await button(page, tp('edit')).click();
        await page.locator('[data-handle="marker:marker-1"]').focus();
        await check('plan, edited');
        await page.goto(`${world.url}/#/board/a-board`);
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
    const [context, page] = await world.open('ko', 'desktop');
    await page.addInitScript((name) => localStorage.setItem('sluice.theme', name), theme);
    const problems: string[] = [];
    for (const [hash, shown] of [
      ['#/plan/a-house', '.plan-marker'],
      ['#/board/a-board', '.board-plot text'],
    ]) {
      await page.goto(`${world.url}/${hash}`);
      await page
        .locator(shown ?? '')
        .first()
        .waitFor();
      problems.push(...(await problemsOf(page)));
    }
    expect(problems).toEqual([]);
    await context.close();
  });

  test('a plan says what is wrong where: zone, marker, what is unknown, what stands together', {
    timeout: 60_000,
  }, async () => {
    const [context, page] = await world.open('en', 'phone');
    await world.place(context, 'floor-plan/a-house', FLOOR);
    await page.goto(`${world.url}/#/plan/a-house`);
    await page.locator('.plan-zone.tone-high[data-zone="zone-1"]').waitFor();
    await page.locator('[data-marker="marker-3"].hatched.unknown', { hasText: tp('unknown') }).waitFor();
    const together = page.locator('[data-cluster="2"]');
    expect(await together.textContent()).toContain('Water temperature, Boiler');
    await together.focus();
    await page.keyboard.press('Enter');
    await page.locator('dialog.together li', { hasText: 'Water temperature' }).waitFor();
    await page.keyboard.press('Escape');
    await page.goto(`${world.url}/#/plan/a-house?layer=humidity`);
    await page.locator('[data-cluster]').waitFor({ state: 'detached' });
    await page.goto(`${world.url}/#/plan/a-house?layer=alarms`);
    await page.locator('[data-cluster="2"]').waitFor();
    await context.close();
  });

  test('the past is said to be past, and comes from the readings', { timeout: 60_000 }, async () => {
    const [context, page] = await world.open('en', 'desktop', 'demo');
    await page.goto(`${world.url}/#/plan/a-house?layer=temperature`);
    await page.locator('.plan-marker').first().waitFor();
    expect(await page.locator('.plan-sim').textContent()).toBe(t('tile.simulated'));
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
    const [context, page] = await world.open('en', 'desktop', 'operator');
    await page.goto(`${world.url}/#/plan/a-house`);
    await page.locator('.plan-marker').first().waitFor();
    expect(await button(page, tp('edit')).count()).toBe(0);
    await page.goto(`${world.url}/#/board/a-board`);
    await page.locator('.board-text', { hasText: '<b>not bold</b>' }).waitFor();
    await page.locator('[data-tile="tile-6"] .tile.unconfigured').waitFor();
    expect(await button(page, tb('edit')).count()).toBe(1);
    await context.close();
  });

  test('without an error in the browser', () => {
    expect(world.chrome.complaints).toEqual([]);
  });
});
