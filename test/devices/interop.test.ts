import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bad, good, type Value } from '../../core/reading.ts';
import { readOracle } from '../../devices/simulator/oracle.ts';
import { runTool } from '../e2e/run-tool.ts';
import { SluiceProcess } from '../e2e/sluice-process.ts';
import { describeIf, describeWith, findPython } from '../support/tools.ts';
import { startForeign } from './foreign/foreign-server.ts';
import { joinedTerminals } from './foreign/joined-terminals.ts';
import { held, openStand, type Stand } from './foreign/stand.ts';

const SIMULATED = `channels:
  - { name: plc, driver: modbus-tcp, port: "tcp://127.0.0.1:502" }
  - { name: bus, driver: modbus-rtu, port: /dev/bus, baudRate: 19200, parity: even }
devices:
  - { name: boiler, channel: plc, unitId: 3, points: &points {
      setpoint: { address: { table: holding, register: 40, type: int16 }, writable: true },
      float:    { address: { table: holding, register: 41, type: float32 }, writable: true },
      swapped:  { address: { table: holding, register: 43, type: float32, byteOrder: CDAB }, writable: true },
      count:    { address: { table: input, register: 7, type: uint32 } },
      pump:     { address: { table: coil, register: 9 }, writable: true },
      valve:    { address: { table: coil, register: 10 }, writable: true },
      running:  { address: { table: discrete, register: 5 } } } }
  - { name: kiln, channel: bus, unitId: 17, points: *points }
`;

/** Mbpoll is a client over libmodbus; references count from 0 here. */
describeWith('mbpoll', 'mbpoll asks sluice simulate', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-interop-'));
  let simulate: SluiceProcess;
  let endpoints: { channel: string; port: string }[];
  beforeAll(async () => {
    await writeFile(join(dir, 'gateway.yaml'), SIMULATED);
    simulate = new SluiceProcess([
      ...['simulate', '-c', join(dir, 'gateway.yaml'), '--json', '--values', 'oracle', '--pty', dir],
    ]);
    endpoints = await simulate.until((lines) => {
      const line = lines.find((each) => each.startsWith('['));
      return line === undefined ? undefined : JSON.parse(line);
    }, 'its endpoints');
  });
  afterAll(async () => {
    await simulate?.kill();
    await rm(dir, { recursive: true, force: true });
  });

  const lines = {
    'Modbus TCP': { unit: 3, channel: 'plc', options: ['-m', 'tcp'] },
    'Modbus RTU': {
      ...{ unit: 17, channel: 'bus' },
      options: ['-m', 'rtu', '-b', '19200', '-P', 'even'],
    },
  };

  describe.each(Object.entries(lines))('over %s', (_, { unit, channel, options }) => {
    const device = channel === 'plc' ? 'boiler' : 'kiln';

    /** Mbpoll's whole answer to one request. */
    async function mbpoll(table: string, reference: number, more: string[] = [], values: string[] = []) {
      const port = endpoints.find((each) => each.channel === channel)?.port ?? '';
      const where = port.startsWith('tcp://') ? ['-p', new URL(port).port, '127.0.0.1'] : [port];
      const { stdout, stderr } = await runTool('mbpoll', [
        ...[...options, '-0', '-1', '-a', String(unit), '-t', table, '-r', String(reference), ...more],
        ...[...where, ...values],
      ]);
      return stdout + stderr;
    }

    /** What it read, in order. */
    async function read(table: string, reference: number, ...more: string[]): Promise<number[]> {
      const text = await mbpoll(table, reference, more);
      return [...text.matchAll(/^\[\d+\]:\s+(\S+)/gm)].map(([, number]) => Number(number));
    }

    test('reads what the device holds, from all four tables', async () => {
      const [count] = await read('3:int', 7, '-B');
      const [later] = await read('3:int', 7, '-B');
      const one = readOracle(count as number);
      expect(readOracle(later as number)).toEqual({ index: one.index, n: one.n + 1 });
      expect(one.index % 7, 'the fourth point of a device').toBe(3);
      expect(await read('1', 5)).toEqual([expect.any(Number)]);
    });

    test('writes registers and coils, and reads them again', async () => {
      expect(await mbpoll('4', 40, [], ['1234'])).toMatch(/Written 1 ref/);
      expect(await read('4', 40)).toEqual([1234]);
      expect(await mbpoll('4:float', 41, ['-B'], ['230.5'])).toMatch(/Written 1 ref/);
      expect(await mbpoll('4:float', 43, [], ['--', '-17.25'])).toMatch(/Written 1 ref/);
      expect(await read('4:float', 41, '-B')).toEqual([230.5]);
      expect(await read('4:float', 43)).toEqual([-17.25]);
      // Setpoint and both floats, as one request brings them.
      expect((await read('4:hex', 40, '-c', '5')).map((word) => word & 0xffff)).toEqual([
        ...[1234, 0x4366, 0x8000, 0x0000, 0xc18a],
      ]);
      expect(await mbpoll('0', 9, [], ['1'])).toMatch(/Written 1 ref/);
      expect(await read('0', 9)).toEqual([1]);
      expect(await mbpoll('0', 9, [], ['0', '1'])).toMatch(/Written 2 ref/);
      expect(await read('0', 9, '-c', '2')).toEqual([0, 1]);
    });

    test('is told exceptions', async () => {
      expect(await mbpoll('4', 400)).toMatch(/Illegal data address/);
      expect(await mbpoll('4', 400, [], ['1'])).toMatch(/Illegal data address/);
      simulate.say(`fault ${device} busy`);
      await expect.poll(() => mbpoll('4', 40), { timeout: 5000 }).toMatch(/busy/i);
      simulate.say(`fault ${device} none`);
      await expect.poll(() => read('4', 40), { timeout: 5000 }).toEqual([1234]);
    });
  });
});

/** What our drivers must find at `server.py`, whatever program serves. `units`: those it tells apart. */
function readsAndWrites(open: () => Promise<Stand>, units: readonly number[]): void {
  let stand: Stand;
  beforeAll(async () => {
    stand = await open();
  });
  afterAll(() => stand?.stop());

  test.each(units)('all four tables of unit %d; 125 registers, 2000 coils in one request', async (unitId) => {
    const before = stand.requests();
    expect(Object.fromEntries(await stand.readAll(unitId))).toEqual(held(unitId));
    expect(stand.requests() - before, 'two blocks of registers, two of coils, and one of each other table').toBe(6);
  });

  test('written with function codes 5, 6, 15, 16 and 22, and read back', async () => {
    const holding = (register: number, more: object) => ({ table: 'holding', register, ...more });
    const orders: [address: object, value: Value][] = [
      [{ table: 'coil', register: 20 }, true],
      [{ table: 'coil', register: 22, writeWith: 'multiple' }, true],
      [holding(210, { type: 'uint16' }), 4321],
      [holding(211, { type: 'int16', writeWith: 'multiple' }), -5],
      [holding(212, { type: 'float32', byteOrder: 'CDAB' }), 1.5],
      [holding(214, { type: 'float64' }), Math.PI],
      [holding(220, { type: 'string', length: 8 }), 'Sluice'],
      // It holds 0x64a: bit 3 is set.
      [holding(230, { type: 'bool', bit: 3 }), false],
      [holding(231, { type: 'bool', bit: 15, writeWith: 'mask' }), true],
    ];
    for (const [address, value] of orders) {
      const result = await stand.write(1, address, value);
      expect([address, result]).toEqual([address, { result: 'done', wrote: value, readBack: good(value) }]);
    }
    expect(await stand.read(1, holding(230, { type: 'uint16' })), 'its other bits').toEqual(good(0x642));
    expect(await stand.read(1, holding(231, { type: 'uint16' })), 'its other bits').toEqual(good(0x8000 | (7 * 231)));
  });

  test('exception 2 for what is not there, read or written; the line goes on', async () => {
    const behindTheEnd = { table: 'holding', register: 299, type: 'uint32' };
    expect(await stand.read(1, behindTheEnd)).toEqual(bad('illegal-address'));
    expect(await stand.write(1, behindTheEnd, 1)).toMatchObject({ result: 'refused', exception: 2 });
    expect(await stand.read(1, { ...behindTheEnd, type: 'uint16' })).toEqual(good(7 * 299));
  });
}

const pymodbus = findPython('import pymodbus.server.async_io');
describeIf(pymodbus !== undefined, 'pymodbus', 'a server of pymodbus', () => {
  const served = (how: string, driver: string) => async () => {
    const server = await startForeign(pymodbus as string, 'pymodbus', how);
    return openStand(driver, server.port, server.stop);
  };
  describe('over Modbus TCP', () => {
    readsAndWrites(served('tcp', 'modbus-tcp'), [1, 2]);
  });
  describe('RTU over TCP', () => {
    readsAndWrites(served('rtu-over-tcp', 'modbus-rtu'), [1, 2]);
  });
});

const libmodbus = findPython('import ctypes; ctypes.CDLL("libmodbus.so.5")');
describeIf(libmodbus !== undefined, 'libmodbus', 'a server of libmodbus', () => {
  describe('over Modbus TCP', () => {
    // It answers to any unit.
    readsAndWrites(async () => {
      const server = await startForeign(libmodbus as string, 'libmodbus', 'tcp');
      return openStand('modbus-tcp', server.port, server.stop);
    }, [1]);
  });
  describeWith('socat', 'RTU on a serial line', () => {
    readsAndWrites(async () => {
      const { ends, stop } = await joinedTerminals();
      const server = await startForeign(libmodbus as string, 'libmodbus', ends[1]);
      return openStand('modbus-rtu', ends[0], async () => {
        await server.stop();
        await stop();
      });
    }, [1]);
  });
});
