import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { good } from '../../core/reading.ts';
import { LiveFeed } from '../../monitor/live-feed.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { catalogue, column, entry, Journal, T0 } from './support/batches.ts';
import { startHub, type TestHub } from './support/hub.ts';

const POINTS = 2000;
const BROWSERS = 50;

let hub: TestHub;
let journal: Journal;
let clock: FakeClock;
const sockets: Socket[] = [];

beforeEach(async () => {
  clock = new FakeClock(T0);
  hub = await startHub({ clock });
  journal = new Journal();
  const points = Array.from({ length: POINTS }, (_, i) => entry(i, 'device-with-a-name', `point-${i}`));
  await hub.archive.append([journal.batch([journal.publish(catalogue(points))])]);
  await hub.server.listen({ port: 0, host: '127.0.0.1' });
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await hub.stop();
});

/** Asks for the stream over a socket that is never read beyond its own small buffers. */
function openStream(lastId?: string): Socket {
  const { port } = hub.server.server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1' });
  sockets.push(socket);
  const more = lastId === undefined ? '' : `last-event-id: ${lastId}\r\n`;
  socket.write(
    `GET /api/v1/stream HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${hub.keys.viewer}\r\n${more}\r\n`,
  );
  return socket;
}

async function storeRound(round: number): Promise<number> {
  const began = performance.now();
  const at = T0 + round * 1000;
  const frames = [journal.readings(Array.from({ length: POINTS }, (_, i) => column(i, [[at, good(round)]])))];
  await hub.archive.append([journal.batch(frames)]);
  hub.observer.onFrames(journal.gateway, frames);
  await clock.advance(250);
  return performance.now() - began;
}

test('fifty browsers that do not read are cut off, cost little memory, and hold up nothing', async () => {
  const alone: number[] = [];
  for (let round = 0; round < 10; round++) alone.push(await storeRound(round));
  const slow = Array.from({ length: BROWSERS }, () => openStream());
  for (const socket of slow) socket.pause().on('error', () => {});
  await expect.poll(() => hub.feed.listeners).toBe(BROWSERS);
  const before = process.memoryUsage().rss;
  let most = 0;
  const times: number[] = [];
  for (let round = 10; round < 60; round++) {
    times.push(await storeRound(round));
    most = Math.max(most, process.memoryUsage().rss);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await expect.poll(() => hub.feed.listeners).toBe(0);
  const middle = (all: number[]) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
  // Each could hold 4 MiB of its own: 200 in all.
  console.log(
    `${((most - before) / 2 ** 20).toFixed()} MiB more; a round ${middle(alone).toFixed()} → ${middle(times).toFixed()} ms`,
  );
  expect((most - before) / 2 ** 20).toBeLessThan(150);
  expect(middle(times)).toBeLessThan(middle(alone) * 4 + 50);
}, 60_000);

test('who comes back with too much behind it starts anew instead of being cut off again', async () => {
  await storeRound(0);
  const position = hub.feed.position;
  for (let round = 1; round < 20; round++) await storeRound(round);
  const read = async (lastId: string) => {
    const socket = openStream(lastId);
    let text = '';
    for await (const part of socket) {
      text += String(part);
      if (/event: (hello|reset)\n/.test(text)) break;
    }
    return /event: (\w+)/.exec(text)?.[1];
  };
  expect(await read(position)).toBe('reset');
  const late = hub.feed.position;
  await storeRound(20);
  expect(await read(late)).toBe('hello');
});

test('the memory of what was sent is bounded in messages and in readings', async () => {
  const feed = new LiveFeed(clock);
  const first = feed.position;
  const tell = async (count: number) => {
    for (let i = 0; i < count; i++) feed.reading({ point: `p${i}`, at: T0, value: 1, quality: 'good' });
    await clock.advance(250);
  };
  await tell(60_000);
  expect(feed.since(first)).toHaveLength(1);
  await tell(60_000);
  expect(feed.since(first)).toBeUndefined();
  const position = feed.position;
  for (let i = 0; i < 1000; i++) await tell(1);
  expect(feed.since(position)).toHaveLength(1000);
  await tell(1);
  expect(feed.since(position)).toBeUndefined();
});
