import { expect, test } from 'vitest';
import { Fault } from '../../../core/faults.ts';
import { DataFeed } from '../../../gateway/kubeedge/data-feed.ts';
import type { Stand } from '../../../gateway/kubeedge/report-queue.ts';
import { FakeClock } from '../../support/fake-clock.ts';

test('a value that could not be published follows, and all of them after the broker was away', async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const stands: Stand[] = [
    { id: 'default/a', state: 'online', twins: [{ property: 'x', desired: '', reported: '1' }] },
  ];
  const published: string[] = [];
  let fails = true;
  let opened = () => {};
  const broker = {
    isOpen: () => true,
    onOpen: (listener: () => void) => {
      opened = listener;
    },
    publish: async (_: string, payload: string) => {
      if (fails) throw new Fault('edge-broker');
      published.push(JSON.parse(payload).data.x.value);
    },
  };
  const running = new DataFeed(broker, () => stands, clock).run(stop.signal);
  await clock.advance(500);
  expect(published).toEqual([]);
  fails = false;
  await clock.advance(3000);
  expect(published).toEqual(['1']);
  opened();
  await clock.advance(2000);
  expect(published).toEqual(['1', '1']);
  stop.abort();
  await running;
});
