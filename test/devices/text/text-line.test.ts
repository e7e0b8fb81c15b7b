import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bad, good, type Outcome } from '../../../core/reading.ts';
import type { Line, Step } from '../../../devices/driver.ts';
import { STANDARD_LIMITS } from '../../../devices/limits.ts';
import { textAddress } from '../../../devices/text/address.ts';
import { checkedBody, withChecksum } from '../../../devices/text/checksum.ts';
import { fillIn, textLine } from '../../../devices/text/driver.ts';

const LIMITS = { ...STANDARD_LIMITS, maxGap: 0 };
const UPS = { send: 'Q1\r', start: '(', end: '\r', match: String.raw`^(?<in>[\d.]+) (?<load>\d+) (?<bits>[01]{8})$` };

function points(addresses: Record<string, Record<string, unknown>>) {
  return Object.entries(addresses).map(([name, address]) => ({ name, address: textAddress.parse(address) }));
}

/** A line that answers with `reply`, one byte more at each look. */
function answering(reply: string, asked: string[] = []): Line {
  return {
    serial: { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 },
    retunable: true,
    tell: async () => {},
    async exchange({ send, until }: Step) {
      asked.push(Buffer.from(send).toString('latin1'));
      const bytes = Buffer.from(reply, 'latin1');
      for (let have = 1; have <= bytes.length; have++) {
        const length = until(bytes.subarray(0, have));
        if (length > 0) return bytes.subarray(0, length);
      }
      throw new Error('the reply never became whole');
    },
  };
}

async function ask(
  addresses: Record<string, Record<string, unknown>>,
  reply: string,
): Promise<Record<string, Outcome>> {
  const [request] = textLine.plan(points(addresses), LIMITS);
  if (request === undefined) throw new Error('nothing to ask');
  return Object.fromEntries(await textLine.read(request, answering(reply), { unitId: 1 }));
}

async function hear(addresses: Record<string, Record<string, unknown>>, stream: string, chunk: number) {
  async function* bytes() {
    for (let at = 0; at < stream.length; at += chunk) yield Buffer.from(stream.slice(at, at + chunk), 'latin1');
  }
  const heard: Record<string, Outcome>[] = [];
  for await (const answers of textLine.listen?.(points(addresses), bytes()) ?? [])
    heard.push(Object.fromEntries(answers));
  return heard;
}

describe('ask and answer', () => {
  test('one question brings all points of a message, named groups and single characters', async () => {
    const addresses = {
      input: { ...UPS, group: 'in' },
      load: { ...UPS, group: 'load', type: 'int32' },
      failed: { ...UPS, group: 'bits', type: 'bool', bit: 3 },
      low: { ...UPS, group: 'bits', type: 'bool', bit: 1 },
      state: { ...UPS, group: 'bits', type: 'bits', bits: { 3: 'Failed' } },
    };
    expect(textLine.plan(points(addresses), LIMITS)).toHaveLength(1);
    expect(await ask(addresses, '(226.5 014 00010001\r')).toEqual({
      input: good(226.5),
      load: good(14),
      failed: good(true),
      low: good(false),
      state: good('Failed, bit 7'),
    });
  });

  test('noise before the start mark is skipped', async () => {
    expect(await ask({ input: { ...UPS, group: 'in' } }, 'xx\r\n(226.5 014 00000000\r')).toEqual({
      input: good(226.5),
    });
  });

  test('a line of another form is bad text for all its points', async () => {
    await expect(ask({ input: { ...UPS, group: 'in' } }, '(NAK\r')).rejects.toMatchObject({ code: 'bad-text' });
  });

  test('columns and fields, fixed length, scale, missing parts', async () => {
    const scale = { send: 'S\r\n', length: 16 };
    const got = await ask(
      {
        weight: { ...scale, columns: [4, 14], scale: 0.001 },
        stable: { ...scale, columns: [0, 2], type: 'string' },
        beyond: { ...scale, columns: [10, 20] },
      },
      'ST,+00123.45   g\r\n',
    );
    expect(got).toEqual({ weight: good(0.12345), stable: good('ST'), beyond: bad('bad-text') });
    const fields = { send: 'D\r', end: '\r', split: ';' };
    expect(
      await ask(
        {
          a: { ...fields, field: 1, scale: 0.1, offset: -40 },
          b: { ...fields, field: 2 },
          c: { ...fields, field: 3, invalid: ['---.-', -999] },
          d: { ...fields, field: 4, invalid: ['---.-', -999] },
          e: { ...fields, field: 9 },
          f: { ...fields, field: 0, type: 'string' },
        },
        'ok;231;;---.-;-999.0\r',
      ),
    ).toEqual({
      a: good(-16.9),
      b: bad('no-value'),
      c: bad('no-value'),
      d: bad('no-value'),
      e: bad('bad-text'),
      f: good('ok'),
    });
  });

  test('numbers at the edge', async () => {
    const line = { send: 'D\r', end: '\r', split: ';' };
    const got = await ask(
      {
        zero: { ...line, field: 0 },
        count: { ...line, field: 1, type: 'uint32' },
        huge: { ...line, field: 2, scale: 10 },
      },
      '-0.0;12345678901234567890;1e308\r',
    );
    expect(got).toEqual({ zero: good(0), count: bad('value-too-large'), huge: bad('not-a-number') });
  });

  test('another part names the unit', async () => {
    const wind = { send: '?', end: '\r', match: '^(?<speed>[0-9.]+)(?<unit>[NM])$', group: 'speed' };
    const address = { ...wind, factor: { group: 'unit', by: { M: 1, N: 0.5 } } };
    expect(await ask({ wind: address }, '8.4N\r')).toEqual({ wind: good(4.2) });
    expect(await ask({ wind: address }, '8.4M\r')).toEqual({ wind: good(8.4) });
  });

  test('the unit id goes into the question', () => {
    expect(fillIn('/{unit}!', { unitId: 7 })).toBe('/7!');
    expect(fillIn('#{unit:2}1', { unitId: 7 })).toBe('#071');
  });
});

describe('lines that come unasked', () => {
  const WIND = { start: '$', checksum: 'xor', match: '^..MWV,(?<angle>[^,]*),R,(?<speed>[^,]*)' };
  const AIR = { start: '$', checksum: 'xor', match: '^..MDA,', split: ',' };
  const all = { angle: { ...WIND, group: 'angle' }, speed: { ...WIND, group: 'speed' }, air: { ...AIR, field: 5 } };
  const WIND_LINE = '$WIMWV,045,R,011.63,N,A*09\r\n';
  const AIR_LINE = '$WIMDA,29.8578,I,1.0111,B,26.1,C,,,16.1,,-1.6,C,0.0,T,1.4,M,0.0,N,0.0,M*7C\r\n';
  const expected = [{ angle: good(45), speed: good(11.63) }, { air: good(26.1) }];

  test('are cut the same however the bytes arrive, with garbage between', async () => {
    const stream = `R,011*33\r\n${WIND_LINE}$WIMW${AIR_LINE}`;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 200 }), async (chunk) => {
        expect(await hear(all, stream, chunk)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  test('other sentences are no fault, and a wrong checksum brings no value', async () => {
    expect(await hear(all, `$GPZDA,1*58\r\n${WIND_LINE.replace('045', '046')}`, 7)).toEqual([]);
  });

  test('where all lines are of one kind, a garbled one is a fault', async () => {
    const angle = { angle: { ...WIND, group: 'angle' } };
    expect(await hear(angle, WIND_LINE.replace('*09', '*0A'), 99)).toEqual([{ angle: bad('garbled') }]);
  });

  test.each(['', '\x02'])(
    'lines of fixed length (start mark %j) are found again wherever the stream begins',
    async (start) => {
      const scale = { start, length: 8, columns: [0, 8] };
      const line = (weight: number) => `${start}${String(weight).padStart(8)}\r\n`;
      for (let cut = 0; cut <= line(1).length; cut++) {
        const stream = `${line(11).slice(cut)}${line(12)}${line(13)}${line(14)}`;
        const weights = (await hear({ weight: scale }, stream, 3)).map(({ weight }) => weight);
        expect(weights.filter((outcome) => outcome?.quality === 'good').slice(-2)).toEqual([13, 14].map(good));
        expect(weights.filter((outcome) => outcome?.quality === 'bad').length).toBeLessThanOrEqual(2);
      }
    },
  );

  test('what is asked for is not listened to, and the other way round', async () => {
    expect(textLine.plan(points(all), LIMITS)).toEqual([]);
    expect(await hear({ input: { ...UPS, group: 'in' } }, '(226.5 014 00000000\r', 99)).toEqual([]);
  });
});

describe('checksums', () => {
  test('known lines', () => {
    expect(checkedBody('xor', 'WIMWV,045,R,011.63,N,A*09')).toBe('WIMWV,045,R,011.63,N,A');
    expect(checkedBody('xor', 'WIMWV,045,R,011.63,N,A*0A')).toBeUndefined();
    expect(checkedBody('xor', 'WIMWV')).toBeUndefined();
    // 0x30 + 0x31 + 0x32 = 0x93.
    expect(checkedBody('sum8', '01293')).toBe('012');
    // The standard's check value of CRC-16/MODBUS.
    expect(checkedBody('crc16-modbus', '1234567894B37')).toBe('123456789');
  });

  test.each(['xor', 'sum8', 'crc16-modbus'] as const)('%s: made and checked; one changed character is seen', (kind) => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z0-9,.]{1,40}$/), fc.nat(), (text, at) => {
        const line = withChecksum(kind, text);
        expect(checkedBody(kind, line)).toBe(text);
        const place = at % text.length;
        const broken = `${line.slice(0, place)}#${line.slice(place + 1)}`;
        expect(checkedBody(kind, broken)).toBeUndefined();
      }),
    );
  });
});

describe('what stands beside a value', () => {
  const scale = {
    send: 'SI\r\n',
    match: String.raw`^S (?<state>[SD+])(?: +(?<value>[\d.]+) (?<unit>\w+))?$`,
    group: 'value',
    factor: { group: 'unit', by: { g: 0.001, kg: 1 } },
  };
  const faults = { group: 'state', by: { D: 'unstable', '+': 'overload' } };

  test.each([
    ['S S   100.00 g', good(0.1)],
    ['S S     2.5 kg', good(2.5)],
    ['S D   100.00 g', bad('unstable')],
    ['S +', bad('overload')],
    ['S S    12 PCS', bad('wrong-unit')],
    ['S S', bad('bad-text')],
  ])('%s', async (reply, outcome) => {
    expect(await ask({ weight: { ...scale, faults } }, `${reply}\r\n`)).toEqual({ weight: outcome });
  });

  test('concerns only the points that say so', async () => {
    const got = await ask({ weight: { ...scale, faults }, live: scale }, 'S D   100.00 g\r\n');
    expect(got).toEqual({ weight: bad('unstable'), live: good(0.1) });
  });
});

describe('addresses', () => {
  test.each([
    [{ ...UPS, group: 'nope' }, /no group named nope/],
    [{ ...UPS }, /exactly one/],
    [{ ...UPS, group: 'in', factor: { group: 'nope', by: {} } }, /no group named nope/],
    [{ ...UPS, group: 'in', faults: { group: 'nope', by: {} } }, /no group named nope/],
    [{ ...UPS, group: 'in', faults: { group: 'in', by: { x: 'journal-write' } } }, /Invalid option/],
    [{ ...UPS, group: 'in', field: 2 }, /exactly one/],
    [{ send: 'x', field: 2 }, /needs `split`/],
    [{ send: 'x', match: '(', group: 'a' }, /no regular expression/],
  ])('%j is refused', (given, message) => {
    const issues = textAddress.safeParse(given).error?.issues ?? [];
    expect(issues.map((issue) => issue.message).join('\n')).toMatch(message);
  });
});
