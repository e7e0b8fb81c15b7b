import { expect, test } from 'vitest';
import { SendWindow } from '../../cloud-sync/edge-hub/send-window.ts';

const KIB = 1024;

/** Fills the window, and has all of it acknowledged a round trip later. */
function turn(window: SendWindow, ticks: number, roundTripMs: number): number {
  let sent = 0;
  while (window.admits(4 * KIB)) {
    window.sent(4 * KIB, ticks);
    sent += 4 * KIB;
  }
  for (let acked = 0; acked < sent; acked += 4 * KIB) window.acknowledged(4 * KIB, ticks + roundTripMs);
  return ticks + roundTripMs;
}

test('starts at 16 KiB and grows to what is acknowledged in a second, within its limit', () => {
  const roundTripMs = 100;
  const window = new SendWindow({ limit: 100 * KIB, roundTripMs });
  expect(window.size).toBe(16 * KIB);
  let ticks = turn(window, 0, roundTripMs);
  expect(window.size).toBeGreaterThan(32 * KIB);
  for (let at = 0; at < 10; at++) ticks = turn(window, ticks, roundTripMs);
  expect(window.size).toBe(100 * KIB);
  expect(window.underWay).toBe(0);
});

test('on a link of two seconds it grows to two round trips, so that the link is never empty', () => {
  const window = new SendWindow({ limit: 512 * KIB, roundTripMs: 2000 });
  let ticks = 0;
  const sizes = Array.from({ length: 6 }, () => {
    ticks = turn(window, ticks, 2000);
    return window.size / KIB;
  });
  expect(sizes.at(-1)).toBeGreaterThan(256);
  expect(sizes).toEqual([...sizes].sort((one, other) => one - other));
});

test('a slow link keeps it small: a refusal or a cut costs a second of work', () => {
  const window = new SendWindow({ limit: 512 * KIB, roundTripMs: 50 });
  let ticks = 0;
  // 8 KiB a second.
  for (let at = 0; at < 20; at++) {
    while (window.admits(4 * KIB)) window.sent(4 * KIB, ticks);
    ticks += 500;
    window.acknowledged(4 * KIB, ticks);
  }
  expect(window.size).toBe(16 * KIB);
});

test('does not grow while it is not what limits', () => {
  const window = new SendWindow({ limit: 512 * KIB, roundTripMs: 10 });
  for (let at = 0; at < 50; at++) {
    window.sent(KIB, at * 100);
    window.acknowledged(KIB, at * 100 + 10);
  }
  expect(window.size).toBe(16 * KIB);
});
