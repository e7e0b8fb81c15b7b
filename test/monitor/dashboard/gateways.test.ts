import { expect, test } from 'vitest';
import type { Channel, Device, Gateway, Last, Point } from '../../../monitor/dashboard/src/data/api.ts';
import type { PointState } from '../../../monitor/dashboard/src/data/point-state.ts';
import { deviceState, deviceStats } from '../../../monitor/dashboard/src/pages/gateways/device-stats.ts';
import { plantTree } from '../../../monitor/dashboard/src/pages/gateways/tree.ts';

const channel = (name: string) => ({ name, state: 'open' }) as Channel;
const device = (gateway: string, name: string, line: string) =>
  ({ id: `${gateway}/${name}`, gateway, name, channel: line }) as Device;

test('the tree has every gateway, its lines in their order, and what stands on no line that was told of', () => {
  const gateways = [
    { id: 'a', channels: [channel('bus-2'), channel('bus-1')] },
    { id: 'b', channels: [] as Channel[] },
  ] as unknown as Gateway[];
  const devices = [device('a', 'meter', 'bus-1'), device('a', 'gateway', 'gateway'), device('b', 'ups', 'bus-1')];
  const seen = plantTree(gateways, devices).map(({ gateway, lines }) => [
    gateway.id,
    ...lines.map((line) => `${line.name}${line.channel ? '' : '?'}: ${line.devices.map(({ name }) => name)}`),
  ]);
  expect(seen).toEqual([
    ['a', 'bus-2: ', 'bus-1: meter', 'gateway?: gateway'],
    ['b', 'bus-1?: ups'],
  ]);
});

test.each([
  ['all is well', ['live', 'live'], 'well'],
  ['some are late', ['live', 'late'], 'doubtful'],
  ['no value can be used', ['bad', 'stale'], 'silent'],
  ['bad, and the rest has never said anything', ['bad', 'empty'], 'silent'],
  ['nothing came yet', ['empty', 'empty'], 'empty'],
  ['no points', [], 'well'],
] as const)('a device of which %s', (_, states, expected) => {
  const stats = deviceStats(states.map((state) => now(state)));
  expect(deviceState(stats)).toBe(expected);
  expect([stats.all, stats.live]).toEqual([states.length, states.filter((state) => state === 'live').length]);
});

test('the newest reading and the fault that most points carry are named', () => {
  const list = [
    now('bad', { at: 5, fault: 'timeout' }),
    now('bad', { at: 9, fault: 'not-finite' }),
    now('bad', { at: 7, fault: 'timeout' }),
    now('late', { at: 8 }),
  ];
  expect(deviceStats(list)).toEqual({ all: 4, live: 0, doubtful: 4, newest: 9, fault: 'timeout' });
  expect(deviceStats([now('empty')])).toEqual({ all: 1, live: 0, doubtful: 0, newest: null });
});

function now(state: PointState, more: Partial<Last> = {}) {
  const last: Last | null = state === 'empty' ? null : { at: 1, value: null, quality: 'bad', ...more };
  return { point: {} as Point, state, last };
}
