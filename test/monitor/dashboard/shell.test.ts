import { describe, expect, test } from 'vitest';
import { askedBy } from '../../../monitor/dashboard/src/app/keys.ts';
import { NewAlarms } from '../../../monitor/dashboard/src/app/new-alarms.ts';
import { type Findable, rank } from '../../../monitor/dashboard/src/app/search-rank.ts';
import type { Alarm, Device, Point } from '../../../monitor/dashboard/src/data/api.ts';
import { scaleFor, toShare } from '../../../monitor/dashboard/src/kit/scale.ts';
import { sparkPath } from '../../../monitor/dashboard/src/kit/spark-path.ts';
import { faceKind, faceOf } from '../../../monitor/dashboard/src/pages/equipment/faces.ts';
import { powerPath } from '../../../monitor/dashboard/src/pages/equipment/power-path.ts';
import { keyPoints } from '../../../monitor/dashboard/src/pages/overview/key-points.ts';

describe('keys', () => {
  const pages = [{ key: 'overview', letter: 'o' }, { key: 'kit' }];
  const press = (key: string, more = {}, letters = true) =>
    askedBy({ key, isCommand: false, isTyping: false, isWaiting: false, ...more }, pages, letters);

  test.each([
    ['help', '?', {}, { do: 'help' }],
    ['find', '/', {}, { do: 'find' }],
    ['g waits for a letter', 'g', {}, { do: 'wait' }],
    ['the letter of a page', 'o', { isWaiting: true }, { do: 'go', page: 'overview' }],
    ['a letter of no page', 'x', { isWaiting: true }, { do: 'nothing' }],
    ['a letter alone', 'o', {}, { do: 'nothing' }],
    ['in a field letters are letters', '?', { isTyping: true }, { do: 'nothing' }],
    ['the search also in a field', 'k', { isCommand: true, isTyping: true }, { do: 'search' }],
    ['with capitals locked', 'K', { isCommand: true }, { do: 'search' }],
    ['the browser keeps its own', 'g', { isCommand: true }, { do: 'nothing' }],
  ])('%s', (_, key, more, expected) => {
    expect(press(key, more)).toEqual(expected);
  });

  test('single letters can be switched off', () => {
    expect(press('?', {}, false)).toEqual({ do: 'nothing' });
    expect(press('k', { isCommand: true }, false)).toEqual({ do: 'search' });
  });
});

describe('search', () => {
  const item = (kind: Findable['kind'], title: string, words: readonly string[] = [], detail = ''): Findable => ({
    ...{ kind, title, words, detail, hash: `#${kind}/${title}` },
  });
  const items = [
    item('page', 'Alarms', ['알람']),
    item('equipment', 'Hot aisle', ['열복도 온습도', 'plant/hot-aisle']),
    item('point', 'Temperature', ['온도', 'plant/hot-aisle/temperature'], 'Hot aisle'),
    item('point', 'Temperature', ['온도', 'plant/cold-aisle/temperature'], 'Cold aisle'),
    item('point', 'Overtemperature limit', [], 'Cold aisle'),
  ];
  const titles = (query: string) => rank(query, items, 10).map(({ title, detail }) => `${title} ${detail}`.trim());

  test.each([
    ['every word must fit', 'hot temperature', ['Temperature Hot aisle']],
    ['the other language finds it too', '열복도', ['Hot aisle']],
    ['equipment before its points', 'hot aisle', ['Hot aisle', 'Temperature Hot aisle']],
    [
      'the beginning of a word before its middle',
      'temp',
      [...['Temperature Hot aisle', 'Temperature Cold aisle', 'Overtemperature limit Cold aisle']],
    ],
    ['nothing', 'boiler', []],
    ['before anything is typed, pages', '  ', ['Alarms']],
  ])('%s', (_, query, expected) => {
    expect(titles(query)).toEqual(expected);
  });

  test('never more than asked for', () => {
    expect(rank('temperature', items, 1)).toHaveLength(1);
  });
});

describe('new alarms', () => {
  const alarm = (id: string, more: Partial<Alarm> = {}) =>
    ({ id, active: true, acknowledged: false, ...more }) as Alarm;
  const take = (seen: NewAlarms, ...alarms: Alarm[]) => seen.take(alarms, true).map(({ id }) => id);

  test('each is told once; what was there at the start is not', () => {
    const seen = new NewAlarms();
    expect(seen.take([], false)).toEqual([]);
    expect(take(seen, alarm('a'))).toEqual([]);
    expect(take(seen, alarm('a'), alarm('b'))).toEqual(['b']);
    expect(take(seen, alarm('b'))).toEqual([]);
    expect(take(seen, alarm('a'), alarm('b'))).toEqual([]);
  });

  test('one that somebody has acknowledged, or that is over, is not told', () => {
    const seen = new NewAlarms();
    take(seen);
    expect(take(seen, alarm('a', { acknowledged: true }), alarm('b', { active: false }))).toEqual([]);
  });
});

function point(name: string, more: Partial<Point> = {}): Point {
  return { id: `g/d/${name}`, gateway: 'g', device: 'd', point: name, kind: 'number', ...more } as Point;
}
const device = (more: Partial<Device>) =>
  ({ id: 'g/d', gateway: 'g', name: 'd', class: 'other', channel: 'c', ...more }) as Device;

describe('faces', () => {
  test.each([
    ['by its class', device({ class: 'ups' }), [], 'ups'],
    ["the gateway's own device", device({ name: 'gateway', channel: 'gateway' }), ['cpu-load'], 'gateway'],
    ['a device that is only named so', device({ name: 'gateway' }), ['speed'], 'generic'],
    ['no class: by its points', device({}), ['load', 'battery-charge'], 'ups'],
    ['no class: a meter', device({}), ['power', 'power-factor'], 'power-meter'],
    ['a class of a newer gateway', device({ class: 'fire' }), ['smoke'], 'generic'],
    ['nothing to tell by', device({}), ['weight'], 'generic'],
  ])('%s', (_, given, names, kind) => {
    expect(
      faceKind(
        given,
        names.map((name) => point(name)),
      ),
    ).toBe(kind);
  });

  test('every point has one place, the important first', () => {
    const points = [
      ...[point('wind-angle'), point('humidity'), point('temperature')],
      ...[point('door', { kind: 'boolean' }), point('state', { kind: 'text' })],
    ];
    const face = faceOf(device({ class: 'climate' }), points);
    expect(face.gauges.map((gauge) => gauge.point.point)).toEqual(['temperature', 'humidity']);
    expect(face.flags.map((each) => each.point)).toEqual(['door']);
    expect(face.rest.map((each) => each.point)).toEqual(['wind-angle', 'state']);
  });

  test('a model that names everything otherwise still shows its numbers', () => {
    const points = Array.from({ length: 9 }, (_, index) => point(`x-${index}`));
    const face = faceOf(device({ class: 'drive' }), points);
    expect(face.gauges).toHaveLength(6);
    expect(face.rest).toHaveLength(3);
  });

  test.each([
    ['on mains', { onBattery: false, onMains: undefined, bypass: false }, 'mains'],
    ['on battery', { onBattery: true, onMains: undefined, bypass: false }, 'battery'],
    ['bypass before all', { onBattery: false, onMains: true, bypass: true }, 'bypass'],
    ['not known is not drawn as well', { onBattery: undefined, onMains: undefined, bypass: undefined }, 'unknown'],
    ['neither mains nor battery', { onBattery: false, onMains: false, bypass: false }, 'unknown'],
  ] as const)('power: %s', (_, signs, path) => {
    expect(powerPath(signs)).toBe(path);
  });
});

describe('indicators', () => {
  test('every limit stands on the scale', () => {
    const limits = [
      { kind: 'above', at: 75, priority: 'high' },
      { kind: 'below', at: 20, priority: 'low' },
    ] as const;
    const scale = scaleFor(limits, undefined, 5);
    for (const { at } of limits) expect(toShare(at, scale)).toBeGreaterThan(0);
    for (const { at } of limits) expect(toShare(at, scale)).toBeLessThan(1);
    expect(scaleFor([], { from: 0, to: 100 }, 3)).toEqual({ from: 0, to: 100 });
    expect(toShare(500, { from: 0, to: 100 })).toBe(1);
  });

  test('a small trend is open where nothing was measured or it was bad', () => {
    const line = (points: readonly (readonly [number, number | null])[]) =>
      sparkPath(
        points.map(([at, value]) => ({ at, value })),
        0,
        100,
        10,
      ).replace(/[^ML]/g, '');
    expect(
      line([
        [0, 1],
        [10, 2],
        [50, 3],
        [60, 4],
      ]),
    ).toBe('MLML');
    expect(
      line([
        [0, 1],
        [10, null],
        [20, 3],
      ]),
    ).toBe('MM');
    expect(line([])).toBe('');
  });
});

test('what says most about a site comes first, one of each kind', () => {
  const devices = [device({ name: 't', class: 'climate' }), device({ name: 'm', class: 'power-meter' })];
  const points = [
    ...[point('temperature-1', { device: 't' }), point('temperature-2', { device: 't' })],
    ...[point('humidity', { device: 't' }), point('power', { device: 'm' }), point('power-l1', { device: 'm' })],
  ];
  const names = keyPoints(devices, points, 4).map((each) => each.point);
  expect(names).toEqual(['temperature-1', 'power', 'humidity', 'temperature-2']);
});
