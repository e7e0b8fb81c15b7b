import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { attention, loadAttention } from '../../../monitor/dashboard/src/data/alarm-store.ts';
import type { Last } from '../../../monitor/dashboard/src/data/api.ts';
import { startLive } from '../../../monitor/dashboard/src/data/live.ts';
import { connection, lastOf, leave, loadPoints, noteReading } from '../../../monitor/dashboard/src/data/store.ts';

/** What the hub answers, by path; one that is a promise comes when the test lets it. */
let answers: Map<string, () => unknown>;
let asked: string[];
let streams: Stream[];

class Stream extends EventTarget {
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  readyState = Stream.OPEN;
  onerror: (() => void) | undefined;

  constructor() {
    super();
    streams.push(this);
  }

  close(): void {
    this.readyState = Stream.CLOSED;
  }

  tell(event: string, data: unknown = {}): void {
    this.dispatchEvent(Object.assign(new Event(event), { data: JSON.stringify(data) }));
  }
}

const good = (at: number, value: number): Last => ({ at, value, quality: 'good' });
const pointsOf = (last: Last) => ({ now: 0, points: [{ id: 'g/d/p', gateway: 'g', device: 'd', point: 'p', last }] });
const alarmsOf = (...ids: string[]) => ({ alarms: ids.map((id) => ({ id })) });
const known = () => attention.value.map(({ id }) => id);

beforeEach(() => {
  vi.useFakeTimers();
  [asked, streams] = [[], []];
  answers = new Map<string, () => unknown>([
    ['/me', () => ({ name: 'kim', role: 'viewer', language: null })],
    ['/faults', () => ({ faults: {} })],
    ['/gateways', () => ({ gateways: [] })],
    ['/gaps', () => ({ gaps: [] })],
    ['/devices', () => ({ devices: [] })],
    ['/points', () => pointsOf(good(1, 1))],
    ['/alarms?state=active,unacked', () => alarmsOf()],
  ]);
  vi.stubGlobal('EventSource', Stream);
  vi.stubGlobal('fetch', async (url: string) => {
    const path = url.replace('/api/v1', '');
    asked.push(path);
    const answer = answers.get(path);
    if (!answer) return Response.json({ code: 'not-found' }, { status: 404 });
    return Response.json(await answer());
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** An answer that comes when it is let. */
function later<T>(): { readonly answer: Promise<T>; readonly come: (is: T) => void } {
  let come: (is: T) => void = () => {};
  const answer = new Promise<T>((resolve) => {
    come = resolve;
  });
  return { answer, come };
}

test('what happened between the first answers and the stream is asked for once the stream stands', async () => {
  await loadAttention();
  await loadPoints();
  answers.set('/alarms?state=active,unacked', () => alarmsOf('raised-between'));
  answers.set('/points', () => pointsOf(good(2, 2)));
  const stop = startLive();
  streams[0]?.tell('hello');
  asked = [];
  await vi.advanceTimersByTimeAsync(2500);
  expect(asked, 'not while the page is being drawn').toEqual([]);
  await vi.advanceTimersByTimeAsync(600);
  expect([known(), lastOf('g/d/p').value?.value]).toEqual([['raised-between'], 2]);
  asked = [];
  streams[0]?.tell('hello');
  await vi.advanceTimersByTimeAsync(4000);
  expect(asked, 'a stream that was resumed has missed nothing').toEqual([]);
  stop();
});

test('an older answer never takes the place of a newer one', async () => {
  const slow = later<unknown>();
  answers.set('/alarms?state=active,unacked', () => slow.answer);
  const first = loadAttention();
  answers.set('/alarms?state=active,unacked', () => alarmsOf('newer'));
  await loadAttention();
  slow.come(alarmsOf());
  await first;
  expect(known()).toEqual(['newer']);
});

test('a reading that came while all points were asked for is newer than the answer', async () => {
  const slow = later<unknown>();
  answers.set('/points', () => slow.answer);
  const asking = loadPoints();
  noteReading('g/d/p', good(20, 20));
  slow.come(pointsOf(good(10, 10)));
  await asking;
  expect(lastOf('g/d/p').value?.value).toBe(20);
  answers.set('/points', () => pointsOf(good(15, 15)));
  await loadPoints();
  expect(lastOf('g/d/p').value?.value, 'and one before the question is not').toBe(15);
});

test('a stream that begins anew has everything asked for until all of it was answered', async () => {
  const stop = startLive();
  answers.set('/alarms?state=active,unacked', () => alarmsOf('after-restart'));
  answers.delete('/faults');
  streams[0]?.tell('reset');
  await vi.advanceTimersByTimeAsync(1000);
  answers.set('/faults', () => ({ faults: {} }));
  asked = [];
  await vi.advanceTimersByTimeAsync(4000);
  expect(asked).toContain('/faults');
  expect(known()).toEqual(['after-restart']);
  stop();
  asked = [];
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toEqual([]);
});

describe('a connection that falls silent', () => {
  const state = () => connection.value.state;

  test('is lost within three seconds, and back with the next word', async () => {
    const stop = startLive();
    streams[0]?.tell('beat');
    await vi.advanceTimersByTimeAsync(1900);
    expect(state()).toBe('live');
    await vi.advanceTimersByTimeAsync(600);
    expect(state()).toBe('lost');
    streams[0]?.tell('beat');
    expect(state()).toBe('live');
    stop();
  });

  test('is not lost while it was the page that stood still: what came meanwhile is read first', async () => {
    const stop = startLive();
    streams[0]?.tell('beat');
    await vi.advanceTimersByTimeAsync(500);
    vi.setSystemTime(Date.now() + 5000);
    await vi.advanceTimersByTimeAsync(250);
    expect(state()).toBe('live');
    await vi.advanceTimersByTimeAsync(250);
    expect(state(), 'nothing had come').toBe('lost');
    stop();
  });

  test('that never said a word is lost too', async () => {
    leave();
    const stop = startLive();
    await vi.advanceTimersByTimeAsync(8000);
    expect(state()).toBe('connecting');
    await vi.advanceTimersByTimeAsync(2000);
    expect(state()).toBe('lost');
    stop();
  });
});
