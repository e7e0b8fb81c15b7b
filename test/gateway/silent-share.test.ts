import { expect, test } from 'vitest';
import { playLine } from '../support/played-line.ts';
import { deviceWith } from '../support/poll-line.ts';

/** What many dead devices cost a line in the long run: the share that they may have of it, whatever goes on beside them. */

const VALUES = { answer: 'values' } as const;
const SILENCE = { answer: 'silence' } as const;
const TIMEOUT_MS = 1000;
const HOUR_MS = 3_600_000;

const DEAD = Array.from({ length: 30 }, (_, i) => i + 1);
const [OTHER, SOUND] = [31, 32];
const devices = [...DEAD, OTHER, SOUND].map((unit) => deviceWith(unit, [100], 1000));

const millisecondsOf = (asked: readonly { unit: number }[]) =>
  asked.filter(({ unit }) => DEAD.includes(unit)).length * TIMEOUT_MS;

test('a device that misses an answer now and then gives the dead no more of it', async () => {
  let questions = 0;
  const isMissed = () => questions++ % 8 === 0;
  const { clock, asked } = playLine(devices, ({ unit }) => {
    if (DEAD.includes(unit)) return SILENCE;
    return unit === OTHER && isMissed() ? SILENCE : VALUES;
  });
  await clock.advance(HOUR_MS);
  expect(questions).toBeGreaterThan(1000);
  expect(millisecondsOf(asked)).toBeLessThanOrEqual(0.1 * HOUR_MS + DEAD.length * TIMEOUT_MS);
});
