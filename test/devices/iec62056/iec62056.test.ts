import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bad, good, type Outcome } from '../../../core/reading.ts';
import type { Line, SerialSettings } from '../../../devices/driver.ts';
import { iecStation, isMeant, obisAddress } from '../../../devices/iec62056/address.ts';
import { blockCheck, withoutParity, withParity } from '../../../devices/iec62056/characters.ts';
import { iec62056 } from '../../../devices/iec62056/driver.ts';
import { blockLength, blockText, readDataSets, readIdentification } from '../../../devices/iec62056/readout.ts';
import { startSimulator } from '../../../devices/simulator/simulator.ts';
import { describeWith } from '../../support/tools.ts';
import { LIMITS } from '../far-end.ts';
import { parts, plantOf, readAll, startChannel } from '../support.ts';

const ascii = (text: string) => Buffer.from(text, 'latin1');
const points = (given: Record<string, object>) =>
  Object.entries(given).map(([name, address]) => ({ name, address: obisAddress.parse(address) }));
const decode = (text: string, given: Record<string, object>): Record<string, Outcome> =>
  Object.fromEntries(iec62056.decode?.(points(given), [ascii(text)]) ?? []);

describe('characters', () => {
  test('the block check of a recorded frame (pwitab/iec62056-21, its own test data)', () => {
    const frame = ascii('\x01P0\x02(1234567)\x03P');
    expect(blockCheck(frame.subarray(1, -1))).toBe(frame.at(-1));
  });

  test('seven bits with even parity as eight bits: a sign-on as loggers of optical heads show it', () => {
    // `/?!` CR LF: AF 3F 21 8D 0A.
    expect(withParity('/?!\r\n', 8)).toEqual(Buffer.from('af3f218d0a', 'hex'));
    expect(withParity('/?!\r\n', 7)).toEqual(ascii('/?!\r\n'));
    expect(withoutParity(Buffer.from('af3f218d0a', 'hex'), 8)).toEqual(ascii('/?!\r\n'));
    expect(withoutParity(Buffer.from('2f3f218d0a', 'hex'), 8)).toBeUndefined();
  });

  test('one wrong bit is seen by parity, and two in different characters by the block check', () => {
    const body = '1.8.0(000065.3*kWh)\r\n!\r\n\x03';
    const block = withParity(`\x02${body}${String.fromCharCode(blockCheck(ascii(body)))}`, 8);
    expect(blockText(block, 8)).toBe(body.slice(0, -1));
    fc.assert(
      fc.property(fc.nat(block.length - 1), fc.nat(7), fc.nat(6), (place, bit, other) => {
        const one = Buffer.from(block);
        one[place] = (one[place] as number) ^ (1 << bit);
        expect(blockText(one, 8)).toBeUndefined();
        const two = withoutParity(block, 8) as Buffer;
        two[place] = (two[place] as number) ^ (1 << other);
        if (place > 0) expect(blockText(two, 7)).toBeUndefined();
      }),
    );
  });
});

describe('identifications', () => {
  test.each([
    ['/LGZ5\\2ZMD3104107.B40\r\n', { maker: 'LGZ', baudRate: 9600, model: 'ZMD3104107.B40' }],
    ['/LOG5LK123\r\n', { maker: 'LOG', baudRate: 9600, model: 'LK123' }],
    ['/LGZ0ZMF100AC.MXX\r\n', { maker: 'LGZ', baudRate: 300, model: 'ZMF100AC.MXX' }],
    ['/ISk5MT174-0001\r\n', { maker: 'ISk', baudRate: 9600 }],
  ])('%j', (text, wanted) => {
    expect(readIdentification(ascii(text), 7)).toMatchObject(wanted);
  });

  test.each([
    ['/ABCAmode B\r\n', 'unexpected-data'],
    ['/ABC9reserved\r\n', 'unexpected-data'],
    ['/X5\r\n', 'garbled'],
    ['/?!\r\n', 'garbled'],
    ['hello\r\n', 'garbled'],
  ])('%j is %s', (text, code) => {
    expect(() => readIdentification(ascii(text), 7)).toThrowError(expect.objectContaining({ code }));
  });
});

describe('data', () => {
  const text =
    'F.F(00)\r\n0.9.1(13:23:08)\r\n1-0:1.8.0*255(000101.96*kWh)\r\n1.8.0*19(000101.71*kWh)\r\n1.6.0(04.470*kW)(230318200000)\r\n13.7.0(-0.95)\r\n2.8.0()\r\n5.8.0(-----)\r\n6.8(0012.5*MWh)6.26(00123.45*m3)\r\n!\r\n9.9.9(7)\r\n';

  test('is found by its code, converted into the unit of the point', () => {
    expect(
      decode(text, {
        total: { obis: '1.8.0', unit: 'Wh' },
        full: { obis: '1-0:1.8.0', unit: 'kWh' },
        history: { obis: '1.8.0*19', unit: 'kWh' },
        peak: { obis: '1.6.0', unit: 'W' },
        when: { obis: '1.6.0', value: 2, type: 'text' },
        factor: { obis: '13.7.0' },
        heat: { obis: '6.8', unit: 'GJ' },
        volume: { obis: '6.26', unit: 'm³' },
        error: { obis: 'F.F', type: 'text' },
      }),
    ).toEqual({
      total: good(101_960),
      full: good(101.96),
      history: good(101.71),
      peak: good(4470),
      when: good('230318200000'),
      factor: good(-0.95),
      heat: good(45),
      volume: good(123.45),
      error: good('00'),
    });
  });

  test('is a fault where there is none, another, or in another unit', () => {
    expect(
      decode(text, {
        missing: { obis: '3.8.0' },
        behindTheEnd: { obis: '9.9.9' },
        third: { obis: '1.6.0', value: 3 },
        empty: { obis: '2.8.0', unit: 'kWh' },
        dashes: { obis: '5.8.0', unit: 'kvarh' },
        clock: { obis: '0.9.1' },
        unit: { obis: '1.8.0', unit: 'kW' },
        other: { obis: '1-1:1.8.0', unit: 'kWh' },
        code: { obis: 'F.F', type: 'text', invalid: ['00'] },
      }),
    ).toEqual({
      missing: bad('illegal-address'),
      behindTheEnd: bad('illegal-address'),
      third: bad('illegal-address'),
      empty: bad('no-value'),
      dashes: bad('no-value'),
      clock: bad('bad-text'),
      unit: bad('wrong-unit'),
      other: bad('illegal-address'),
      code: bad('no-value'),
    });
  });

  test('any text is data or nothing, never an error', () => {
    fc.assert(fc.property(fc.string(), (any) => void readDataSets(any)));
  });

  test.each([
    ['1.8.0', '1-0:1.8.0*255', true],
    ['1-0:1.8.0*255', '1.8.0', true],
    ['1.8.0', '1.8.0*01', false],
    ['1.8.0', '1.8.0&01', false],
    ['1.8.0', '11.8.0', false],
    ['1-0:1.8.0', '1-1:1.8.0', false],
  ])('%s means %s: %s', (wanted, own, meant) => expect(isMeant(wanted, own)).toBe(meant));
});

describe('sessions', () => {
  const [request] = iec62056.plan(points({ total: { obis: '1.8.0', unit: 'kWh' } }), LIMITS);
  const FIRST: SerialSettings = { baudRate: 300, dataBits: 7, parity: 'even', stopBits: 1 };
  const block = (text: string) => {
    const body = `${text}\r\n!\r\n\x03`;
    return ascii(`\x02${body}${String.fromCharCode(blockCheck(ascii(body)))}`);
  };
  const damaged = (whole: Buffer) => {
    whole[8] = (whole[8] as number) ^ 1;
    return whole;
  };
  const ID = ascii('/LGZ5\\2ZMD\r\n');

  function lineOf(replies: Buffer[], more: Partial<Line> = {}) {
    const asked: unknown[] = [];
    const line: Line = {
      serial: FIRST,
      retunable: true,
      tell: async (sent) => void asked.push(Buffer.from(sent).toString('latin1')),
      exchange: async ({ send, until, answerBaudRate }) => {
        asked.push(answerBaudRate ?? 'as it is', Buffer.from(send).toString('latin1'));
        const reply = replies.shift() ?? Buffer.alloc(0);
        expect(until(reply)).toBe(reply.length);
        return reply;
      },
      ...more,
    };
    return { line, asked };
  }
  const read = async (line: Line, station?: string) => {
    if (request === undefined) throw new Error('no request');
    return Object.fromEntries(await iec62056.read(request, line, { unitId: 1, ...(station ? { station } : {}) }));
  };

  test('sign on, take the offered speed, read', async () => {
    const { line, asked } = lineOf([ID, block('1.8.0(000065.3*kWh)')]);
    expect(await read(line)).toEqual({ total: good(65.3) });
    expect(asked).toEqual(['as it is', '/?!\r\n', 9600, '\x06050\r\n']);
  });

  test('by address, and in eight bits with the parity made here', async () => {
    const serial: SerialSettings = { ...FIRST, dataBits: 8, parity: 'none' };
    const replies = [
      withParity(ID.toString('latin1'), 8),
      withParity(block('1.8.0(000065.3*kWh)').toString('latin1'), 8),
    ];
    const { line, asked } = lineOf(replies, { serial });
    expect(await read(line, '12345678')).toEqual({ total: good(65.3) });
    expect(asked[1]).toBe(withParity('/?12345678!\r\n', 8).toString('latin1'));
  });

  test('damaged data is asked for once more, then the session is broken off', async () => {
    const once = lineOf([ID, damaged(block('1.8.0(000065.3*kWh)')), block('1.8.0(000065.3*kWh)')]);
    expect(await read(once.line)).toEqual({ total: good(65.3) });
    expect(once.asked.slice(4)).toEqual(['as it is', '\x15']);
    const twice = lineOf([ID, damaged(block('1.8.0(000065.3*kWh)')), damaged(block('1.8.0(000065.3*kWh)'))]);
    await expect(read(twice.line)).rejects.toMatchObject({ code: 'garbled' });
    // SOH B0 ETX and its block check, as the standard prints it: 01 42 30 03 71.
    expect(twice.asked.slice(4)).toEqual(['as it is', '\x15', '\x01B0\x03q']);
  });

  test('on a line of fixed speed the meter is asked to stay at 300 baud; another speed is refused', async () => {
    const stay = lineOf([ID, block('1.8.0(000065.3*kWh)')], { retunable: false });
    await read(stay.line);
    expect(stay.asked.slice(2)).toEqual([300, '\x06000\r\n']);
    const same = lineOf([ID, block('1.8.0(000065.3*kWh)')], { retunable: false, serial: { ...FIRST, baudRate: 9600 } });
    await read(same.line);
    expect(same.asked.slice(2)).toEqual([9600, '\x06050\r\n']);
    const other = lineOf([ID], { retunable: false, serial: { ...FIRST, baudRate: 2400 } });
    await expect(read(other.line)).rejects.toMatchObject({ code: 'speed-fixed' });
  });

  test('a block ends behind its check character, even if that looks like an end', () => {
    expect(blockLength(ascii('\x02ab\x03'))).toBe(0);
    expect(blockLength(ascii('\x02ab\x03\x03'))).toBe(5);
    expect(blockLength(ascii('\x02ab\x03\x03more'))).toBe(5);
  });
});

test.each([
  [{ obis: 'x' }, /OBIS code/],
  [{ obis: '1.8.0', value: 0 }, /1/],
  [{ obis: '1.8.0', typ: 'text' }, /Unrecognized/],
])('the address %j is refused', (given, message) => {
  const issues = obisAddress.safeParse(given).error?.issues ?? [];
  expect(issues.map((issue) => issue.message).join('\n')).toMatch(message);
});

test('a station is letters and digits', () => {
  expect(iecStation.safeParse('12345678').success).toBe(true);
  for (const wrong of ['', '1!', 'x'.repeat(33)]) expect(iecStation.safeParse(wrong).success).toBe(false);
});

describe('simulated', () => {
  const plantAt = (baudRate: number) =>
    plantOf(`
channels: [{ name: bus, driver: iec62056, port: /dev/x, baudRate: ${baudRate}, timeout: 400ms }]
devices:
  - { name: one, channel: bus, station: "11", profile: landis-gyr/e350 }
  - { name: two, channel: bus, station: "22", profile: iec62056/electricity }`);

  test('meters on one line: one fails, the other does not', async () => {
    const plant = await plantAt(9600);
    const simulator = await startSimulator(plant, parts);
    const [spec] = plant.channels;
    const [one, two] = plant.devices;
    if (!spec || !one || !two) throw new Error('no devices');
    const { channel, stop } = startChannel({ ...spec, port: simulator.endpoints[0]?.port ?? '' });
    const qualities = async (device: typeof one) =>
      readAll(channel, { ...device, timeoutMs: 400 }).then(
        (answers) => [...new Set([...answers.values()].map(({ quality }) => quality))],
        (error: { code: string }) => error.code,
      );
    for (const device of [one, two, one]) expect(await qualities(device)).toEqual(['good']);
    for (const [fault, code] of [
      ['dead', 'no-answer'],
      ['garbled', 'garbled'],
      ['busy', 'no-answer'],
    ] as const) {
      simulator.setFault('one', fault);
      expect(await qualities(one)).toBe(code);
      expect(await qualities(two)).toEqual(['good']);
    }
    await stop();
    await simulator.stop();
  });

  describeWith('socat', 'on a pseudo-terminal', () => {
    test('begins at 300 baud, goes on at 9600, and begins at 300 again', { timeout: 30_000 }, async () => {
      const plant = await plantAt(300);
      const ptyDir = mkdtempSync(join(tmpdir(), 'sluice-pty-'));
      const simulator = await startSimulator(plant, { ...parts, ptyDir });
      const [spec] = plant.channels;
      const [one, two] = plant.devices;
      if (!spec || !one || !two) throw new Error('no devices');
      const port = simulator.endpoints[0]?.port ?? '';
      const { channel, stop } = startChannel({ ...spec, port });
      const speed = () => Number(execFileSync('stty', ['-F', port, 'speed'], { encoding: 'utf8' }));
      for (const device of [one, two]) {
        const answers = await readAll(channel, { ...device, timeoutMs: 1500 });
        expect([...answers.values()].every(({ quality }) => quality === 'good')).toBe(true);
        expect(speed()).toBe(9600);
      }
      await channel.lease(async (line) => expect(line.serial.baudRate).toBe(300));
      expect(speed()).toBe(300);
      await stop();
      await simulator.stop();
    });
  });
});
