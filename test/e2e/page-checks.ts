import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { comesToRest } from './page-rest.ts';
import type { Size } from './test-browser.ts';

/** The least side of a target on a phone. */
const FINGER_PX = 44;

/**
 * Texts that cannot be read whole, in words for a person: cut off by their box, lying on one another, or reaching beyond the page.
 * For any page of the hub, at any size.
 */
function findUnreadable(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    // What is out of sight has no place yet: for this look all of it is laid out.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('* { content-visibility: visible !important }');
    document.adoptedStyleSheets = [sheet];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth + 1)
      found.push(`the page is ${root.scrollWidth - root.clientWidth} px too wide`);
    const texts: { text: string; owner: Element; box: DOMRect }[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const owner = node.parentElement;
      const text = node.textContent?.trim() ?? '';
      if (!owner || text === '' || owner.closest('.hidden, .skip, script, option, canvas, noscript')) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) if (box.width > 0 && box.height > 0) texts.push({ text, owner, box });
    }
    // What a box cuts off is said whole by its title, or it is unreadable.
    const whole = texts.filter(({ text, owner, box }) => {
      for (let frame: Element | null = owner; frame && frame !== document.body; frame = frame.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(frame);
        const edge = frame.getBoundingClientRect();
        const isCutX = overflowX === 'hidden' && (box.right > edge.right + 1 || box.left < edge.left - 1);
        const isCutY = overflowY === 'hidden' && (box.bottom > edge.bottom + 2 || box.top < edge.top - 2);
        if ((isCutX || isCutY) && !frame.hasAttribute('title')) found.push(`cut off: ${text}`);
        if (isCutX || isCutY) return false;
        // What can be scrolled can be read.
        if (overflowX !== 'visible' || overflowY !== 'visible') return overflowX === 'hidden';
      }
      return true;
    });
    // What floats over the page on purpose may cover it: each such layer is compared with itself only.
    const layerOf = (element: Element): Element | null => {
      for (let each: Element | null = element; each; each = each.parentElement) {
        const { position } = getComputedStyle(each);
        if (position === 'fixed' || position === 'sticky' || each.tagName === 'DIALOG') return each;
      }
      return null;
    };
    const layers = whole.map(({ owner }) => layerOf(owner));
    whole.forEach((a, index) => {
      whole.slice(index + 1).forEach((b, offset) => {
        if (layers[index] !== layers[index + 1 + offset]) return;
        const wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
        const high = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
        if (wide > 2 && high > 5) found.push(`on one another: ${a.text} / ${b.text}`);
      });
    });
    return [...new Set(found)];
  });
}

/** Targets that a finger misses, on a phone. */
function findSmallTargets(page: Page, least: number): Promise<string[]> {
  return page.evaluate((px) => {
    const found: string[] = [];
    for (const element of document.querySelectorAll('button, select, input:not([type=checkbox]), nav a')) {
      const { width, height } = element.getBoundingClientRect();
      if (width === 0 || element.closest('.skip, .hidden')) continue;
      if (Math.min(width, height) < px - 0.5)
        found.push(`${Math.round(width)}x${Math.round(height)}: ${element.textContent}`);
    }
    return found;
  }, least);
}

/** What the rules of WCAG 2.2 A and AA find, as far as a program can. */
async function findBarriers(page: Page): Promise<string[]> {
  // Half a megabyte: what goes to another part of the same document still has it.
  if (!(await page.evaluate('"axe" in globalThis'))) {
    const file = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
    await page.evaluate(readFileSync(file, 'utf8'));
  }
  const violations = (await page.evaluate(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] })
      .then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html, any }) => html.slice(0, 200) + ' ' + (any[0]?.message ?? '')) })))`,
  )) as { id: string; nodes: string[] }[];
  return violations.flatMap(({ id, nodes }) => nodes.map((html) => `${id}: ${html}`));
}

/** All of it, once the page has come to rest: what cannot be read, what keeps somebody out, and on a phone what a finger misses. */
export async function problemsOf(page: Page, size: Size = 'desktop'): Promise<string[]> {
  await comesToRest(page);
  const found = [...(await findUnreadable(page)), ...(await findBarriers(page))];
  return size === 'phone' ? [...found, ...(await findSmallTargets(page, FINGER_PX))] : found;
}

/** For looking at: with SLUICE_SHOTS=folder each page is kept as a picture. */
export async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env.SLUICE_SHOTS;
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`) });
}
