import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bad, good, type Outcome } from '../../../core/reading.ts';
import { mbusAddress, mbusStation } from '../../../devices/mbus/address.ts';
import { mbus } from '../../../devices/mbus/driver.ts';
import { type DataRecord, readRecords } from '../../../devices/mbus/records.ts';
import { recordValue } from '../../../devices/mbus/value.ts';
import { inUnit } from '../../../devices/named-units.ts';
import { encodeRecord } from '../../../devices/simulator/mbus-encode.ts';
import { loadPlant } from '../support.ts';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const decode = (frames: string[], points: Record<string, object>): Record<string, Outcome> =>
  Object.fromEntries(
    mbus.decode?.(
      Object.entries(points).map(([name, address]) => ({ name, address: mbusAddress.parse(address) })),
      frames.map(bytes),
    ) ?? [],
  );
/** The value of the only record in these bytes. */
const valueIn = (hex: string, unit?: string) => recordValue(readRecords(bytes(hex)).records[0] as DataRecord, unit);

/** "The M-Bus: A Documentation", Rev. 4.8, section 6.6: the example of a RSP_UD telegram with variable data structure. */
const WATER =
  '68 1F 1F 68 08 02 72 78 56 34 12 24 40 01 07 55 00 00 00 03 13 15 31 00 DA 02 3B 13 01 8B 60 04 37 18 02 18 16';

test('the example telegram of the M-Bus documentation', () => {
  const points = {
    volume: { quantity: 'volume', unit: 'l' },
    peak: { quantity: 'flow', function: 'maximum', storage: 5, unit: 'l/h' },
    energy: { quantity: 'energy', tariff: 2, subunit: 1, unit: 'kWh' },
    id: { header: 'id' },
    maker: { header: 'manufacturer' },
    medium: { header: 'medium' },
    access: { header: 'access' },
  };
  expect(decode([WATER], points)).toEqual({
    volume: good(12_565),
    peak: good(113),
    energy: good(218.37),
    id: good('12345678'),
    maker: good('PAD'),
    medium: good(7),
    access: good(0x55),
  });
});

test('records that a point does not mean are not taken for it', () => {
  const points = {
    now: { quantity: 'flow' },
    tariff: { quantity: 'energy', tariff: 1, subunit: 1 },
    place: { quantity: 'volume', record: 0, unit: 'm³' },
    wrong: { quantity: 'volume', record: 1 },
    none: { quantity: 'volume', record: 9 },
    second: { quantity: 'volume', nth: 2 },
    reverse: { quantity: 'volume', extras: ['3C'] },
  };
  const missing = bad('illegal-address');
  expect(decode([WATER], points)).toEqual({
    now: missing,
    tariff: missing,
    place: good(12.565),
    wrong: missing,
    none: missing,
    second: missing,
    reverse: missing,
  });
});

test('Landis+Gyr Ultraheat T230 (rscada/libmbus test-frames, .norm.xml): a negative difference, a time point is no maximum', () => {
  const frame =
    '68 E2 E2 68 08 00 72 05 02 66 66 A7 32 07 04 01 10 00 00 09 74 04 09 70 08 0C 06 00 00 00 00 0C 14 00 00 00 00 0B 2D 00 00 00 0B 3B 00 00 00 0B 5A 95 01 00 0B 5E 97 01 00 0B 62 02 00 F0 0C 78 05 02 66 66 89 10 71 07 3C 22 69 37 00 00 0C 22 69 37 00 00 0C 26 00 00 00 00 8C 90 10 06 00 00 00 00 9B 10 2D 00 00 00 9B 10 3B 00 00 00 9B 10 5A 07 03 00 9B 10 5E 07 05 00 94 10 AD 6F 00 00 00 00 94 10 BB 6F 00 00 00 00 94 10 DA 6F 32 14 7A 18 94 10 DE 6F 2B 0B 69 18 4C 06 00 00 00 00 4C 14 00 00 00 00 7C 22 69 34 00 00 4C 26 00 00 00 00 CC 90 10 06 00 00 00 00 DB 10 2D 00 00 00 DB 10 3B 00 00 00 DB 10 5A 07 03 00 DB 10 5E 07 05 00 84 8F 0F 6D 00 00 E1 F1 04 6D 04 0C 8D 11 0F 09 07 00 66 01 7D 16';
  const maximum = { function: 'maximum', tariff: 1 };
  expect(
    decode([frame], {
      flow: { quantity: 'flow-temperature' },
      back: { quantity: 'return-temperature' },
      difference: { quantity: 'temperature-difference' },
      highest: { quantity: 'flow-temperature', ...maximum },
      onTime: { quantity: 'on-time', unit: 'h' },
      errorTime: { quantity: 'on-time', function: 'error', unit: 's' },
      second: { quantity: 'flow-temperature', ...maximum, nth: 2 },
      tariff5: { quantity: 'energy', tariff: 5 },
      clock: { quantity: 'date-time' },
      due: { quantity: 'date-time', storage: 510 },
    }),
  ).toEqual({
    flow: good(19.5),
    back: good(19.7),
    difference: good(-0.2),
    highest: good(30.7),
    onTime: good(3769),
    errorTime: good(13_568_400),
    second: bad('illegal-address'),
    tariff5: good(0),
    clock: good('2012-01-13T12:04'),
    due: bad('no-value'),
  });
});

test('floats, kilowatt-hours and an odd signature (rscada/libmbus example_data_02.hex)', () => {
  const frame =
    '68 31 31 68 08 01 72 45 58 57 03 B4 05 34 04 A1 00 27 B6 03 06 F9 34 15 03 15 C6 00 4D 05 2E 00 00 00 00 05 3D 00 00 00 00 05 5B 1E D8 24 42 05 5F D9 8A 0D 42 9E 16';
  const got = decode([frame], {
    energy: { quantity: 'energy', unit: 'MWh' },
    volume: { quantity: 'volume' },
    flow: { quantity: 'flow-temperature' },
  });
  expect(got).toMatchObject({ energy: good(1389.817), volume: good(504_647) });
  expect(got.flow?.quality === 'good' && Math.abs(Number(got.flow.value) - 41.211052)).toBeLessThan(1e-5);
});

describe('values of records', () => {
  test.each([
    ['01 13 FF', undefined, good(-0.001)],
    ['02 13 00 80', undefined, bad('no-value')],
    ['04 13 00 00 00 80', undefined, bad('no-value')],
    ['07 13 00 00 00 00 00 00 00 80', undefined, bad('no-value')],
    ['07 16 FF FF FF FF FF FF FF 7F', undefined, bad('value-too-large')],
    ['05 13 00 00 C0 7F', undefined, bad('not-a-number')],
    ['0A 13 34 12', undefined, good(1.234)],
    ['0A 13 34 F2', undefined, good(-0.234)],
    ['0A 13 FF FF', undefined, bad('no-value')],
    ['0A 13 3A 12', undefined, bad('no-value')],
    ['00 13', undefined, bad('no-value')],
    ['04 93 15 00 00 00 00', undefined, bad('no-value')],
    ['04 93 16 00 00 00 00', undefined, bad('out-of-range')],
    ['04 93 18 00 00 00 00', undefined, bad('device-failure')],
    ['04 93 74 0A 00 00 00', undefined, good(0.0001)],
    ['04 93 7D 0A 00 00 00', undefined, good(10)],
    ['04 93 7A 0A 00 00 00', undefined, good(0.11)],
    ['04 06 0A 00 00 00', 'MWh', good(0.01)],
    ['04 0E 0A 00 00 00', 'kWh', good(2.77777777778)],
    ['04 FB 08 0A 00 00 00', 'GJ', good(1)],
    ['04 06 0A 00 00 00', 'm³', bad('unexpected-data')],
    ['01 FD 17 80', undefined, good(128)],
    ['02 6C FF FF', undefined, bad('no-value')],
    ['02 6C 7F 1C', undefined, good('2011-12-31')],
    ['04 6D 80 0C 8D 11', undefined, bad('no-value')],
    ['06 6D 1E 04 0C 8D 11 00', undefined, good('2012-01-13T12:04:30')],
    ['0D FD 11 05 54 53 45 54 31', undefined, good('1TEST')],
    ['0D 13 C2 34 12', undefined, good(1.234)],
    ['0D 13 D2 34 12', undefined, good(-1.234)],
  ])('%s in %s', (hex, unit, outcome) => {
    expect(valueIn(hex, unit)).toEqual(outcome);
  });

  test('cut anywhere, the records of a telegram are never a value less or other without a word', () => {
    const data = bytes('03 13 15 31 00 DA 02 3B 13 01 8B 60 04 37 18 02');
    const whole = readRecords(data).records;
    for (let cut = 1; cut < data.length; cut++) {
      let records: readonly DataRecord[] = [];
      try {
        ({ records } = readRecords(data.subarray(0, cut)));
      } catch (error) {
        expect(error).toMatchObject({ code: 'unexpected-data' });
      }
      expect(records).toEqual(whole.slice(0, records.length));
    }
  });

  test('any bytes are records or a fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (data) => {
        try {
          for (const record of readRecords(Buffer.from(data)).records) recordValue(record, undefined);
        } catch (error) {
          expect(error).toMatchObject({ code: 'unexpected-data' });
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('what the simulator writes is read again, whatever storage, tariff, subunit and unit', () => {
    const whole = fc.nat({ max: 1_000_000 });
    fc.assert(
      fc.property(
        whole,
        fc.nat(1_000_000),
        fc.nat(1000),
        fc.nat(1000),
        fc.constantFrom('kWh', 'MWh', 'Wh'),
        (value, storage, tariff, subunit, unit) => {
          const address = mbusAddress.parse({
            quantity: 'energy',
            storage,
            tariff,
            subunit,
            unit,
            function: 'minimum',
          });
          if ('header' in address) throw new Error('no record');
          const [record] = readRecords(encodeRecord(address, value)).records;
          expect(record).toMatchObject({ quantity: 'energy', storage, tariff, subunit, function: 'minimum' });
          const outcome = recordValue(record as DataRecord, unit);
          expect(outcome.quality === 'good' && Math.abs(Number(outcome.value) - value)).toBeLessThanOrEqual(
            value * 1e-8,
          );
        },
      ),
    );
  });
});

test('units', () => {
  expect(inUnit(0.1, 'MWh', 'kWh')).toBe(100);
  expect(inUnit(1, 'GJ', 'kWh')).toBe(277.777777778);
  expect(inUnit(60, 'm³/h', 'l/min')).toBe(1000);
  expect(inUnit(1, 'd', 'h')).toBe(24);
  expect(inUnit(1, 'bar', 'kPa')).toBe(100);
  expect(inUnit(1, 'kWh', 'kW')).toBeUndefined();
  expect(inUnit(1, '°C', 'K')).toBeUndefined();
});

test.each([
  [{}, /`quantity` or `header`/],
  [{ quantity: 'energy', header: 'id' }, /one of them/],
  [{ quantity: 'energy', unit: 'm³' }, /comes in Wh, J, not m³/],
  [{ quantity: 'named' }, /needed there/],
  [{ quantity: 'energy', name: 'x' }, /of a quantity `named`/],
  [{ quantity: 'energy', type: 'text' }, /is a number/],
  [{ quantity: 'flow', extras: ['zz'] }, /two hexadecimal/],
])('the address %j is refused', (given, message) => {
  const issues = mbusAddress.safeParse(given).error?.issues ?? [];
  expect(issues.map((issue) => issue.message).join('\n')).toMatch(message);
});

test('the unit of a point is the unit of its values; a primary address must be one', async () => {
  const yaml = (device: string) => `
channels: [{ name: bus, driver: mbus, port: /dev/x, baudRate: 2400, parity: even }]
devices: [{ name: m, channel: bus, ${device}, points: { e: { unit: MWh, address: { quantity: energy } } } }]`;
  const { plant, problems } = await loadPlant(yaml('unitId: 250'));
  expect(problems).toEqual([]);
  expect(plant.devices[0]?.points[0]?.address).toMatchObject({ unit: 'MWh' });
  expect((await loadPlant(yaml('unitId: 251'))).problems[0]?.message).toMatch(/no address of a meter/);
  expect((await loadPlant(yaml('station: "1234567"'))).problems[0]?.message).toMatch(/eight digits/);
  expect(mbusStation.safeParse('12345678-KAM-08-04').success).toBe(true);
});
