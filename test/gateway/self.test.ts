import { statfs } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import type { Outcome } from '../../core/reading.ts';
import type { Answers } from '../../devices/driver.ts';
import { type MachineFiles, machinePoints } from '../../gateway/self/machine-points.ts';
import { SELF, SelfReader, selfDevice } from '../../gateway/self/self-device.ts';
import { outcomeOf, type SelfPoint } from '../../gateway/self/self-point.ts';
import { linePoints, workPoints } from '../../gateway/self/work-points.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** A machine whose kernel shows these files. */
function machine(files: Record<string, string>): MachineFiles {
  const paths = Object.keys(files);
  const below = (folder: string) => paths.filter((path) => path.startsWith(`${folder}/`));
  return {
    read: (path) => files[path],
    list: (folder) => [...new Set(below(folder).map((path) => path.slice(folder.length + 1).split('/')[0] as string))],
  };
}

async function outcomes(points: readonly SelfPoint[]): Promise<Record<string, Outcome>> {
  return Object.fromEntries(await Promise.all(points.map(async (each) => [each.spec.name, await outcomeOf(each)])));
}

const good = (value: unknown) => ({ quality: 'good', value });
const NO_VALUE = { quality: 'bad', fault: 'no-value' };

describe('the machine', () => {
  const PI = {
    '/sys/class/thermal/thermal_zone0/temp': '48312',
    '/sys/class/thermal/thermal_zone1/temp': '51000',
    '/sys/class/thermal/cooling_device0/type': 'fan',
    '/sys/class/hwmon/hwmon0/name': 'cpu_thermal',
    '/sys/class/hwmon/hwmon1/name': 'rpi_volt',
    '/sys/class/hwmon/hwmon1/in0_lcrit_alarm': '1',
    '/proc/meminfo': 'MemTotal:        4000000 kB\nMemFree:          100000 kB\nMemAvailable:    1000000 kB',
    '/sys/block/mmcblk0/device/life_time': '0x01 0x03',
  };

  test('a Raspberry Pi with an eMMC', async () => {
    expect(await outcomes(machinePoints('/', machine(PI)))).toMatchObject({
      'cpu-temperature': good(51),
      'under-voltage': good(true),
      'memory-available': good(25),
      'storage-wear': good(30),
      'disk-free': { quality: 'good' },
      'cpu-load': { quality: 'good' },
    });
  });

  test('what a machine does not have is no point of it', async () => {
    const bare = machine({ '/proc/meminfo': PI['/proc/meminfo'] });
    expect(machinePoints('/', bare).map(({ spec }) => spec.name)).toEqual([
      'cpu-load',
      'memory-available',
      'disk-free',
    ]);
  });

  test('what cannot be read now is a fault, never 0', async () => {
    const files: Record<string, string> = { ...PI };
    const points = machinePoints('/', machine(files));
    for (const path of Object.keys(files)) delete files[path];
    const now = await outcomes(points);
    for (const name of ['cpu-temperature', 'under-voltage', 'memory-available', 'storage-wear'])
      expect(now[name]).toEqual(NO_VALUE);
  });

  test('a disk that does not answer is a fault of its point, not the end of the gateway', async () => {
    expect((await outcomes(machinePoints('/nowhere/at/all', machine(PI))))['disk-free']).toEqual(NO_VALUE);
  });

  test('disk and processor are told in percent', async () => {
    const loadNow = () => good(((loadavg()[0] as number) / availableParallelism()) * 100);
    const { bavail, blocks } = await statfs('/');
    const before = loadNow();
    const told = await outcomes(machinePoints('/', machine(PI)));
    // The kernel counts anew every five seconds: perhaps in between.
    expect([before, loadNow()]).toContainEqual(told['cpu-load']);
    expect((told['disk-free'] as { value: number }).value).toBeCloseTo((bavail / blocks) * 100, 0);
  });

  test('an eMMC beyond its life has used up all of it', async () => {
    const points = machinePoints('/', machine({ ...PI, '/sys/block/mmcblk0/device/life_time': '0x01 0x0b' }));
    expect((await outcomes(points))['storage-wear']).toEqual(good(100));
  });

  test('an eMMC that does not tell its life', async () => {
    const points = machinePoints('/', machine({ ...PI, '/sys/block/mmcblk0/device/life_time': '0x00 0x00' }));
    expect((await outcomes(points))['storage-wear']).toEqual(NO_VALUE);
  });
});

describe('its work', () => {
  const statistics = { exchanges: 0, faults: 0, bytesIn: 0, bytesOut: 0, busyMs: 0 };
  const from = (more: object = {}) => ({
    ...{ clock: systemClock, journal: { bytes: 500 }, journalMaxBytes: 1000, backlog: () => 7 },
    ...{ clockOffsetMs: () => -2500 },
    ...more,
  });
  const line = (more: object = {}) => linePoints('bus', { clock: systemClock, statistics: () => statistics, ...more });

  test('buffer, clock and lines', async () => {
    expect(await outcomes([...workPoints(from()), ...line()])).toMatchObject({
      'buffer-used': good(50),
      'unsent-records': good(7),
      'clock-offset': good(2.5),
      'line-bus-faults': good(0),
    });
  });

  test('a buffer of which all is at the hub is empty, however large the journal', async () => {
    expect((await outcomes(workPoints(from({ backlog: () => 0 }))))['buffer-used']).toEqual(good(0));
  });

  test('without a hub nothing waits for one, and no clock is compared', async () => {
    const alone = workPoints(from({ backlog: undefined, clockOffsetMs: () => undefined }));
    expect(await outcomes(alone)).toMatchObject({ 'clock-offset': NO_VALUE });
    expect(alone.map(({ spec }) => spec.name)).not.toContain('buffer-used');
  });

  test('the use of a line is that since the last look', async () => {
    const clock = new FakeClock();
    let busyMs = 0;
    const points = line({ clock, statistics: () => ({ ...statistics, busyMs }) });
    const use = points.filter(({ spec }) => spec.name === 'line-bus-use');
    expect(await outcomes(use)).toEqual({ 'line-bus-use': NO_VALUE });
    // Several requests at once can keep it busy for longer than the time that passed.
    for (const [spent, percent] of [
      [250, 25],
      [500, 50],
      [1500, 100],
    ] as const) {
      busyMs += spent;
      await clock.advance(1000);
      expect(await outcomes(use)).toEqual({ 'line-bus-use': good(percent) });
    }
  });

  test('failed requests are those since the last look', async () => {
    let now = { ...statistics, exchanges: 10, faults: 5 };
    const points = line({ statistics: () => now }).filter(({ spec }) => spec.name === 'line-bus-faults');
    expect(await outcomes(points)).toEqual({ 'line-bus-faults': good(50) });
    now = { ...statistics, exchanges: 30, faults: 6 };
    expect(await outcomes(points)).toEqual({ 'line-bus-faults': good(5) });
  });
});

test('one look brings every point, and alarms name their points', async () => {
  const points = machinePoints('/');
  const device = selfDevice(points, [{ name: 'bus-a' }]);
  const seen: Answers[] = [];
  const sink = { answers: (_: unknown, answers: Answers) => void seen.push(answers), fault() {}, away() {} };
  await new SelfReader(device, () => points, sink, systemClock).look();
  expect([...(seen[0] ?? new Map()).keys()]).toEqual(device.points.map(({ name }) => name));
  expect(device.name).toBe(SELF);
  const about = new Set(['', ...device.points.map(({ name }) => name)]);
  for (const rule of device.rules) expect(about).toContain(rule.point);
  expect(device.rules.filter(({ point }) => point === '').map(({ id }) => id)).toEqual(['line/bus-a']);
  for (const { title } of device.points) expect([title.en, title.ko].every(Boolean)).toBe(true);
});

test('it looks every ten seconds, and ends when it is told to', async () => {
  const points = machinePoints('/');
  const clock = new FakeClock();
  let looks = 0;
  const sink = { answers: () => void looks++, fault() {}, away() {} };
  const stopping = new AbortController();
  const done = new SelfReader(selfDevice(points), () => points, sink, clock).run(stopping.signal);
  for (const count of [1, 2, 3]) {
    await clock.advance(10_000);
    await expect.poll(() => looks).toBe(count);
  }
  stopping.abort();
  await done;
});
