import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { seeded } from '../support/mutate.ts';
import { getJson, type LatestShown, pause } from './site.ts';
import { type SluiceProcess, showsStack } from './sluice-process.ts';
import { startDemo } from './start-demo.ts';

// The same each time, so that a red run means a change.
const SEED = Number(process.env.SLUICE_SEED ?? 20261121);
/** By then its last process is at work and it has said so. */
const ALL_STARTED_MS = 3500;
const ENDS_WITHIN_MS = 25_000;
const started: SluiceProcess[] = [];

/** In a session of its own, so that whatever it leaves behind can be told by the session. */
async function start(...args: string[]): Promise<{ demo: SluiceProcess; url: string }> {
  const running = await startDemo(args, { detached: true });
  started.push(running.demo);
  return running;
}

/** Processes of the demo's session that are still there, by their command lines. */
function leftBehind(demo: SluiceProcess): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const [, , , session] = readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /, '')
          .split(' ');
        return Number(session) === demo.pid ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')] : [];
      } catch {
        return [];
      }
    });
}

afterEach(async () => {
  for (const demo of started.splice(0)) {
    // Its whole group: what a failed test leaves must not outlive it.
    if (!demo.isOver || leftBehind(demo).length > 0) process.kill(-demo.pid, 'SIGKILL');
    await demo.exited;
  }
});

test('shows values of all three kinds of device, and ends by itself', { timeout: 150_000 }, async () => {
  const { demo, url } = await start('--for', '60s');
  await demo.until((lines) => lines.find((line) => line.includes(url)), 'the address of the page');
  expect(demo.text).toMatch(/o {2}cut the link/);
  const latest = await waitForPoints(
    url,
    RANGES.map(([point]) => point),
  );
  for (const [point, least, most] of RANGES) {
    const { value } = latest.get(`demo-plant/${point}`) as LatestShown;
    expect(value, point).toBeGreaterThan(least);
    expect(value, point).toBeLessThan(most);
  }
  const { demo: isDemo } = await getJson<{ demo: boolean }>(`${url}/api/v1/me`);
  expect(isDemo, 'marked as demo').toBe(true);
  expect(await (await fetch(url)).text(), 'the page').toContain('<div id="app"');

  expect(await demo.exited).toBe(0);
  expect(demo.lines.at(-1)).toMatch(/no process is left behind/);
  expect(leftBehind(demo)).toEqual([]);
  expect(showsStack(demo.text), demo.text).toBe(false);
});

/** Modbus TCP, Modbus RTU, text that is asked for, text that comes by itself. */
const RANGES: readonly [point: string, least: number, most: number][] = [
  ['main-meter/voltage-l1-l2', 350, 450],
  ['light-meter/voltage', 200, 260],
  ['cold-aisle/temperature', 10, 40],
  ['ups-1/output-voltage', 200, 260],
  ['weather/pressure', 950, 1080],
];

async function waitForPoints(url: string, points: readonly string[]): Promise<Map<string, LatestShown>> {
  const end = performance.now() + 45_000;
  const ask = () => getJson<{ latest: LatestShown[] }>(`${url}/api/v1/latest`).catch(() => ({ latest: [] }));
  while (performance.now() < end) {
    const seen = new Map((await ask()).latest.map((each) => [each.point, each]));
    if (points.every((point) => seen.get(`demo-plant/${point}`)?.quality === 'good')) return seen;
    await pause(100);
  }
  throw new Error('not every point has a good value');
}

test(`Ctrl-C at any moment, seed ${SEED}: it ends well and leaves nothing`, { timeout: 120_000 }, async () => {
  const random = seeded(SEED);
  for (let round = 0; round < 4; round++) {
    const { demo } = await start();
    // Node takes its time until anything of ours could heed a signal: then the first child is there.
    while (leftBehind(demo).length < 2) {
      expect(demo.isOver, demo.text).toBe(false);
      await pause(5);
    }
    await pause(ALL_STARTED_MS * random());
    // A terminal sends it to the whole group, a supervisor to the first process alone.
    process.kill(round % 2 === 0 ? -demo.pid : demo.pid, 'SIGINT');
    const ended = await Promise.race([demo.exited, pause(ENDS_WITHIN_MS)]);
    expect(ended, `${leftBehind(demo).join('\n')}\n${demo.text}`).toBe(0);
    expect(leftBehind(demo), demo.text).toEqual([]);
    expect(showsStack(demo.text), demo.text).toBe(false);
  }
});
