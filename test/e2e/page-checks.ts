import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

/**
 * Texts that cannot be read whole, in words for a person: cut off by their box, lying on one another, or reaching beyond the page.
 * For any page of the hub, at any size.
 */
export function findUnreadable(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
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
export function findSmallTargets(page: Page, least: number): Promise<string[]> {
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
export async function findBarriers(page: Page): Promise<string[]> {
  const file = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  await page.evaluate(readFileSync(file, 'utf8'));
  const violations = (await page.evaluate(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] })
      .then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html, any }) => html.slice(0, 200) + ' ' + (any[0]?.message ?? '')) })))`,
  )) as { id: string; nodes: string[] }[];
  return violations.flatMap(({ id, nodes }) => nodes.map((html) => `${id}: ${html}`));
}
