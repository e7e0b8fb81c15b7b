import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  findFigures,
  findTotals,
  loadGroup,
  loadTotals,
  problem,
} from '../../../monitor/dashboard/src/pages/energy/energy-source.ts';

const ZONE = 'UTC';
const DAY = Date.UTC(2026, 10, 20);

/** What is under way, by group or span, answered in the order the test likes. */
let underway: { readonly query: URLSearchParams; readonly answer: (answer: Response) => void }[];

beforeEach(() => {
  underway = [];
  vi.stubGlobal('fetch', (url: string) => {
    const { searchParams: query } = new URL(url, 'http://hub');
    return new Promise<Response>((answer) => underway.push({ query, answer }));
  });
});
afterEach(() => vi.unstubAllGlobals());

/** Answers everything asked about a group with rows of that many kWh. */
function answer(group: string | null, kwh: number): void {
  const groups = [{ name: group ?? 'all', title: {}, rows: [[DAY, kwh, 0]], total: kwh, unplaced: 0 }];
  for (const each of underway.filter(({ query }) => query.get('group') === group)) {
    each.answer(Response.json({ timezone: ZONE, groups }));
  }
}
const shown = (group: string) => findFigures(group, DAY, ZONE)?.windows[0]?.[1];

test('figures stand under their own group alone, whichever answer comes last', async () => {
  const main = loadGroup('main', DAY, ZONE);
  const cooling = loadGroup('cooling', DAY, ZONE);
  answer('cooling', 2);
  await cooling;
  answer('main', 1);
  await main;
  expect([shown('cooling'), shown('main')]).toEqual([2, undefined]);
  const again = loadGroup('main', DAY, ZONE);
  expect(shown('main'), 'nothing, while it is asked for').toBeUndefined();
  for (const each of underway) each.answer(Response.json({ code: 'archive-read' }, { status: 503 }));
  await again;
  expect([shown('main'), problem.value]).toEqual([undefined, 'archive-read']);
});

test('so do the totals of a period and a day', async () => {
  const loading = loadTotals('day', DAY, ZONE);
  answer(null, 5);
  await loading;
  expect(findTotals('day', DAY, ZONE)?.groups[0]?.total).toBe(5);
  expect(findTotals('month', DAY, ZONE)).toBeUndefined();
  expect(findTotals('day', DAY + 86_400_000, ZONE)).toBeUndefined();
});
