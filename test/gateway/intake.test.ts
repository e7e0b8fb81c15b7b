import { describe, expect, test } from 'vitest';
import type { Catalogue } from '../../cloud-sync/protocol/catalogue.ts';
import type { JournalEvent } from '../../cloud-sync/protocol/events.ts';
import { bad, good, type Outcome } from '../../core/reading.ts';
import type { DeviceSpec, Plant } from '../../devices/plant-types.ts';
import { nextCatalogue } from '../../gateway/catalogue.ts';
import { Intake } from '../../gateway/intake.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { plantOf, point } from '../support/plant.ts';

const FACTS = { site: 'Test', timezone: 'Asia/Seoul' };

function intakeOf(plant: Plant) {
  const clock = new FakeClock();
  const kept: [number, Outcome][] = [];
  const events: JournalEvent[] = [];
  const keeper = {
    reading: (number: number, _at: number, outcome: Outcome) => void kept.push([number, outcome]),
    event: (event: JournalEvent) => void events.push(event),
  };
  const intake = new Intake(plant, nextCatalogue(null, plant, FACTS), keeper, clock);
  const device = plant.devices[0] as DeviceSpec;
  return {
    clock,
    kept,
    events,
    intake,
    read: (name: string, outcome: Outcome) => intake.answers(device, new Map([[name, outcome]])),
    device,
  };
}

describe('report by exception', () => {
  test('without a deadband every reading is kept', () => {
    const { kept, read } = intakeOf(plantOf([point('t')]));
    for (const value of [20, 20, 20.1]) read('t', good(value));
    expect(kept.length).toBe(3);
  });

  test('with a deadband only changes, and one reading each maxSilence', async () => {
    const { kept, read, clock } = intakeOf(plantOf([point('t', { deadband: 0.2, maxSilenceMs: 60_000 })]));
    for (const value of [20, 20.1, 20.19, 20.2]) read('t', good(value));
    expect(kept.map(([, outcome]) => outcome)).toEqual([good(20), good(20.2)]);
    await clock.advance(60_000);
    read('t', good(20.2));
    expect(kept.length).toBe(3);
  });

  test('a fault is kept when it comes, when it changes, once a minute while it lasts, and when it goes', async () => {
    const { kept, read, clock } = intakeOf(plantOf([point('t', { deadband: 1 })]));
    for (const outcome of [good(20), bad('no-answer'), bad('no-answer'), bad('garbled')] as const) read('t', outcome);
    await clock.advance(60_000);
    read('t', bad('garbled'));
    read('t', good(20));
    expect(kept.map(([, outcome]) => (outcome.quality === 'good' ? outcome.value : outcome.fault))).toEqual([
      20,
      'no-answer',
      'garbled',
      'garbled',
      20,
    ]);
  });
});

test('a value outside what is possible becomes a fault', () => {
  const { kept, read } = intakeOf(plantOf([point('t', { valid: { min: -40, max: 125 } })]));
  for (const value of [-40, 125, 125.1, -41]) read('t', good(value));
  expect(kept.map(([, outcome]) => outcome)).toEqual([good(-40), good(125), bad('out-of-range')]);
});

test('a device going away and coming back are events, told once each', () => {
  const { events, intake, read, device } = intakeOf(plantOf([point('t')]));
  read('t', good(1));
  intake.away(device, 'no-answer');
  intake.away(device, 'port-missing');
  expect(intake.devices.get('boiler')?.fault).toBe('port-missing');
  read('t', good(1));
  expect(events.map((event) => event.event === 'device' && [event.online, event.fault])).toEqual([
    [true, undefined],
    [false, 'no-answer'],
    [true, undefined],
  ]);
});

describe('catalogue', () => {
  const numbers = (catalogue: Catalogue) =>
    catalogue.points.map(({ point: name, number, retired }) => `${name}=${number}${retired ? ' retired' : ''}`);

  test('nothing changed: the same catalogue', () => {
    const first = nextCatalogue(null, plantOf([point('a'), point('b')]), FACTS);
    expect(nextCatalogue(JSON.parse(JSON.stringify(first)), plantOf([point('a'), point('b')]), FACTS)).toEqual(first);
    expect(nextCatalogue(first, plantOf([point('a'), point('b')]), FACTS)).toBe(first);
  });

  test('says how long a scheduled point may be silent, so that the hub can tell when it is late', () => {
    const hourly = { rhythm: { schedule: '0 0 * * * *' } };
    const { points } = nextCatalogue(
      null,
      plantOf([
        point('hourly', hourly),
        point('still', { ...hourly, deadband: 1 }),
        point('told', { ...hourly, deadband: 1, maxSilenceMs: 86_400_000 }),
      ]),
      FACTS,
    );
    expect(points.map(({ maxSilenceMs }) => maxSilenceMs)).toEqual([3_600_000, undefined, 86_400_000]);
  });

  test('holds of the settings only what the hub is to know', () => {
    const settings = { ...FACTS, dataDir: '/secret', plant: { codes: [0x8000n] } };
    expect(Object.keys(nextCatalogue(null, plantOf([point('a')]), settings))).toEqual([
      'version',
      'site',
      'timezone',
      'devices',
      'points',
      'rules',
    ]);
  });

  test('a change of type, unit or scale gives a new number; a new title does not; the gone are retired', () => {
    const first = nextCatalogue(null, plantOf([point('a'), point('b'), point('c'), point('d')]), FACTS);
    const changed = plantOf([
      point('a', { type: 'int32' }),
      point('b', { unit: '°C' }),
      point('c', { address: { scale: 0.1 } }),
      point('e'),
      point('d', { title: { en: 'D' } }),
    ]);
    const second = nextCatalogue(first, changed, FACTS);
    expect(second.version).toBe(2);
    expect(numbers(second)).toEqual(['a=4', 'b=5', 'c=6', 'e=7', 'd=3', 'a=0 retired', 'b=1 retired', 'c=2 retired']);
    const third = nextCatalogue(second, plantOf([point('a')]), FACTS);
    expect(numbers(third)[0]).toBe('a=0');
    expect(new Set(third.points.map(({ number }) => number)).size).toBe(8);
  });
});
