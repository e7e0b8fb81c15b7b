import { afterEach, expect, test, vi } from 'vitest';
import { announceAlarms, announced } from '../../../monitor/dashboard/src/app/announce.ts';
import { knowsAlarms, loadAttention } from '../../../monitor/dashboard/src/data/alarm-store.ts';
import { loadPoints } from '../../../monitor/dashboard/src/data/store.ts';

afterEach(() => vi.unstubAllGlobals());

const alarmsOf = (...ids: string[]) => ({
  alarms: ids.map((id) => ({ id, active: true, acknowledged: false, priority: 'high', rule: id, text: { en: id } })),
});

test('what stood when the page was opened is not told as new, however late the answer; before it nothing is known', async () => {
  let alarms: unknown;
  vi.stubGlobal('fetch', async (url: string) => {
    if (url.endsWith('/devices')) return Response.json({ devices: [] });
    if (url.endsWith('/points')) return Response.json({ now: 0, points: [] });
    return alarms ? Response.json(alarms) : Response.json({ code: 'unavailable' }, { status: 503 });
  });
  const stop = announceAlarms();
  await loadPoints();
  await expect(loadAttention()).rejects.toThrow();
  expect(knowsAlarms.value).toBe(false);
  alarms = alarmsOf('stood');
  await loadAttention();
  expect([knowsAlarms.value, announced.value.polite]).toEqual([true, '']);
  alarms = alarmsOf('stood', 'came');
  await loadAttention();
  expect(announced.value.polite).toContain('came');
  expect(announced.value.polite).not.toContain('stood');
  stop();
});
