import type { Page, Request } from 'playwright-core';
import { pause } from './site.ts';

/** So long nothing may come or go before a page counts as at rest, milliseconds. */
const QUIET_MS = 100;
/** So long a page may wait for its answers, milliseconds. */
const ANSWERS_WITHIN_MS = 30_000;
/** What never rests is looked at as it is, so long after its answers, milliseconds. */
const PATIENCE_MS = 5000;

const asked = new WeakMap<Page, Set<Request>>();

/** From now on it is known what the page still waits for. A stream of events, which never ends, does not count. */
export function followRequests(page: Page): void {
  const open = new Set<Request>();
  asked.set(page, open);
  page.on('request', (request) => {
    if (request.resourceType() !== 'eventsource') open.add(request);
  });
  page.on('requestfinished', (request) => open.delete(request));
  page.on('requestfailed', (request) => open.delete(request));
}

/** Until the page has its answers, fonts and elements, and nothing moves that will stop. */
export async function comesToRest(page: Page): Promise<void> {
  const open = asked.get(page);
  if (open === undefined) throw new TypeError('its requests are not followed');
  const end = performance.now() + ANSWERS_WITHIN_MS;
  do {
    while (open.size > 0 && performance.now() < end) await pause(20);
    await page.evaluate(becomesQuiet, { quietMs: QUIET_MS, mostMs: PATIENCE_MS });
  } while (open.size > 0 && performance.now() < end);
}

/** In the page: values that change are texts; what loads or opens comes as elements. */
async function becomesQuiet({ quietMs, mostMs }: { quietMs: number; mostMs: number }): Promise<void> {
  const end = performance.now() + mostMs;
  let changedAt = performance.now();
  const changes = new MutationObserver((found) => {
    const nodes = found.flatMap(({ addedNodes, removedNodes }) => [...addedNodes, ...removedNodes]);
    if (nodes.some((node) => node instanceof Element)) changedAt = performance.now();
  });
  changes.observe(document.body, { subtree: true, childList: true });
  const moves = () =>
    document.getAnimations().some(({ playState, effect }) => {
      return playState === 'running' && effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY;
    });
  const isQuiet = () => performance.now() - changedAt >= quietMs && document.fonts.status === 'loaded' && !moves();
  while (!isQuiet() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  changes.disconnect();
}
