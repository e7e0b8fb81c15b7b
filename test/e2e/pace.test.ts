import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/tools.ts';
import { pause, Site } from './site.ts';
import { TestBrowser } from './test-browser.ts';

/** Numbers of issue 6. */
const POINTS = 2000;
const INTERACTIVE_WITHIN_MS = 1500;
const PIXELS_WITHIN_MS = 2000;
const LONGEST_TASK_MS = 50;
const WATCHED_MS = 60_000;
const INTERVAL_MS = 1000;

/** A phone of some years ago on a mobile network, as WebPageTest has its 4G: 9 Mbit/s, 170 ms there and back. */
const MOBILE = { offline: false, downloadThroughput: 9e6 / 8, uploadThroughput: 9e6 / 8, latency: 170 };
/** A phone is as slow as it is, also where this machine is slower or busier than the one whose figures are in docs/performance.md. */
const SLOWER = 4;
const ROUNDS_PER_MS = 85;

const DEVICES = 40;
const PLANT = `channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc, timeout: 1s }
devices:
${Array.from({ length: DEVICES }, (_, device) => deviceYaml(device + 1, POINTS / DEVICES)).join('\n')}
`;

describeWith('chromium', `the page with ${POINTS} live points`, () => {
  let site: Site;
  let chrome: TestBrowser;

  beforeAll(async () => {
    // The default commit interval: how old a value is on the screen hangs on it.
    site = await Site.start({ plant: PLANT, values: 'oracle', journal: '1s' });
    chrome = await TestBrowser.start();
    await site.until(async () => (await site.latest()).size >= POINTS, 'all points at the hub');
  }, 120_000);
  afterAll(async () => {
    await chrome?.stop();
    await site?.stop();
  });

  test('the overview can be used 1.5 s after it was asked for, on a slow phone on a mobile network', {
    timeout: 120_000,
  }, async () => {
    const [times, rates]: [number[], number[]] = [[], []];
    for (let round = 0; round < 5; round++) {
      const [context, page] = await chrome.open('ko', 'phone');
      const devtools = await context.newCDPSession(page);
      await devtools.send('Network.enable');
      await devtools.send('Network.emulateNetworkConditions', MOBILE);
      const rate = Math.max(1, (SLOWER * (await page.evaluate(roundsPerMs))) / ROUNDS_PER_MS);
      await devtools.send('Emulation.setCPUThrottlingRate', { rate });
      rates.push(rate);
      await page.addInitScript(noteUsable);
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.goto(site.url);
      times.push(await page.evaluate(() => (globalThis as unknown as { usable: Promise<number> }).usable));
      const ahead = await page
        .locator('link[as=fetch]')
        .evaluateAll((links) => links.map((link) => (link as HTMLLinkElement).href));
      expect(ahead.length).toBeGreaterThan(0);
      const again = ahead.filter((url) => asked.filter((each) => each === url).length !== 1);
      expect(again, 'asked ahead, and not once more').toEqual([]);
      await context.close();
    }
    console.log(
      `overview usable after ${times.map((ms) => ms.toFixed(0)).join(', ')} ms, slowed ${rates.map((rate) => rate.toFixed(1)).join(', ')} times`,
    );
    // The middle of five: what else the machine does is not the page's.
    expect(times.sort((a, b) => a - b)[2]).toBeLessThanOrEqual(INTERACTIVE_WITHIN_MS);
  });

  test('no task holds the page up, and values are fresh, for a minute', { timeout: 180_000 }, async () => {
    const [context, page] = await chrome.open('ko', 'desktop');
    await page.goto(`${site.url}/#/points`);
    await page.locator('[data-point]').first().waitFor();
    await pause(3000);
    const shown = await page.locator('[data-point]').count();
    await chrome.browser.startTracing(page, { categories: ['toplevel'] });
    await page.evaluate(watch, WATCHED_MS);
    const longest = longestTask((await chrome.browser.stopTracing()).toString());
    // Reckoned when the trace is over: a hundred thousand ages are a long task of their own, and none of the page's.
    const ages = (await page.evaluate(() => (globalThis as unknown as Watched).ages())).sort((a, b) => a - b);
    const share = (of: number) => ages[Math.min(ages.length - 1, Math.floor(ages.length * of))] ?? Number.NaN;
    console.log(
      `${shown} rows, ${ages.length} changes; longest task ${longest.cpuMs.toFixed(0)} ms of CPU, ${longest.wallMs.toFixed(0)} ms by the clock; ` +
        `from reading to pixels p50 ${share(0.5).toFixed(0)}, p99 ${share(0.99).toFixed(0)} ms`,
    );
    // Of the processor: what another process takes meanwhile is not the page's.
    expect(longest.cpuMs).toBeLessThanOrEqual(LONGEST_TASK_MS);
    expect(ages.length).toBeGreaterThan((shown * WATCHED_MS * 0.9) / INTERVAL_MS);
    // What changes at the sensor waits for its poll first, any part of the interval.
    const fromSensor = ages.flatMap((age) =>
      [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95].map((part) => age + part * INTERVAL_MS),
    );
    fromSensor.sort((a, b) => a - b);
    const p99 = fromSensor[Math.floor(fromSensor.length * 0.99)] ?? Number.NaN;
    console.log(`from a change at the sensor to pixels p99 ${p99.toFixed(0)} ms`);
    expect(p99).toBeLessThanOrEqual(PIXELS_WITHIN_MS);
    await context.close();
  });
});

function deviceYaml(unit: number, points: number): string {
  const point = (at: number) => `      p${at}: { unit: W, address: { table: holding, register: ${at}, type: uint16 } }`;
  const own = Array.from({ length: points }, (_, at) => point(at)).join('\n');
  return `  - name: d${unit}\n    channel: tcp-plc\n    unitId: ${unit}\n    every: ${INTERVAL_MS}ms\n    points:\n${own}`;
}

/** In the page: what this machine does just now, in texts taken apart and put together; the best of five tenths of a second. */
function roundsPerMs(): number {
  const [TIMES, FOR_MS, LETTERS] = [5, 100, 1000];
  const all = Array.from({ length: TIMES }, () => {
    const until = performance.now() + FOR_MS;
    let rounds = 0;
    for (; performance.now() < until; rounds++) {
      let text = '';
      for (let at = 0; at < LETTERS; at++) text += String.fromCharCode(97 + ((at * 7) % 26));
      JSON.parse(JSON.stringify({ text, list: text.split('a') }));
    }
    return rounds / FOR_MS;
  });
  return Math.max(...all);
}

/** In the page, before anything else: when the sites stand on the screen and the main thread answers. */
function noteUsable(): void {
  (globalThis as unknown as { usable: Promise<number> }).usable = new Promise((resolve) => {
    const look = () => {
      if (!document.querySelector('.site .key-point, .site .link, .site')) return requestAnimationFrame(look);
      return requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    };
    requestAnimationFrame(look);
  });
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ph: string;
  readonly args?: { readonly name?: string };
  /** Microseconds by the clock, and of the processor. */
  readonly dur?: number;
  readonly tdur?: number;
}

/** The longest that the page's main thread was busy with one thing. */
function longestTask(trace: string): { cpuMs: number; wallMs: number } {
  const { traceEvents } = JSON.parse(trace) as { traceEvents: TraceEvent[] };
  const named = traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const mains = new Set(named.map(({ pid, tid }) => `${pid}/${tid}`));
  const tasks = traceEvents.filter(({ name, pid, tid }) => name.endsWith('RunTask') && mains.has(`${pid}/${tid}`));
  if (tasks.length === 0) throw new Error('the trace has no tasks');
  const most = (of: 'dur' | 'tdur') => tasks.reduce((longest, task) => Math.max(longest, task[of] ?? 0), 0) / 1000;
  return { cpuMs: most('tdur'), wallMs: most('dur') };
}

interface Watched {
  ages: () => number[];
}

/** In the page: how old each value is in the frame that shows it. */
async function watch(forMs: number): Promise<void> {
  // When each value was read: the oracle gives none twice to a point.
  const readAt = new Map<string, number>();
  const source = new EventSource('/api/v1/stream');
  source.addEventListener('reading', ({ data }) => {
    for (const { point, value, at } of JSON.parse(data)) readAt.set(`${point} ${value}`, at);
  });
  const seenAt = new Map<string, number>();
  const changes = new MutationObserver((found) => {
    const rows = new Set<HTMLElement>();
    for (const { target } of found) {
      const value = (target instanceof Element ? target : target.parentElement)?.closest('.value');
      const row = value?.closest<HTMLElement>('[data-point]');
      if (row) rows.add(row);
    }
    requestAnimationFrame(() => {
      const now = Date.now();
      for (const row of rows) {
        const value = row.querySelector('.value')?.textContent?.replace(/\D/g, '');
        const key = `${row.dataset.point} ${value}`;
        if (!seenAt.has(key)) seenAt.set(key, now);
      }
    });
  });
  changes.observe(document.body, { subtree: true, childList: true, characterData: true });
  await new Promise((resolve) => setTimeout(resolve, forMs));
  changes.disconnect();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  source.close();
  (globalThis as unknown as Watched).ages = () =>
    [...seenAt].flatMap(([key, at]) => {
      const read = readAt.get(key);
      return read === undefined ? [] : [at - read];
    });
}
