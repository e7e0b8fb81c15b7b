import { expect, test } from 'vitest';
import { type Pulse, StatusPace } from '../../cloud-sync/edge-hub/status-pace.ts';

const calm: Pulse = { behind: false, backlog: 0, mark: 'open' };
/** Ticks, from 1, at which a status was due. */
function ticksOf(pulses: readonly Pulse[]): number[] {
  const pace = new StatusPace();
  return pulses.flatMap((pulse, i) => (pace.due(pulse) ? [i + 1] : []));
}
const times = (count: number, pulse: (i: number) => Pulse = () => calm) =>
  Array.from({ length: count }, (_, i) => pulse(i));

test('calm: soon after the welcome, then every fifteen seconds, whatever is under way', () => {
  expect(ticksOf(times(34, (i) => ({ ...calm, mark: '', backlog: (i % 2) * 500 })))).toEqual([2, 17, 32]);
});

test('a line that fails or comes back is told with the next tick', () => {
  const pulses = [...times(5), ...times(3, () => ({ ...calm, mark: 'no-answer' })), ...times(3)];
  expect(ticksOf(pulses)).toEqual([1, 2, 6, 9]);
});

test('a backlog is told as it drains, and that it is gone; one that hardly moves is not', () => {
  const behind = (backlog: number): Pulse => ({ behind: true, backlog, mark: 'open' });
  expect(ticksOf([...times(3), behind(1000), behind(800), behind(790), behind(400), calm, calm])).toEqual([
    1, 2, 4, 5, 7, 8,
  ]);
});
