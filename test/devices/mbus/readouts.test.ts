import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { good } from '../../../core/reading.ts';
import type { Line } from '../../../devices/driver.ts';
import { STANDARD_LIMITS } from '../../../devices/limits.ts';
import { mbusAddress } from '../../../devices/mbus/address.ts';
import { mbus } from '../../../devices/mbus/driver.ts';
import { decodeFrame, frameLength, longFrame } from '../../../devices/mbus/frame.ts';
import { selectFrame } from '../../../devices/mbus/station.ts';
import { startSimulator } from '../../../devices/simulator/simulator.ts';
import { parts, plantOf, readAll, startChannel } from '../support.ts';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

describe('readouts', () => {
  const [request] = mbus.plan(
    ['a', 'b'].map((name, i) => ({ name, address: mbusAddress.parse({ quantity: 'volume', storage: i, unit: 'l' }) })),
    STANDARD_LIMITS,
  );
  const header = '78 56 34 12 24 40 01 07 55 00 00 00';
  const answer = (records: string, address = 5) => longFrame(0x08, address, 0x72, bytes(`${header} ${records}`));

  function lineOf(replies: Buffer[], asked: string[] = []): Line {
    return {
      serial: { baudRate: 2400, dataBits: 8, parity: 'even', stopBits: 1 },
      retunable: true,
      tell: async () => {},
      exchange: async ({ send, until }) => {
        asked.push(Buffer.from(send).toString('hex'));
        const reply = replies[Math.min(asked.length, replies.length) - 1] as Buffer;
        expect(until(reply)).toBe(reply.length);
        return reply;
      },
    };
  }
  const read = (line: Line, target: { unitId: number; station?: string } = { unitId: 5 }) => {
    if (request === undefined) throw new Error('no request');
    return mbus.read(request, line, target);
  };
  const ACK = Buffer.of(0xe5);
  const both = [ACK, answer('01 13 07 1F'), answer('41 13 09')];

  test('begin with SND_NKE and toggle the frame count bit until the last telegram', async () => {
    const asked: string[] = [];
    const got = Object.fromEntries(await read(lineOf(both, asked)));
    expect(got).toEqual({ a: good(7), b: good(9) });
    expect(asked).toEqual(['1040054516', '107b058016', '105b056016']);
  });

  test('select a meter by its secondary address, and believe no other', async () => {
    const asked: string[] = [];
    const target = { unitId: 1, station: '12345678-PAD-01-07' };
    expect(Object.fromEntries(await read(lineOf(both, asked), target))).toEqual({ a: good(7), b: good(9) });
    // EN 13757-7, 8.4: C 53, A FD, CI 52, identification, maker, version, medium.
    expect(asked).toEqual([
      '680b0b6853fd5278563412244001072316'.replace('2316', `${checksum(asked[0])}16`),
      '107bfd7816',
      '105bfd5816',
    ]);
    for (const station of ['87654321', '12345678-KAM-01-07', '12345678-PAD-02-07', '12345678-PAD-01-04'])
      await expect(read(lineOf(both), { unitId: 1, station })).rejects.toMatchObject({ code: 'garbled' });
    expect(Object.fromEntries(await read(lineOf(both), { unitId: 1, station: '1234FFFF' }))).toMatchObject({
      a: good(7),
    });
    expect(selectFrame('12345678').subarray(7, 15)).toEqual(bytes('78 56 34 12 FF FF FF FF'));
  });

  test.each([
    ['an acknowledgement instead of data', [ACK, ACK], 'no-value'],
    ['data instead of an acknowledgement', [answer('01 13 07')], 'garbled'],
    ['another meter', [ACK, answer('01 13 07', 6)], 'garbled'],
    ['a request', [ACK, longFrame(0x53, 5, 0x72, bytes(`${header} 01 13 07`))], 'garbled'],
    [
      'encrypted data',
      [ACK, longFrame(0x08, 5, 0x72, bytes('78 56 34 12 24 40 01 07 55 00 00 05 01 13 07'))],
      'access-denied',
    ],
    ['an application error: busy', [ACK, longFrame(0x08, 5, 0x70, Buffer.of(8))], 'device-busy'],
    ['an application error', [ACK, longFrame(0x08, 5, 0x70, Buffer.of(3))], 'device-failure'],
    ['fixed data', [ACK, longFrame(0x08, 5, 0x73, Buffer.alloc(16))], 'unexpected-data'],
    ['telegrams without end', [ACK, answer('01 13 07 1F')], 'garbled'],
  ])('%s', async (_, replies, code) => {
    await expect(read(lineOf(replies))).rejects.toMatchObject({ code });
  });

  function checksum(frame = ''): string {
    const body = bytes(frame).subarray(4, -2);
    return (body.reduce((sum, byte) => sum + byte, 0) & 0xff).toString(16).padStart(2, '0');
  }
});

test('every frame of the standard form is cut at its end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 250 }), fc.nat(255), (data, address) => {
      const frame = longFrame(0x08, address, 0x72, data);
      expect(frameLength(Buffer.concat([frame, frame]))).toBe(frame.length);
      expect(decodeFrame(frame)).toMatchObject({ kind: 'long', address, ci: 0x72 });
      for (let cut = 0; cut < frame.length; cut++) expect(frameLength(frame.subarray(0, cut))).toBe(0);
    }),
    { numRuns: 30 },
  );
});

test('meters by primary and secondary address on one line, some in several telegrams', async () => {
  const many = Array.from(
    { length: 40 },
    (_, i) => `e${i}: { unit: kWh, address: { quantity: energy, storage: ${i} } }`,
  );
  const plant = await plantOf(`
channels: [{ name: bus, driver: mbus, port: /dev/x, baudRate: 115200, timeout: 100ms }]
devices:
  - { name: one, channel: bus, unitId: 1, profile: kamstrup/multical-601 }
  - { name: two, channel: bus, station: "10380010", profile: engelmann/sensostar-2c }
  - { name: three, channel: bus, station: "54000834-ELV-32-1B", profile: elvaco/cma11 }
  - { name: long, channel: bus, unitId: 7, points: { ${many.join(', ')} } }`);
  const simulator = await startSimulator(plant, parts);
  const [spec] = plant.channels;
  if (spec === undefined) throw new Error('no channel');
  const { channel, stop } = startChannel({ ...spec, port: simulator.endpoints[0]?.port ?? '' });
  const qualities = async (name: string) => {
    const device = plant.devices.find((each) => each.name === name);
    if (device === undefined) throw new Error(name);
    return readAll(channel, { ...device, timeoutMs: 150 }).then(
      (answers) => [
        ...new Set([...answers.values()].map((outcome) => (outcome.quality === 'good' ? 'good' : outcome.fault))),
      ],
      (error: { code: string }) => error.code,
    );
  };
  for (let round = 0; round < 2; round++) {
    for (const { name } of plant.devices) expect(await qualities(name), name).toEqual(['good']);
  }
  // A request with the frame count bit as it was gets the last telegram again.
  const [a, b, c] = await channel.lease(async (line) => {
    const ask = async (hex: string) =>
      Buffer.from(await line.exchange({ send: bytes(hex), until: frameLength, atMost: 261 }));
    await ask('1040074716');
    return [await ask('107b078216'), await ask('107b078216'), await ask('105b076216')];
  });
  expect(b).toEqual(a);
  expect(c).not.toEqual(a);
  for (const [fault, code] of [
    ['dead', 'no-answer'],
    ['slow', 'no-answer'],
    ['busy', 'device-busy'],
    ['garbled', 'garbled'],
  ] as const) {
    simulator.setFault('two', fault);
    expect(await qualities('two')).toBe(code);
    expect(await qualities('three')).toEqual(['good']);
    expect(await qualities('long')).toEqual(['good']);
  }
  await stop();
  await simulator.stop();
});
