import { afterAll, beforeAll, expect, test } from 'vitest';
import { archiveFile } from '../../monitor/parts.ts';
import { HeldUp } from '../support/held-up.ts';
import { FLAWLESS, judge } from './oracle.ts';
import { oraclePlant } from './oracle-plant.ts';
import { getJson, pause, Site } from './site.ts';

const CUT_MS = 60_000;
/** `sync.md`: live values are at most this old once the link is back. */
const FRESH_WITHIN_MS = 2000;
/** The longest wait between two attempts to reach the hub. */
const LONGEST_WAIT_S = 5;

interface GatewayStatus {
  readonly link: { readonly link: string };
  readonly journal: { readonly epochs: readonly { readonly next: number; readonly confirmed: number }[] };
}

const plant = oraclePlant(100, '100ms');
let site: Site;

beforeAll(async () => {
  site = await Site.start({ plant: plant.yaml, values: 'oracle', retryWithin: `${LONGEST_WAIT_S}s` });
});
afterAll(() => site?.stop());

const status = () => getJson<GatewayStatus>(`${site.gatewayUrl}/api/v1/status`);

async function backlog(): Promise<number> {
  const { journal } = await status();
  return journal.epochs.reduce((sum, { next, confirmed }) => sum + next - confirmed, 0);
}

/** Since `since`: how many points have a newer value at the hub? */
async function newerThan(since: number): Promise<number> {
  return [...(await site.latest()).values()].filter(({ at, quality }) => quality === 'good' && at > since).length;
}

test('a link cut for a minute under load: nothing lost, and live values come first', { timeout: 240_000 }, async () => {
  const points = plant.pointOf.size;
  await site.until(async () => (await newerThan(0)) === points, 'values at the hub');
  expect(await site.shown()).toMatchObject({ state: 'online' });

  const cutAt = Date.now();
  site.link.cut();
  await site.until(async () => (await site.shown()).state === 'offline', 'the hub shows the gateway offline');
  await pause(CUT_MS / 2);
  const half = await backlog();
  await pause(Math.max(0, cutAt + CUT_MS - Date.now()));
  const whole = await backlog();
  expect(half).toBeGreaterThan(points * 50);
  expect(whole).toBeGreaterThan(half * 1.5);
  expect((await status()).link.link).not.toBe('welcomed');
  expect(await newerThan(cutAt + 1000), 'nothing can have come through').toBe(0);

  const sessions = () => site.hub.lines.filter((line) => line.includes('"msg":"session"'));
  const before = sessions().length;
  const heldUp = new HeldUp();
  site.link.restore();
  const restoredAt = Date.now();
  await site.until(() => sessions().length > before, 'the gateway is welcomed again', LONGEST_WAIT_S * 1000 + 20_000);
  // By the hub's own time: a machine on which other tests run may let us hear of it late.
  const { time: welcomedAt } = JSON.parse(sessions().at(-1) as string) as { time: number };
  await site.until(async () => (await newerThan(welcomedAt - FRESH_WITHIN_MS)) === points, 'live values at the hub');
  const freshAt = Date.now();
  const freshAfter = freshAt - welcomedAt - heldUp.within(welcomedAt, freshAt);
  heldUp.stop();
  await site.until(async () => (await backlog()) < 10 * points, 'the backlog is gone', 60_000);
  const drainedAfter = Date.now() - welcomedAt;
  await site.until(async () => (await site.shown()).state === 'online', 'the hub shows the gateway online');

  const journalled = await site.drain();
  await site.gateway.kill();
  expect(await site.hub.kill()).toBe(0);
  const verdict = await judge(archiveFile(site.hubDir), journalled, plant.pointOf);
  const times = {
    backlog: whole,
    reconnectMs: welcomedAt - restoredAt,
    freshAfterMs: freshAfter,
    drainedAfterMs: drainedAfter,
  };
  console.log(`link cut for ${CUT_MS / 1000} s: ${JSON.stringify({ ...verdict, ...times })}`);
  expect(verdict).toMatchObject({ ...FLAWLESS, stored: verdict.journalled });
  expect(freshAfter).toBeLessThan(FRESH_WITHIN_MS);
});
