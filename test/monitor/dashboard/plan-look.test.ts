import { describe, expect, test } from 'vitest';
import type { Alarm, Device, Gateway, Last, Point } from '../../../monitor/dashboard/src/data/api.ts';
import type { PointState } from '../../../monitor/dashboard/src/data/point-state.ts';
import {
  isShown,
  lookOf,
  pointsOf,
  tellingPoint,
  type World,
  worstLook,
  zonePriority,
} from '../../../monitor/dashboard/src/pages/plan/look.ts';
import { hrefOf } from '../../../monitor/dashboard/src/pages/plan/marker-text.ts';
import {
  alarmsAt,
  type Happened,
  readingAt,
  SPAN_MS,
  STEP_MS,
  stepsUntil,
} from '../../../monitor/dashboard/src/pages/plan/replay.ts';

const point = (name: string, unit?: string): Point => ({
  ...{ id: `g/d/${name}`, gateway: 'g', device: 'd', point: name, title: {}, kind: unit ? 'number' : 'boolean' },
  ...{ type: 'int16', writable: false, last: null },
  ...(unit ? { unit } : {}),
});
const device = { id: 'g/d', gateway: 'g', name: 'd', title: {}, class: 'climate', channel: 'c' } satisfies Device;
const alarm = (priority: Alarm['priority'], active = true) => ({
  id: `alarm-${priority}`,
  gateway: 'g',
  device: 'd',
  point: 'fan',
  priority,
  active,
});
const good: Last = { at: 900, value: 21, quality: 'good' };

function world(states: Readonly<Record<string, PointState>>, alarms: World['alarms'] = []): World {
  const points = [point('fan'), point('temperature', '°C'), point('humidity', '%')];
  return {
    points: new Map(points.map((each) => [each.id, each])),
    byDevice: new Map([[device.id, points]]),
    devices: new Map([[device.id, device]]),
    gateways: [],
    alarms,
    lastOf: () => good,
    stateOf: ({ point: name }) => states[name] ?? 'live',
    at: 1000,
  };
}
const marker = { id: 'm', x: 0, y: 0, device: 'g/d' };

describe('a marker', () => {
  test('of a device shows what says most, or what the layer asks for', () => {
    expect(lookOf(marker, world({}), 'all')).toMatchObject({
      state: 'live',
      point: { point: 'temperature' },
      ageMs: 100,
    });
    expect(lookOf(marker, world({}), 'humidity')).toMatchObject({ point: { point: 'humidity' } });
    const power = lookOf(marker, world({}), 'power');
    expect(power.point).toBeUndefined();
    expect([isShown(power, 'power'), isShown(power, 'all')]).toEqual([false, true]);
    expect(tellingPoint([point('load', '%'), point('temperature', '°C')], 'all')?.point).toBe('load');
  });

  test('of a device has its worst active alarm; of a point only its own', () => {
    const ill = world({}, [alarm('low'), alarm('high'), alarm('critical', false)]);
    expect(lookOf(marker, ill, 'all')).toMatchObject({ priority: 'high', alarm: 'alarm-high' });
    expect(hrefOf(lookOf(marker, ill, 'all'))).toContain('alarm=alarm-high');
    expect(hrefOf(lookOf(marker, world({}), 'all'))).toBe('#/equipment/g/d');
    expect(lookOf({ id: 'm', x: 0, y: 0, point: 'g/d/fan' }, ill, 'all').priority).toBe('high');
    expect(lookOf({ id: 'm', x: 0, y: 0, point: 'g/d/temperature' }, ill, 'all').priority).toBeUndefined();
  });

  test('of what the hub does not tell is never left out and never looks well', () => {
    const look = lookOf({ id: 'm', x: 0, y: 0, point: 'g/d/gone' }, world({}), 'power');
    expect(look.state).toBe('unknown');
    expect(isShown(look, 'power')).toBe(true);
  });

  test('of a gateway says how its link is', () => {
    const gateway = { id: 'g', state: 'offline' } as Gateway;
    expect(lookOf({ id: 'm', x: 0, y: 0, gateway: 'g' }, { ...world({}), gateways: [gateway] }, 'all').state).toBe(
      'stale',
    );
  });

  test('of a device without a telling value is made of all that the device has', () => {
    const all = world({});
    const leak = { ...all, byDevice: new Map([['g/d', [point('fan')]]]) };
    expect(pointsOf(lookOf(marker, leak, 'all'), leak).map(({ point: name }) => name)).toEqual(['fan']);
    expect(pointsOf(lookOf(marker, all, 'all'), all).map(({ point: name }) => name)).toEqual(['temperature']);
  });

  test('of several says the worst of them', () => {
    const looks = [
      lookOf(marker, world({ temperature: 'bad' }), 'all'),
      lookOf(marker, world({}, [alarm('medium')]), 'all'),
    ];
    expect(worstLook(looks)).toEqual({ state: 'bad', priority: 'medium' });
  });
});

test('a zone is coloured by the alarms of its own devices that are active', () => {
  const zone = { id: 'z', name: 'Z', outline: [], devices: ['g/d'] };
  expect(zonePriority(zone, [alarm('low'), alarm('critical', false)])).toBe('low');
  expect(zonePriority({ ...zone, devices: ['g/other'] }, [alarm('critical')])).toBeUndefined();
  expect(zonePriority(zone, [])).toBeUndefined();
});

describe('the past', () => {
  test('is a day in steps, the newest one whole', () => {
    const steps = stepsUntil(1_000_000_000_123);
    expect(steps).toHaveLength(SPAN_MS / STEP_MS);
    expect(steps.at(-1)).toBeLessThanOrEqual(1_000_000_000_123);
    expect(1_000_000_000_123 - (steps.at(-1) ?? 0)).toBeLessThan(STEP_MS);
    expect((steps[1] ?? 0) - (steps[0] ?? 0)).toBe(STEP_MS);
  });

  test('shows the reading of the step that ends then: a fault is a fault, nothing is nothing', () => {
    const past = new Map([
      [
        'p',
        new Map([
          [0, 7],
          [STEP_MS, null],
        ]),
      ],
    ]);
    expect(readingAt(past, 'p', STEP_MS)).toEqual({ last: { at: STEP_MS, value: 7, quality: 'good' }, state: 'live' });
    expect(readingAt(past, 'p', 2 * STEP_MS)).toMatchObject({ last: { value: null, quality: 'bad' }, state: 'bad' });
    expect(readingAt(past, 'p', 3 * STEP_MS)).toEqual({ last: null, state: 'empty' });
    expect(readingAt(past, 'q', STEP_MS)).toEqual({ last: null, state: 'empty' });
  });

  test('knows the alarms that were active then', () => {
    const happened = (raisedAt: number, clearedAt: number | undefined, active: boolean): Happened => ({
      ...alarm('low', active),
      raisedAt,
      ...(clearedAt === undefined ? {} : { clearedAt }),
    });
    const alarms = [happened(10, 20, false), happened(15, undefined, true), happened(30, undefined, true)];
    expect(alarmsAt(alarms, 16).map(({ raisedAt }) => raisedAt)).toEqual([10, 15]);
    expect(alarmsAt(alarms, 20).map(({ raisedAt }) => raisedAt)).toEqual([15]);
    expect(alarmsAt(alarms, 16).every(({ active }) => active)).toBe(true);
  });
});
