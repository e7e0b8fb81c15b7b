import { expect, test } from 'vitest';
import { segmentsToTrim } from '../../gateway/journal/retention.ts';

const HOUR = 3_600_000;
const MB = 1_000_000;
const settings = { maxBytes: 100 * MB, maxAge: 720 * HOUR, keepConfirmed: 24 * HOUR, minFree: 200 * MB };
const segment = (ageHours: number, confirmed: boolean, bytes = 30 * MB) => ({
  next: 0,
  confirmed,
  bytes,
  closedAt: -ageHours * HOUR,
});
const trim = (closed: ReturnType<typeof segment>[], more: { openBytes?: number; freeBytes?: number } = {}) =>
  segmentsToTrim({ closed, openBytes: 0, freeBytes: 10_000 * MB, now: 0, ...more }, settings);

test.each([
  ['confirmed and old goes', trim([segment(25, true), segment(23, true)]), 1],
  ['confirmed and young stays for a hub restore', trim([segment(23, true)]), 0],
  ['unconfirmed stays while there is room', trim([segment(700, false), segment(600, false)]), 0],
  [
    'too many bytes: the oldest go, confirmed or not, until it fits',
    trim([segment(3, false), segment(2, false), segment(1, false)], { openBytes: 65 * MB }),
    2,
  ],
  ['too little free space on the disk', trim([segment(3, false), segment(2, false)], { freeBytes: 180 * MB }), 1],
  ['too old', trim([segment(721, false), segment(1, false)]), 1],
  ['a young one shields those behind it: what is lost is one run', trim([segment(1, true), segment(800, false)]), 0],
])('%s', (_name, count, expected) => {
  expect(count).toBe(expected);
});
