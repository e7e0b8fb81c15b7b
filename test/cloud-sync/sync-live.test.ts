import { expect, test } from 'vitest';
import type { LiveAlarm } from '../../cloud-sync/protocol/messages.ts';
import { systemClock } from '../../core/clock.ts';
import { MemoryOutbox } from '../support/memory-outbox.ts';
import { until } from '../support/sync-pair.ts';
import { confirmed, useSync } from '../support/use-sync.ts';

const sync = useSync();
/** A quarter of the window that a session begins with. */
const ENVELOPE = 4 * 1024;

test('shows newest values at once and while a backlog drains', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  for (let frame = 0; frame < 4000; frame++) outbox.writeReadings();
  sync.home.archive.before = () => new Promise((resolve) => setTimeout(resolve, 150));
  let at = 1000;
  await sync.edgeFor(outbox, 'plant-1', { window: 16 * 1024, newest: () => [[0, at++, 21.5]] });
  await until('two live messages', () => sync.home.live.length >= 2);
  expect(sync.home.live[0]?.live).toEqual({ catalogue: 1, values: [[0, 1000, 21.5]] });
  expect(outbox.confirmed.get(outbox.epoch)).toBeLessThan(outbox.next);
  sync.home.archive.before = () => {};
  await confirmed(outbox);
  sync.expectExactlyOnce(outbox);
});

test('a bound on bytes holds back the backlog, never the live lane', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  for (let frame = 0; frame < 600; frame++) outbox.writeReadings();
  const sizes = new Map<number, number>();
  for await (const { first, bytes } of outbox.frames(outbox.epoch, 0)) sizes.set(first, bytes.length);
  const bytesBelow = (next: number) => [...sizes].reduce((sum, [first, bytes]) => sum + (first < next ? bytes : 0), 0);
  const stored = () => bytesBelow(sync.home.archive.next('plant-1', outbox.epoch));
  // A minute's worth of the gateway's clock, which passes ten times faster than ours.
  const maxBytesPerSecond = bytesBelow(outbox.next) / 60;
  const began = systemClock.ticks();
  let at = 1000;
  const edge = await sync.edgeFor(outbox, 'plant-1', { maxBytesPerSecond, newest: () => [[0, at++, 21.5]] });
  await until('five live messages, and some of the backlog', () => {
    const bytes = stored();
    const passed = ((systemClock.ticks() - began) * 10) / 1000;
    // One second's worth goes at once, and the envelope that exhausts it goes whole.
    expect(bytes).toBeLessThanOrEqual((1 + passed) * maxBytesPerSecond + ENVELOPE);
    return sync.home.live.length >= 5 && bytes > 2 * ENVELOPE;
  });
  expect(outbox.confirmed.get(outbox.epoch)).toBeLessThan(outbox.next);
  // None of those that were taken has been held back.
  await until('the newest there', () => sync.home.live.at(-1)?.live.values[0]?.[1] === at - 1);
  await edge.stop();
  await sync.edgeFor(outbox);
  await confirmed(outbox);
  sync.expectExactlyOnce(outbox);
});

test('an alarm raised while a backlog drains comes past it, once', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  for (let frame = 0; frame < 4000; frame++) outbox.writeReadings();
  sync.home.archive.before = () => new Promise((resolve) => setTimeout(resolve, 150));
  const alarms: LiveAlarm[] = [];
  let at = 1000;
  await sync.edgeFor(outbox, 'plant-1', { window: 16 * 1024, alarms: () => alarms, newest: () => [[0, at++, 21.5]] });
  await until('live', () => sync.home.live.length >= 1);
  const occurrence = { epoch: outbox.epoch, seq: outbox.next };
  alarms.push({ occurrence, device: 'meter', rule: 'hot', point: 'p0', at: 1, active: true, value: 90 });
  const count = sync.home.live.length;
  await until('further live messages', () => sync.home.live.length >= count + 4);
  // Once in each session: after a second's stall of the machine another one has begun.
  const told = sync.home.live.flatMap(({ live }) => live.alarms ?? []);
  expect(new Set(told.map((alarm) => JSON.stringify(alarm)))).toEqual(new Set([JSON.stringify(alarms[0])]));
  expect(told.length).toBeLessThanOrEqual(sync.home.sessions.filter(({ state }) => state === 'online').length);
  expect(outbox.confirmed.get(outbox.epoch)).toBeLessThan(outbox.next);
});

test('a line that fails is told within two seconds of the gateway', async () => {
  let line = 'open';
  // The gateway looks once a second of its own.
  let looks = 0;
  let told: number | undefined;
  const status = () => {
    if (line !== 'open') told ??= looks;
    return { state: 'online', version: line } as const;
  };
  const mark = () => {
    looks++;
    return line;
  };
  await sync.edgeFor(new MemoryOutbox().writeCatalogue(), 'plant-1', { status, mark });
  // The welcome's and the one two seconds later.
  await until('two statuses', () => sync.home.statuses.length >= 2);
  line = 'no-answer';
  looks = 0;
  await until('the status', () => sync.home.statuses.at(-1)?.status.version === 'no-answer');
  expect(told).toBeLessThanOrEqual(2);
});
