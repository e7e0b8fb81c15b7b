import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FLOOR_TIME } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import { runAll } from '../../core/service.ts';
import { EdgeClock } from '../../gateway/edge-clock.ts';
import { LearntStore } from '../../gateway/poll/learnt-store.ts';
import { Polling } from '../../gateway/poll/polling.ts';
import { channelAt } from '../devices/far-end.ts';
import { livedClock } from '../support/lived-clock.ts';
import { deviceWith } from '../support/poll-line.ts';
import { useChannels } from '../support/use-channels.ts';

const { far } = useChannels();

test('lines begin one after the other: not all of a plant is due in the same millisecond', async () => {
  const first: number[] = [];
  const names = ['a', 'b', 'c', 'd'];
  const ends = await Promise.all(
    names.map((_, line) => far((socket) => socket.once('data', () => (first[line] = livedClock.ticks())))),
  );
  const plant = {
    channels: names.map((name, i) => channelAt(ends[i]?.port ?? '', { name, driver: 'modbus-tcp' })),
    devices: names.map((name, i) => ({ ...deviceWith(i + 1, [0], 10_000), channel: name })),
  };
  const sink = { answers: () => {}, fault: () => {}, away: () => {} };
  const polling = new Polling({
    ...{ plant, timezone: 'UTC', sink, learnt: new Map(), log: quietLog },
    clock: new EdgeClock(livedClock, FLOOR_TIME),
    store: new LearntStore(mkdtempSync(join(tmpdir(), 'sluice-slots-')), quietLog),
  });
  const stopping = new AbortController();
  const running = runAll([polling], stopping.signal, { clock: livedClock, log: quietLog });
  await expect.poll(() => first.filter((at) => at > 0).length, { timeout: 5000 }).toBe(names.length);
  stopping.abort();
  await running;
  const apart = first.slice(1).map((at, i) => at - (first[i] as number));
  for (const ms of apart) expect(ms).toBeGreaterThan(100);
  expect((first.at(-1) as number) - (first[0] as number)).toBeLessThan(1500);
});
