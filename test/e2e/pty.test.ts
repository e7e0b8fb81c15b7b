import { lstatSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/tools.ts';
import { Site } from './site.ts';

const PLANT = `channels:
  - { name: bus-a, driver: modbus-rtu, port: $PORT_bus-a, baudRate: 19200, parity: even, timeout: 300ms }
  - { name: ups-line, driver: text-line, port: $PORT_ups-line, baudRate: 2400 }
  - { name: mast, driver: text-line, port: $PORT_mast, baudRate: 4800 }
devices:
  - { name: meter, channel: bus-a, unitId: 1, profile: eastron/sdm120, every: 500ms }
  - { name: hall, channel: bus-a, unitId: 2, profile: xy-md02, every: 500ms }
  - { name: attic, channel: bus-a, unitId: 3, profile: xy-md02, every: 500ms }
  - { name: ups, channel: ups-line, profile: megatec/q1, every: 1s }
  - { name: weather, channel: mast, profile: nmea/weather, every: 1s }
`;
/** What each device has, as its profile says. */
const POINTS = { meter: 10, hall: 2, attic: 2, ups: 16, weather: 6 };

describeWith('socat', 'a gateway on pseudo-terminals', () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.start({ plant: PLANT });
  });
  afterAll(() => site?.stop());

  async function points(device: string) {
    return [...(await site.latest())].filter(([id]) => id.startsWith(`${device}/`)).map(([, latest]) => latest);
  }

  /** Have all points of a device been read well since? */
  async function isWell(device: keyof typeof POINTS, since: number): Promise<boolean> {
    const good = (await points(device)).filter(({ quality, at }) => quality === 'good' && at > since);
    return good.length === POINTS[device];
  }

  test('Modbus RTU and text come to the hub through real terminals', { timeout: 60_000 }, async () => {
    for (const channel of ['bus-a', 'ups-line', 'mast']) {
      expect(lstatSync(site.endpoint(channel)).isSymbolicLink(), `${channel} is a terminal`).toBe(true);
    }
    for (const device of Object.keys(POINTS) as (keyof typeof POINTS)[]) {
      await site.until(() => isWell(device, 0), `all points of ${device}`);
    }
    const latest = await site.latest();
    expect(latest.get('meter/voltage')?.value).toBeGreaterThan(200);
    expect(latest.get('hall/temperature')?.value).toBeGreaterThan(10);
    expect(latest.get('ups/output-voltage')?.value).toBeGreaterThan(200);
    expect(latest.get('ups/utility-fail')?.value).toBe(false);
    expect(latest.get('weather/pressure')?.value).toBeGreaterThan(950);
  });

  test('a slave that dies gives faults, its neighbours go on, and it heals', { timeout: 90_000 }, async () => {
    site.simulator.say('fault attic dead');
    const diedAt = Date.now();
    const faults = async () => (await points('attic')).map(({ quality, value, fault }) => ({ quality, value, fault }));
    const dead = { quality: 'bad', value: null, fault: 'no-answer' };
    await site.until(async () => (await faults()).every(({ quality }) => quality === 'bad'), 'faults on its points');
    expect(await faults()).toEqual([dead, dead]);
    for (const device of ['meter', 'hall', 'ups', 'weather'] as const) {
      await site.until(() => isWell(device, diedAt + 2000), `${device} goes on`);
    }
    expect(await faults(), 'still dead').toEqual([dead, dead]);

    site.simulator.say('fault attic none');
    const healedAt = Date.now();
    await site.until(() => isWell('attic', healedAt), 'it is back');
  });

  test('garbled answers are faults of the point, never values', { timeout: 60_000 }, async () => {
    site.simulator.say('fault hall garbled');
    // An answer that a busy machine holds up is none, and then the next one is garbled.
    await site.until(async () => (await points('hall')).every(({ fault }) => fault === 'garbled'), 'faults');
    const garbledAt = Date.now();
    for (const { value } of await points('hall')) expect(value).toBeNull();
    await site.until(() => isWell('meter', garbledAt + 1000), 'the meter goes on');
    site.simulator.say('fault hall none');
    await site.until(() => isWell('hall', Date.now() - 5000), 'it is back');
  });
});
