import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { bad, good } from '../../core/reading.ts';
import { LiveFeed } from '../../monitor/live-feed.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { catalogue, column, entry, Journal, T0 } from './support/batches.ts';
import { startHub, type TestHub } from './support/hub.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let hub: TestHub;
let journal: Journal;
let base: string;
const opened: AbortController[] = [];

beforeEach(async () => {
  hub = await startHub();
  journal = new Journal();
  await store([journal.publish(catalogue([entry(0, 'd', 'a'), entry(1, 'd', 'b')]))]);
  await hub.server.listen({ port: 0, host: '127.0.0.1' });
  base = `http://127.0.0.1:${(hub.server.server.address() as AddressInfo).port}/api/v1/stream`;
});

afterEach(async () => {
  for (const stop of opened.splice(0)) stop.abort();
  await hub.stop();
});

async function store(frames: Parameters<Journal['batch']>[0]): Promise<void> {
  await hub.archive.append([journal.batch(frames)]);
  hub.observer.onFrames(journal.gateway, frames);
}

interface Message {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** Reads messages over a real socket until `enough` says so. */
async function listen(
  query: string,
  enough: (all: readonly Message[]) => boolean,
  headers: Record<string, string> = {},
): Promise<readonly Message[]> {
  const stop = new AbortController();
  opened.push(stop);
  const response = await fetch(`${base}${query}`, {
    signal: stop.signal,
    headers: { authorization: `Bearer ${hub.keys.viewer}`, ...headers },
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const all: Message[] = [];
  let text = '';
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(part).toString();
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
      if (field('event')) all.push({ id: field('id'), event: field('event'), data: JSON.parse(field('data')) });
    }
    if (enough(all)) break;
  }
  stop.abort();
  return all;
}

async function until(true_: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!true_()) {
    if (performance.now() > end) throw new Error('waited in vain');
    await pause(10);
  }
}

const has = (event: string) => (all: readonly Message[]) => all.some((message) => message.event === event);

test('a stored reading arrives, a fault as a fault', async () => {
  const heard = listen('', has('reading'));
  await until(() => hub.feed.listeners > 0);
  await store([journal.readings([column(0, [[T0, good(5)]]), column(1, [[T0, bad('no-answer')]])])]);
  const reading = (await heard).find(({ event }) => event === 'reading');
  expect(reading?.data).toEqual([
    { point: 'plant-1/d/a', at: T0, value: 5, quality: 'good' },
    { point: 'plant-1/d/b', at: T0, value: null, quality: 'bad', fault: 'no-answer' },
  ]);
});

test('what is new is told within a second, in one message', async () => {
  const clock = new FakeClock();
  const feed = new LiveFeed(clock);
  const told: unknown[] = [];
  feed.listen(({ data }) => told.push(data));
  const readings = ['a', 'b'].map((name) => ({
    point: `plant-1/d/${name}`,
    at: T0,
    value: 5,
    quality: 'good' as const,
  }));
  for (const reading of readings) feed.reading(reading);
  await clock.advance(1000);
  expect(told).toEqual([readings]);
});

test('older readings that arrive late are told as a filled span and do not change the newest', async () => {
  await store([journal.readings([column(0, [[T0 + 60_000, good(9)]])])]);
  hub.observer.onLive('plant-1', { catalogue: 1, values: [[0, T0 + 90_000, 10]] });
  const heard = listen('?points=plant-1/d/a', has('filled'));
  await until(() => hub.feed.listeners > 0);
  await store([
    journal.readings([
      column(0, [
        [T0, good(1)],
        [T0 + 5000, good(2)],
      ]),
      column(1, [
        [T0, good(1)],
        [T0 + 5000, good(2)],
      ]),
    ]),
  ]);
  const all = await heard;
  expect(all.at(-1)?.data).toEqual([{ point: 'plant-1/d/a', from: T0, to: T0 + 5000 }]);
  expect(hub.latest.find('plant-1/d/a')).toMatchObject({ at: T0 + 90_000, value: 10 });
});

test('goes on after the last message seen; what is too old begins anew', async () => {
  const first = listen('', has('reading'));
  await until(() => hub.feed.listeners > 0);
  await store([journal.readings([column(0, [[T0, good(1)]])])]);
  const seen = (await first).at(-1)?.id ?? '';
  await store([journal.readings([column(0, [[T0 + 1000, good(2)]])])]);
  await pause(400);

  const resumed = await listen('', has('reading'), { 'last-event-id': seen });
  expect(resumed.map(({ event, data }) => [event, data])).toEqual([
    ['hello', {}],
    ['reading', [{ point: 'plant-1/d/a', at: T0 + 1000, value: 2, quality: 'good' }]],
  ]);
  const other = await listen('', (all) => all.length > 0, { 'last-event-id': 'ffffffff-3' });
  expect(other[0]?.event).toBe('reset');
});

test('says when a catalogue is new and when a link changes', async () => {
  const heard = listen('', (all) => all.filter(({ event }) => event === 'gateway').length > 1);
  await until(() => hub.feed.listeners > 0);
  hub.observer.onFrames('plant-1', [journal.publish(catalogue([entry(0, 'd', 'a')], 2))]);
  await pause(400);
  hub.observer.onSession('plant-1', 'offline');
  const told = (await heard).filter(({ event }) => event === 'gateway').map(({ data }) => data);
  expect(told).toEqual([
    { gateway: 'plant-1', catalogue: true },
    { gateway: 'plant-1', catalogue: false },
  ]);
});

test('a listener that goes away is forgotten', async () => {
  await listen('', (all) => all.length > 0);
  await until(() => hub.feed.listeners === 0);
});

test('so is one that goes away while it is asked who they are', async () => {
  const { keys } = hub.context.accounts;
  const find = keys.find.bind(keys);
  let goOn = () => {};
  const asked = new Promise<void>((isAsked) => {
    vi.spyOn(keys, 'find').mockImplementationOnce(async (key) => {
      isAsked();
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      return find(key);
    });
  });
  const gone = new AbortController();
  const answer = fetch(base, { signal: gone.signal, headers: { authorization: `Bearer ${hub.keys.viewer}` } });
  await asked;
  gone.abort();
  await expect(answer).rejects.toThrow();
  const { server } = hub.server;
  const open = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
  await expect.poll(open).toBe(0);
  goOn();
  await pause(100);
  expect(hub.feed.listeners).toBe(0);
});

test.each([
  ['?alarms=1', ['raised', 'cleared']],
  ['', []],
])('alarms with `%s`: %j', async (query, expected) => {
  const alarm = (active: boolean) => ({
    event: 'alarm' as const,
    at: T0,
    device: 'd',
    rule: 'hot',
    point: 'a',
    active,
  });
  const told = listen(query, (all) => all.some(({ event }) => event === 'reading'));
  await until(() => hub.feed.listeners > 0);
  await store([journal.events(alarm(true), alarm(false))]);
  await hub.desk.idle();
  await store([journal.readings([column(0, [[T0, good(1)]])])]);
  const alarms = (await told).filter(({ event }) => event === 'alarm');
  expect(alarms.flatMap(({ data }) => (data as { what: string }[]).map(({ what }) => what))).toEqual(expected);
});

test('who asks for beats hears something each second, however quiet the plant is', async () => {
  const messages = await listen('?beats=1', (all) => all.filter(({ event }) => event === 'beat').length === 2);
  expect(messages.map(({ event }) => event).filter((event) => event !== 'gateway')).toEqual(['hello', 'beat', 'beat']);
});
