import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { quietLog } from '../../core/log.ts';
import { STANDARD_LIMITS } from '../../devices/limits.ts';
import { modbusAddress } from '../../devices/modbus/address.ts';
import { modbusTcp } from '../../devices/modbus/driver.ts';
import { type ModbusRequest, planBlocks } from '../../devices/modbus/plan.ts';
import { modbusRefusals } from '../../devices/modbus/refusal.ts';
import type { DeviceSpec } from '../../devices/plant-types.ts';
import { DevicePlan } from '../../gateway/poll/device-plan.ts';
import { isolate } from '../../gateway/poll/isolate.ts';
import { LearntStore } from '../../gateway/poll/learnt-store.ts';
import { plantOf, point } from '../support/plant.ts';

const holding = (register: number, type = 'uint16') => ({
  name: `r${register}`,
  address: modbusAddress.parse({ table: 'holding', register, type }),
});
const spec = (registers: readonly number[]): DeviceSpec =>
  plantOf(
    registers.map((register) => point(`r${register}`, { address: holding(register).address })),
    { name: 'd', unitId: 1 },
  ).devices[0] as DeviceSpec;

/** A device that answers for no block with one of these registers in it, or longer than it takes. */
function device(refused: ReadonlySet<number>, longest = 125) {
  const asked: ModbusRequest[] = [];
  const ask = async (request: ModbusRequest) => {
    asked.push(request);
    const { start, count } = request;
    const isRefused = Array.from({ length: count }, (_, i) => start + i).some((register) => refused.has(register));
    return isRefused || count > longest ? ('refused' as const) : ('answered' as const);
  };
  return { asked, ask };
}

describe('a refused block is taken apart', () => {
  test('until exactly what the device refuses stands alone, whatever that is', async () => {
    const places = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 20 });
    const bad = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(places, bad, async (registers, refused) => {
        const [block] = planBlocks(
          registers.map((register) => holding(register)),
          { ...STANDARD_LIMITS, maxGap: 60 },
        );
        const { asked, ask } = device(new Set(refused));
        if (block === undefined || (await ask(block)) === 'answered') return;
        const found = await isolate(block, modbusRefusals, ask);
        const inside = (register: number) =>
          found?.ranges.some(({ from, to }) => from <= register && to >= register) ?? false;
        // A point leaves polling if and only if the device refuses its register.
        for (const register of registers) expect(inside(register)).toBe(refused.includes(register));
        // What is refused between points is not asked for again.
        for (const register of refused)
          if (register >= block.start && register < block.start + block.count) expect(inside(register)).toBe(true);
        expect(found?.longest).toBeUndefined();
        expect(asked.length).toBeLessThanOrEqual(
          1 + 2 * refused.length * (Math.ceil(Math.log2(2 * registers.length)) + 1),
        );
        for (const { start, count } of asked.slice(1))
          expect([start >= block.start, start + count <= block.start + block.count]).toEqual([true, true]);
      }),
    );
  });

  test('a block that is only too long teaches how long one may be', async () => {
    const [block] = planBlocks(
      Array.from({ length: 40 }, (_, register) => holding(register)),
      STANDARD_LIMITS,
    );
    const { ask } = device(new Set(), 16);
    const found = await isolate(block as ModbusRequest, modbusRefusals, ask);
    expect(found?.ranges).toEqual([]);
    expect(found?.longest).toMatchObject({ table: 'holding' });
    const plan = new DevicePlan(spec([0]), modbusTcp, 'here', undefined, 0);
    if (found) plan.learn(found, 0);
    expect(plan.learnt?.registers).toBe(10);
  });

  test('silence teaches nothing', async () => {
    const [block] = planBlocks([holding(0), holding(1)], STANDARD_LIMITS);
    expect(await isolate(block as ModbusRequest, modbusRefusals, async () => 'unclear')).toBeUndefined();
  });
});

describe('what was learnt', () => {
  const found = {
    ranges: [
      { table: 'holding', from: 3, to: 3 },
      { table: 'holding', from: 10, to: 12 },
    ],
  };
  const requests = (plan: DevicePlan, device: DeviceSpec) =>
    plan.requestsFor(device.points).map((request) => {
      const { start, count } = request as ModbusRequest;
      return [start, count];
    });

  test('shapes the plan: the refused point leaves, the refused hole is read around', () => {
    const device = spec([1, 2, 3, 4, 5, 9, 13]);
    const plan = new DevicePlan(device, modbusTcp, 'here', undefined, 0);
    expect(requests(plan, device)).toEqual([[1, 13]]);
    plan.learn(found, 0);
    expect(requests(plan, device)).toEqual([
      [1, 2],
      [4, 6],
      [13, 1],
    ]);
  });

  test('is tried again after a minute, ten, an hour, and forgotten when it is answered', () => {
    const device = spec([1, 2, 3, 4]);
    const plan = new DevicePlan(device, modbusTcp, 'here', undefined, 0);
    plan.learn(found, 1000);
    const tries: number[] = [];
    for (let now = 0; now < 10_000_000; now += 1000) if (plan.dueRetry(device.points, now)) tries.push(now);
    expect(tries).toEqual([61_000, 661_000, 4_261_000, 7_861_000]);
    const due = plan.dueRetry(device.points, 20_000_000);
    expect(due?.requests).toMatchObject([{ start: 3, count: 1 }]);
    if (due) plan.forget(due.range);
    expect(requests(plan, device)).toEqual([[1, 4]]);
    expect(plan.learnt?.refused).toEqual([{ table: 'holding', from: 10, to: 12 }]);
  });

  test('is tried again a minute later each time when the device says neither yes nor no', () => {
    const device = spec([1, 2, 3, 4]);
    const plan = new DevicePlan(device, modbusTcp, 'here', undefined, 0);
    plan.learn(found, 0);
    for (const now of [60_000, 120_000, 180_000]) {
      const due = plan.dueRetry(device.points, now);
      expect(due, `${now}`).toBeDefined();
      if (due) plan.retryUnclear(due.range, now);
      expect(plan.dueRetry(device.points, now + 59_000)).toBeUndefined();
    }
  });

  test('says nothing about another device at that name', () => {
    const device = spec([1, 2, 3, 4]);
    const learnt = { place: 'tcp://a unit 1 modbus-tcp', refused: found.ranges };
    expect(requests(new DevicePlan(device, modbusTcp, learnt.place, learnt, 0), device)).toHaveLength(2);
    expect(requests(new DevicePlan(device, modbusTcp, 'tcp://b unit 1 modbus-tcp', learnt, 0), device)).toHaveLength(1);
  });

  describe('in its file', () => {
    const folders: string[] = [];
    afterEach(() => {
      for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
    });
    const folder = () => {
      folders.push(mkdtempSync(join(tmpdir(), 'sluice-learnt-')));
      return folders.at(-1) as string;
    };

    test('outlives a restart', async () => {
      const at = folder();
      const learnt = { place: 'here', refused: found.ranges, registers: 16 };
      await new LearntStore(at, quietLog).save(new Map([['d', learnt]]));
      expect(await new LearntStore(at, quietLog).load()).toEqual(new Map([['d', learnt]]));
      expect(JSON.parse(readFileSync(join(at, 'learnt.json'), 'utf8')).devices.d).toEqual(learnt);
    });

    test('that is damaged is found out again', async () => {
      const at = folder();
      writeFileSync(join(at, 'learnt.json'), '{"devices": {"d": 7}}');
      expect(await new LearntStore(at, quietLog).load()).toEqual(new Map());
    });
  });
});
