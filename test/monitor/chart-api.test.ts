import { afterAll, beforeAll, expect, test } from 'vitest';
import { good } from '../../core/reading.ts';
import { catalogue, column, entry, Journal, T0 } from './support/batches.ts';
import { startHub, type TestHub } from './support/hub.ts';

const MINUTE = 60_000;
let hub: TestHub;

beforeAll(async () => {
  hub = await startHub();
  const journal = new Journal();
  const known = catalogue([entry(0, 'boiler', 'temp'), entry(1, 'boiler', 'flow')]);
  const times = [0, 1, 2, 3, 30, 31].map((minute) => T0 + minute * MINUTE);
  const frames = [
    journal.publish(known),
    journal.readings([
      column(
        0,
        times.map((at) => [at, good(20)]),
      ),
    ]),
  ];
  // Arrives half a minute after the last reading: the first four are late, the last two are not.
  await hub.archive.append([{ ...journal.batch(frames), arrivedAt: T0 + 31.5 * MINUTE }]);
  hub.observer.onFrames('plant-1', frames);
});
afterAll(() => hub.stop());

const json = async (url: string) => (await hub.get(url)).json();

test('what came a minute or more after it was taken is told as spans', async () => {
  const late = (more: string) =>
    json(`/api/v1/readings/late?point=plant-1/boiler/temp&from=${T0}&to=${T0 + 60 * MINUTE}${more}`);
  const arrivedAt = T0 + 31.5 * MINUTE;
  expect(await late('&width=6')).toEqual({
    spans: [
      { from: T0, to: T0 + 3 * MINUTE, arrivedAt },
      { from: T0 + 30 * MINUTE, to: T0 + 30 * MINUTE, arrivedAt },
    ],
  });
  expect((await late('&width=1')).spans).toEqual([{ from: T0, to: T0 + 30 * MINUTE, arrivedAt }]);
  expect(await json(`/api/v1/readings/late?point=plant-1/boiler/flow&from=${T0}&to=${T0 + MINUTE}`)).toEqual({
    spans: [],
  });
  expect((await json('/api/v1/readings/late?point=plant-1/boiler/none')).code).toBe('not-found');
});
