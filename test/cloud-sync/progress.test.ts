import { expect, test } from 'vitest';
import { Progress } from '../../cloud-sync/edge-hub/progress.ts';

const MINUTE = 60_000;

test('what waits for five minutes without a confirmation is stuck, until one comes', () => {
  const progress = new Progress();
  const at = (minutes: number, confirmed: string, behind = true) =>
    progress.isStuck({ confirmed, behind }, minutes * MINUTE);
  expect(at(100, '7')).toBe(false);
  expect(at(104.9, '7')).toBe(false);
  expect(at(105, '7')).toBe(true);
  expect(at(106, '8')).toBe(false);
  expect(at(110.9, '8')).toBe(false);
  expect(at(111, '8')).toBe(true);
  // Nothing to bring is no trouble.
  expect(at(112, '8', false)).toBe(false);
  expect(at(116, '8')).toBe(false);
});

test('a hub that is out of reach is another trouble', () => {
  const progress = new Progress();
  const at = (minutes: number) => progress.isStuck({ confirmed: '7', behind: true }, minutes * MINUTE);
  at(0);
  progress.away();
  expect(at(30)).toBe(false);
  expect(at(35)).toBe(true);
});
