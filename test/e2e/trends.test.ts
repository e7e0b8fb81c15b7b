import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWith } from '../support/tools.ts';
import { MonthHub } from './month-hub.ts';
import { type Month, POWER, RUNNING, TEMPERATURE } from './month-of-history.ts';
import { problemsOf, shoot } from './page-checks.ts';
import { pause } from './site.ts';
import { LANGUAGES, type Language, SIZES, type Size, TestBrowser } from './test-browser.ts';

const HOUR = 3_600_000;

const WORDS = {
  en: {
    minutes: 'from minutes',
    every: 'every reading',
    alarm: 'Aisle too warm',
    late: 'filled in later',
    gaps: 'gaps: 1',
    bad: 'no valid value',
  },
  ko: {
    minutes: '1분 집계 기준',
    every: '모든 측정값',
    alarm: '복도 온도 높음',
    late: '나중에 채워진',
    gaps: '수신 없음: 1곳',
    bad: '유효한 값 없음',
  },
} as const;

describeWith('chromium', 'trends and energy over a month at one second', () => {
  const hub = new MonthHub();
  let month: Month;
  let chrome: TestBrowser;

  beforeAll(async () => {
    await hub.start();
    month = hub.month;
    chrome = await TestBrowser.start();
  }, 180_000);
  afterAll(async () => {
    await chrome?.stop();
    await hub.stop();
  });

  async function open(hash: string, language: Language = 'en', size: Size = 'desktop') {
    const [context, page] = await chrome.open(language, size, { hasTouch: size === 'phone' });
    await page.goto(`${hub.url}/${hash}`);
    return [context, page] as const;
  }

  const trends = (points: readonly string[], more: string) =>
    `#/trends?points=${encodeURIComponent(points.join(','))}&${more}`;
  const span = (from: number, to: number) => `from=${Math.round(from)}&to=${Math.round(to)}`;
  const notes = (page: Page) => page.locator('[data-panel="°C"] .notes');
  const shown = async (page: Page) => {
    const query = new URLSearchParams((await page.evaluate(() => location.hash)).split('?')[1]);
    return { from: Number(query.get('from')), to: Number(query.get('to')), range: query.get('range') };
  };
  const until = async (ready: () => Promise<boolean>, what: string) => {
    for (let tries = 0; !(await ready()); tries++) {
      if (tries > 600) throw new Error(`not in time: ${what}`);
      await pause(50);
    }
  };

  test('one spike of a second among 2.6 million readings is seen, and found by zooming', {
    timeout: 60_000,
  }, async () => {
    const [context, page] = await open(trends([TEMPERATURE], 'range=30d'));
    await notes(page).getByText(WORDS.en.minutes).waitFor();
    const over = page.locator('[data-panel="°C"] .u-over');
    const box = (await over.boundingBox()) as { x: number; y: number; width: number; height: number };
    const share = 1 - (Date.now() - month.spike) / (30 * 24 * HOUR);
    const seen: string[] = [];
    for (let px = -3; px <= 3; px++) {
      await page.mouse.move(box.x + share * box.width + px, box.y + 30);
      await pause(40);
      seen.push((await page.locator('.tip').textContent()) ?? '');
    }
    expect(seen.join()).toContain('to 60.0');
    await page.goto(`${hub.url}/${trends([TEMPERATURE], span(month.spike - 60_000, month.spike + 60_000))}`);
    await notes(page).getByText(WORDS.en.every).waitFor();
    await page.locator('.trends-table summary').click();
    await page.getByRole('cell', { name: '60.0', exact: true }).waitFor();
    await context.close();
  });

  test('box, wheel, keys and double click; the cursor and its words are the same in all charts', {
    timeout: 60_000,
  }, async () => {
    const [from, to] = [month.end - 2 * HOUR, month.end - HOUR];
    const [context, page] = await open(trends([TEMPERATURE, POWER], span(from, to)));
    await notes(page).getByText(WORDS.en.every).or(notes(page).getByText('from readings')).first().waitFor();
    const over = page.locator('[data-panel="°C"] .u-over');
    const box = (await over.boundingBox()) as { x: number; y: number; width: number; height: number };
    const at = (share: number) => [box.x + share * box.width, box.y + box.height / 2] as const;

    await until(async () => {
      await page.mouse.move(...at(0.49));
      await page.mouse.move(...at(0.5));
      const tip = page.locator('.tip');
      return (await tip.count()) === 1 && /Temperature.*°C.*ago.*Power.*kW/s.test((await tip.textContent()) ?? '');
    }, 'the words of both charts');
    for (const panel of ['°C', 'kW']) {
      const line = page.locator(`[data-panel="${panel}"] .u-cursor-x`);
      expect((await line.boundingBox())?.x, panel).toBeCloseTo(box.x + box.width / 2, -1);
    }

    await page.mouse.move(...at(0.25));
    await page.mouse.down();
    await page.mouse.move(...at(0.75), { steps: 4 });
    await page.mouse.up();
    await until(async () => Math.abs((await shown(page)).from - (from + HOUR / 4)) < 60_000, 'the box is what is seen');
    expect((await shown(page)).to).toBeCloseTo(to - HOUR / 4, -5);

    await page.mouse.dblclick(...at(0.5));
    await until(async () => Math.abs((await shown(page)).from - from) < 2000, 'a double click goes back');

    await page.mouse.wheel(0, -100);
    await until(async () => (await shown(page)).to - (await shown(page)).from < 0.9 * HOUR, 'the wheel zooms');
    const zoomed = await shown(page);
    expect((zoomed.from + zoomed.to) / 2, 'at the cursor').toBeCloseTo((from + to) / 2, -5);

    await page.locator('[data-panel="°C"] .plot').focus();
    await page.keyboard.press('ArrowLeft');
    await until(async () => (await shown(page)).from < zoomed.from, 'a key moves');
    await page.keyboard.down('Shift');
    const before = await shown(page);
    await page.mouse.move(...at(0.4));
    await page.mouse.down();
    await page.mouse.move(...at(0.6), { steps: 4 });
    await page.mouse.up();
    await page.keyboard.up('Shift');
    await until(async () => (await shown(page)).from < before.from, 'shift and drag moves');
    expect((await shown(page)).to - (await shown(page)).from).toBeCloseTo(before.to - before.from, -3);
    await page.keyboard.press('Home');
    await until(async () => (await shown(page)).from === 0, 'Home is now');
    await context.close();
  });

  test('compared with yesterday; files and the table hold what is seen; points come and go', {
    timeout: 60_000,
  }, async () => {
    const [context, page] = await open(trends([POWER], 'range=24h'));
    await page.locator('[data-panel="kW"]').waitFor();
    const asked = page.waitForRequest((request) => {
      const query = new URL(request.url()).searchParams;
      return request.url().includes('/readings?') && Number(query.get('to')) < month.end - 20 * HOUR;
    });
    await page.getByLabel('Compare with').selectOption('yesterday');
    await asked;
    const over = page.locator('[data-panel="kW"] .u-over');
    const box = (await over.boundingBox()) as { x: number; y: number; width: number; height: number };
    await page.mouse.move(box.x + box.width / 2, box.y + 20);
    await until(
      async () => /compared: \d/.test((await page.locator('.tip').textContent()) ?? ''),
      'what was yesterday',
    );

    await page.locator('#search').fill('running');
    await page.locator('.picker li button').first().click();
    await page.locator(`[data-chosen="${RUNNING}"]`).waitFor();
    expect(await page.locator('.panel').count()).toBe(2);
    for (const format of ['csv', 'xlsx']) {
      const link = await page.locator(`.trends-files a[href*="format=${format}"]`).getAttribute('href');
      const file = await fetch(`${hub.url}${link}`);
      expect([file.status, (await file.arrayBuffer()).byteLength > 1000]).toEqual([200, true]);
    }
    await page
      .getByRole('button', { name: 'Remove aisle' })
      .or(page.getByRole('button', { name: /Remove.*Power/ }))
      .click();
    await until(async () => (await page.locator('.panel').count()) === 1, 'the point is gone');
    await context.close();
  });

  test('a view is kept under a name, opened by others, and not overwritten unseen', { timeout: 60_000 }, async () => {
    const [context, page] = await open(trends([TEMPERATURE, POWER], 'range=7d&compare=last-week'));
    await page.locator('.saved input').fill('Week of the aisle');
    await page.getByRole('button', { name: 'Save this view' }).click();
    await page.locator('.saved').getByText('Saved', { exact: true }).waitFor();

    const [other, second] = await open('#/trends');
    await second.locator('.saved select').selectOption({ label: 'Week of the aisle' });
    await second.locator(`[data-chosen="${POWER}"]`).waitFor();
    expect(await second.evaluate(() => location.hash)).toContain('compare=last-week');
    await second.locator(`[data-chosen="${POWER}"] button`).click();
    await second.getByRole('button', { name: /Save over/ }).click();
    await second.locator('.saved').getByText('Saved', { exact: true }).waitFor();

    await page.getByRole('button', { name: /Save over/ }).click();
    await page.locator('.saved').getByText('Somebody else has changed').waitFor();
    await other.close();
    await context.close();
  });

  describe.each(LANGUAGES)('in %s', (language) => {
    const words = WORDS[language];

    test('gap, bad values, late ones and the alarm are told; the alarm opens', { timeout: 60_000 }, async () => {
      const [context, page] = await open(trends([TEMPERATURE], 'range=24h'), language);
      for (const word of [words.gaps, words.bad, words.late]) await notes(page).getByText(word).waitFor();
      const episode = page.locator('.episode');
      expect(await episode.textContent()).toContain(words.alarm);
      await episode.click();
      await page.waitForURL(/#\/alarms/);
      expect(await page.locator('[data-alarm]').textContent()).toContain(words.alarm);
      await context.close();
    });

    test.each(Object.keys(SIZES) as Size[])('all can be read and reached: %s', { timeout: 90_000 }, async (size) => {
      const seen = {
        trends: trends([TEMPERATURE, POWER, RUNNING], 'range=24h&compare=yesterday'),
        energy: '#/energy',
      };
      const wanted = { trends: '.episode', energy: '.peaks tbody tr' };
      for (const name of ['trends', 'energy'] as const) {
        const [context, page] = await open(seen[name], language, size);
        await page.locator(wanted[name]).first().waitFor();
        expect(await problemsOf(page, size), name).toEqual([]);
        await shoot(page, `${name}-${size}-${language}`);
        await context.close();
      }
    });
  });

  test('energy: the day, the week by hour and the peaks agree with what was metered', { timeout: 60_000 }, async () => {
    const [context, page] = await open('#/energy');
    await page.locator('.peaks tbody tr').first().waitFor();
    const peaks = (await page.locator('.peaks tbody tr td:nth-child(3)').allTextContents()).map(Number);
    expect(peaks).toHaveLength(10);
    // The sine's top, and the mean of the saw on it.
    expect(peaks[0]).toBeGreaterThan(49);
    expect(peaks[0]).toBeLessThan(52.5);
    expect(peaks).toEqual([...peaks].sort((a, b) => b - a));
    expect(await page.locator('.peaks tbody tr').first().textContent()).toContain('over');
    await page.getByRole('button', { name: 'Day before' }).click();
    await until(async () => (await page.locator('.heat .heat-cell').count()) > 0, 'the week');
    const hours = await page
      .locator('.heat g[data-kw]')
      .evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute('data-kw'))));
    expect(Math.max(...hours)).toBeLessThan(52.5);
    expect(Math.min(...hours)).toBeGreaterThan(30);
    await page.locator('.totals').getByRole('button', { name: 'Month' }).click();
    await until(
      async () => Number((await page.locator('.totals strong').first().textContent())?.replace(/\D/g, '')) > 20_000,
      'the month',
    );
    await context.close();
  });

  test('without an error in the browser', () => {
    expect(chrome.complaints).toEqual([]);
  });
});
