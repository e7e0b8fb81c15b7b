import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { verb as scan } from '../../cli/scan.ts';
import { parseUnits } from '../../devices/scan/units.ts';
import { startSimulator } from '../../devices/simulator/simulator.ts';
import { farEnd, tcpAnswer } from '../devices/far-end.ts';
import { parts, plantOf } from '../devices/support.ts';
import { run } from '../support/run-verb.ts';
import { describeWith } from '../support/tools.ts';

const PLANT = `
channels:
  - { name: bus, driver: modbus-rtu, port: /dev/x, baudRate: 19200 }
  - { name: plc, driver: modbus-tcp, port: "tcp://127.0.0.1:502" }
devices:
  - { name: meter, channel: bus, unitId: 2, profile: eastron/sdm630 }
  - { name: room, channel: bus, unitId: 5, profile: xy-md02 }
  - { name: own, channel: plc, unitId: 3, points: { p: { address: { table: holding, register: 7, type: uint16 } } } }
`;

let portOf: (channel: string) => string;
let stop: () => Promise<void>;
beforeEach(async () => {
  const simulator = await startSimulator(await plantOf(PLANT), {
    ...parts,
    ptyDir: mkdtempSync(join(tmpdir(), 'sluice-scan-')),
  });
  portOf = (name) => simulator.endpoints.find(({ channel }) => channel === name)?.port ?? '';
  stop = simulator.stop;
});
afterEach(() => stop());

test('a device that refuses the question has answered', async () => {
  const { code, out } = await run(scan, `--port ${portOf('plc')} --units 1-4 --timeout 300ms --json`);
  expect(code).toBe(0);
  const [{ found, garbled }] = JSON.parse(out[0] ?? '');
  expect(found).toMatchObject([{ unitId: 3, answer: 'illegal-address', likely: [] }]);
  expect(garbled).toEqual([]);
});

test('nobody there: said so, with what to look at', async () => {
  const { code, out, err } = await run(scan, `--port ${portOf('plc')} --units 9 --timeout 100ms`);
  expect([code, out]).toEqual([1, []]);
  expect(err.join()).toMatch(/nobody answers: check A and B/);
});

test('what talks and cannot be understood is told apart from who is not there', async () => {
  // Another unit's answer: two devices of one number, say.
  const far = await farEnd((socket) =>
    socket.on('data', (request: Buffer) => {
      const answer = tcpAnswer(request);
      answer[6] = 99;
      if (request[6] === 7) socket.write(answer);
    }),
  );
  const { code, out } = await run(scan, `--port ${far.port} --units 7,8 --timeout 100ms --json`);
  expect([code, JSON.parse(out[0] ?? '')]).toMatchObject([1, [{ found: [], garbled: [7] }]]);
  const { err } = await run(scan, `--port ${far.port} --units 7,8 --timeout 100ms`);
  expect(err.join()).toMatch(/something talks at 1 units and cannot be understood/);
  await far.stop();
});

describeWith('socat', 'on a serial line', () => {
  test('units, their speed, what they likely are, and what to paste', async () => {
    const { code, out } = await run(
      scan,
      `--port ${portOf('bus')} --baud 19200 --parity none --units 1-6 --timeout 300ms`,
    );
    expect(code).toBe(0);
    const text = out.join('\n');
    expect(text).toMatch(/19200 8N1: unit 2\t.*eastron\/sdm630/);
    expect(text).toMatch(/19200 8N1: unit 5\t.*xy-md02/);
    const pasted = parse(text.slice(text.indexOf('channels:')));
    expect(pasted.channels).toEqual([
      { name: 'bus-a', driver: 'modbus-rtu', port: portOf('bus'), baudRate: 19_200, parity: 'none', stopBits: 1 },
    ]);
    expect(pasted.devices).toHaveLength(2);
    await plantOf(text.slice(text.indexOf('channels:')));
  });
});

describe('units', () => {
  test('of a list', () => {
    expect(parseUnits('5-7,1,6')).toEqual([1, 5, 6, 7]);
  });

  test.each(['', 'x', '7-5', '1-256', '1,,2', '-3'])('`%s` is none', (text) => {
    expect(() => parseUnits(text)).toThrow(/is no unit or range of units/);
  });
});

test.each([
  ['--units 1', /--port is missing/],
  ['--port /dev/x --baud 12', /--baud must be/],
  ['--port /dev/x --parity odd,strange', /--parity must be/],
  ['--port /dev/x --units 0-3', /unit 0 speaks to all/],
])('wrong usage: %s', async (line, message) => {
  await expect(run(scan, line)).rejects.toThrow(message);
});

test('a device that is silent where it knows nothing is not asked for ever', async () => {
  const asked: number[] = [];
  const far = await farEnd((socket) =>
    socket.on('data', (request: Buffer) => {
      asked.push(request.readUInt16BE(8));
      // Of holding registers it knows the first alone.
      if (request[7] === 3 && request.readUInt16BE(8) === 0) socket.write(tcpAnswer(request));
    }),
  );
  const began = performance.now();
  const { code, out } = await run(scan, `--port ${far.port} --units 1 --timeout 50ms`);
  expect(code).toBe(0);
  expect(out[0]).toMatch(/answers; no profile of the library knows it/);
  expect(asked.length).toBeLessThan(12);
  expect(performance.now() - began).toBeLessThan(5000);
  await far.stop();
});
