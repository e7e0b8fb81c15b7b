import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Point } from '../../../monitor/dashboard/src/data/api.ts';
import { startLive } from '../../../monitor/dashboard/src/data/live.ts';
import { TrendSource } from '../../../monitor/dashboard/src/data/trend-source.ts';

const POINT = { id: 'g/d/p', gateway: 'g', device: 'd', point: 'p', kind: 'number', everyMs: 500 } as Point;

let tell: (event: string, data: unknown) => void;
/** What the hub answers to each question for readings, in turn; the last one stays. */
let answers: (() => unknown)[];
let stops: (() => void)[];

beforeEach(() => {
  vi.useFakeTimers({ now: 100_000 });
  [answers, stops] = [[], []];
  class Stream extends EventTarget {
    readyState = 1;
    constructor() {
      super();
      tell = (event, data) => this.dispatchEvent(Object.assign(new Event(event), { data: JSON.stringify(data) }));
    }
    close(): void {}
  }
  vi.stubGlobal('EventSource', Stream);
  vi.stubGlobal('fetch', async (url: string) => {
    if (url.includes('/readings/late')) return Response.json({ spans: [] });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    const body = await answer?.();
    return body === undefined ? Response.json({ code: 'unavailable' }, { status: 503 }) : Response.json(body);
  });
  stops.push(startLive());
});
afterEach(() => {
  for (const stop of stops) stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const rows = (...ats: number[]) => ({ columns: ['time', 'value', 'quality'], rows: ats.map((at) => [at, at, 'good']) });
const reading = (at: number) => [{ point: POINT.id, at, value: at, quality: 'good' }];
const settle = () => vi.advanceTimersByTimeAsync(0);

function open(): TrendSource {
  const source = new TrendSource(POINT, { zone: 'UTC' });
  stops.push(source.start());
  source.show({ from: 90_000, to: 100_000 }, true, 1000);
  return source;
}

test('readings that come while history is asked for are in the line, though the answer is older', async () => {
  let come: (is: unknown) => void = () => {};
  answers = [() => new Promise((resolve) => (come = resolve))];
  const source = open();
  await settle();
  for (const at of [98_500, 99_000, 99_500]) tell('reading', reading(at));
  come(rows(97_500, 98_000));
  await settle();
  expect(source.data.value.at).toEqual([97_500, 98_000, 98_500, 99_000, 99_500]);
});

test('what arrived late while history was asked for is asked for afterwards, and again if that fails', async () => {
  let come: (is: unknown) => void = () => {};
  answers = [() => new Promise((resolve) => (come = resolve)), () => undefined, () => rows(92_000, 93_000)];
  const source = open();
  await settle();
  tell('filled', [{ point: POINT.id, from: 92_000, to: 93_000 }]);
  await vi.advanceTimersByTimeAsync(1500);
  come(rows(91_000, 98_000));
  await settle();
  expect(source.data.value.at).toEqual([91_000, 98_000]);
  await vi.advanceTimersByTimeAsync(1100);
  expect(source.data.value.at).toEqual([91_000, 98_000]);
  await vi.advanceTimersByTimeAsync(3100);
  expect(source.data.value.at).toEqual([91_000, 92_000, 93_000, 98_000]);
});
