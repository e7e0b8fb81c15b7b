import { afterAll, beforeAll, expect, test } from 'vitest';
import { good } from '../../core/reading.ts';
import { catalogue, column, entry, Journal, T0 } from './support/batches.ts';
import { startHub, type TestHub } from './support/hub.ts';

let hub: TestHub;

beforeAll(async () => {
  hub = await startHub();
  const journal = new Journal();
  const values = column(0, [
    [T0, good(20)],
    [T0 + 61_000, good(26)],
  ]);
  const frames = [journal.publish(catalogue([entry(0, 'boiler', 'temp')])), journal.readings([values])];
  await hub.archive.append([journal.batch(frames)]);
  hub.observer.onFrames('plant-1', frames);
});

afterAll(() => hub.stop());

const json = async (url: string) => (await hub.get(url)).json();

test('without from and to: the last day', async () => {
  const { rows } = await json('/api/v1/readings?point=plant-1/boiler/temp');
  expect(rows).toHaveLength(0);
  expect((await json(`/api/v1/readings?point=plant-1/boiler/temp&to=${T0 + 500}`)).rows).toEqual([[T0, 20, 'good']]);
  expect((await json(`/api/v1/readings?point=plant-1/boiler/temp&from=${T0 + 60_500}`)).rows).toHaveLength(1);
});

test('what is missing, and what is planned, is said so', async () => {
  expect((await json('/api/v1/readings')).detail).toBe('query.point: is missing');
  for (const path of ['prometheus/api/v1/query']) {
    expect(await json(`/api/v1/${path}`)).toMatchObject({ status: 404, detail: expect.stringMatching(/is planned/) });
  }
  expect((await json('/api/v1/alarmsx')).detail).toBe('/api/v1/alarmsx');
});
