import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import type { GivenDevice, GivenModel } from '../../partners/kubeedge/objects.ts';
import { fastClock } from '../../support/fast-clock.ts';
import { livedClock } from '../../support/lived-clock.ts';
import { BOILER, KubeSite, SETPOINT, TEMPERATURE, until } from './kube-site.ts';

let site: KubeSite;
beforeEach(async () => {
  site = await KubeSite.build();
  site.slave.registers.set(0, 215).set(1, 40);
});
afterEach(() => site.strike());

const twin = (id: string, key: string) => site.edgeCore.twin.twins.get(`default/${id}/${key}`)?.value;

/** The mapper's fault, once it has one. */
const fault = () =>
  until(async () => {
    const { kubeedge } = await site.status();
    return kubeedge.mapper === 'faulted' ? kubeedge : undefined;
  });

/** A model with a name that EdgeCore's twins cannot have. */
const LETTERED: GivenModel = {
  name: 'lettered',
  properties: [...BOILER.properties, { name: 'set point °C', type: 'INT' }],
};

/** Readings still come. */
async function expectPolling(): Promise<void> {
  const { read } = (await site.status()).readings;
  await until(async () => (await site.status()).readings.read > read + 3);
}

describe('broken Device objects: each says why, and the good one beside them is read', () => {
  const wrong: readonly { what: string; device: () => GivenDevice; says: string | RegExp; isRead?: true }[] = [
    {
      what: 'no model',
      device: () => ({ ...site.device('broken', [TEMPERATURE]), model: 'nothing' }),
      says: 'its model `default/nothing` is not on this node',
    },
    {
      what: 'a register nobody knows',
      device: () =>
        site.device('broken', [TEMPERATURE, { ...SETPOINT, visitors: { register: 'HoldingRegistre', offset: 1 } }]),
      says: 'setpoint: register `HoldingRegistre` is none',
      isRead: true,
    },
    {
      what: 'wrong types',
      device: () =>
        site.device('broken', [TEMPERATURE, { ...SETPOINT, visitors: { register: 'HoldingRegister', offset: 'one' } }]),
      says: /setpoint.*address.*number/,
      isRead: true,
    },
    {
      what: 'an address that cannot be',
      device: () =>
        site.device('broken', [TEMPERATURE, { ...SETPOINT, visitors: { register: 'HoldingRegister', offset: 70000 } }]),
      says: '65535',
      isRead: true,
    },
    {
      what: 'a unit that cannot be',
      device: () => site.device('broken', [TEMPERATURE], { slaveID: 4711 }),
      says: /unitId.*255/,
    },
    {
      what: 'a cycle below 0',
      device: () => site.device('broken', [{ ...TEMPERATURE, collectCycle: -5 }, SETPOINT]),
      says: 'temperature: a cycle of -5 is none',
      isRead: true,
    },
    {
      what: 'a property that its model has not',
      device: () => site.device('broken', [TEMPERATURE, { ...SETPOINT, name: 'setpiont' }]),
      says: 'setpiont: its model has no such property',
      isRead: true,
    },
    {
      what: 'a property whose name EdgeCore does not take',
      device: () => ({
        ...site.device('broken', [TEMPERATURE, { ...SETPOINT, name: 'set point °C' }]),
        model: 'lettered',
      }),
      says: 'set point °C: is not told: EdgeCore drops names with other letters',
      isRead: true,
    },
    {
      what: 'no line',
      device: () => ({ ...site.device('broken', [TEMPERATURE]), config: { slaveID: 1 } }),
      says: 'no line: give serialPort, or ip and port, or channel',
    },
    {
      what: 'a name that is the gateway file’s own',
      device: () => site.device('mine', [TEMPERATURE]),
      says: 'the gateway has a device `mine` already',
    },
  ];

  test.each(wrong)('$what', async ({ device, says, isRead }) => {
    await site.edgeCore.start();
    site.edgeCore.seed(site.device('good', [TEMPERATURE]), BOILER);
    site.edgeCore.seed({ ...site.device('lettered', []), model: 'lettered' }, LETTERED);
    const broken = device();
    const id = `default/${broken.name}`;
    const more = `channels:
  - { name: plc, driver: modbus-tcp, port: "${site.slave.port}" }
devices:
  - { name: mine, channel: plc, every: 100ms, points: { t: { address: { table: holding, register: 0, type: int16 } } } }`;
    await site.start({ more });
    await until(() => twin('good', 'temperature') === '21.5');
    await site.edgeCore.apply(broken);
    const row = await until(async () => ((await site.row(id))?.code ? site.row(id) : undefined));
    expect(row?.code).toBe('kube-object');
    expect(row?.detail).toMatch(says);
    await until(() => site.edgeCore.twin.states.get(id) === 'unhealthy');
    const online = async () => (await site.status()).devices.find(({ name }) => name === broken.name)?.online;
    if (isRead) await until(async () => (await online()) === true);
    else expect(row?.device).toBeUndefined();
    await expectPolling();
    site.slave.registers.set(0, 220);
    await until(() => twin('good', 'temperature') === '22');
    expect(site.edgeCore.twin.results).toEqual([]);
  });

  test('a cycle of 0 is a second, one of nanoseconds is understood and noted', async () => {
    await site.edgeCore.start();
    const devices = [
      { ...TEMPERATURE, collectCycle: 0 },
      { ...SETPOINT, collectCycle: 200_000_000 },
    ];
    site.edgeCore.seed(site.device('boiler-1', devices), BOILER);
    await site.start();
    await until(() => twin('boiler-1', 'setpoint') === '40' && twin('boiler-1', 'temperature') === '21.5');
    expect((await site.row('default/boiler-1'))?.note).toContain(
      'setpoint: a cycle of 200000000 is taken for nanoseconds: 200 ms',
    );
    const { read } = (await site.status()).readings;
    await livedClock.sleep(2000);
    const more = (await site.status()).readings.read - read;
    expect(more).toBeGreaterThan(8);
    expect(more).toBeLessThan(20);
  });
});

describe('EdgeCore in trouble: the reason is shown, and reading goes on', () => {
  beforeEach(() => site.edgeCore.seed(site.device('boiler-1', [TEMPERATURE, SETPOINT]), BOILER));

  /** Registered once, so that the devices are known. */
  async function begin(): Promise<void> {
    await site.edgeCore.start();
    await site.start();
    await until(() => twin('boiler-1', 'temperature') === '21.5');
  }

  test('it never was there: devices known from last time are read', async () => {
    await begin();
    await site.stop();
    site.edgeCore.stop();
    await site.start();
    expect(await fault()).toMatchObject({
      fault: 'edgecore-unreachable',
      detail: expect.stringContaining('no such socket'),
    });
    await expectPolling();
  });

  test('it dies in the middle of calls, leaves its socket behind, and comes back', async () => {
    await begin();
    site.edgeCore.diesIn = 'ReportDeviceStatus';
    site.slave.registers.set(0, 300);
    await until(() => site.edgeCore.crashes === 1);
    expect(twin('boiler-1', 'temperature')).toBe('21.5');
    expect(await fault()).toMatchObject({
      fault: 'edgecore-unreachable',
      detail: expect.stringContaining('nobody listens'),
    });
    await expectPolling();
    site.slave.registers.set(0, 333);
    await site.edgeCore.restart();
    await until(() => twin('boiler-1', 'temperature') === '33.3');
    const { kubeedge } = await site.status();
    expect(kubeedge).toMatchObject({ mapper: 'registered', failed: 1 });
  });

  test('it dies in the middle of a registration, and is registered with when it is back', async () => {
    await begin();
    site.edgeCore.stop();
    await until(async () => (await site.status()).kubeedge.mapper === 'faulted');
    site.edgeCore.diesIn = 'MapperRegister';
    await site.edgeCore.restart();
    await until(() => site.edgeCore.crashes === 1);
    await expectPolling();
    await site.edgeCore.restart();
    await until(async () => (await site.status()).kubeedge.mapper === 'registered');
  });

  test('it restarts between calls and has forgotten its mappers: they register again', async () => {
    site.edgeCore.stop();
    await site.strike();
    site = await KubeSite.build({ remembersMappers: false });
    site.slave.registers.set(0, 215).set(1, 40);
    site.edgeCore.seed(site.device('boiler-1', [TEMPERATURE, SETPOINT]), BOILER);
    await begin();
    site.edgeCore.stop();
    const { MapperRegister: before = 0 } = site.edgeCore.calls;
    await site.edgeCore.restart();
    await until(() => (site.edgeCore.calls.MapperRegister ?? 0) > before);
    await site.edgeCore.apply(site.device('boiler-2', [TEMPERATURE]));
    await until(() => twin('boiler-2', 'temperature') !== undefined);
  });

  test('it hangs: the call is given up, and the mapper says so', async () => {
    await begin();
    site.edgeCore.delayMs = Number.POSITIVE_INFINITY;
    await site.stop();
    await site.start();
    expect(await fault()).toMatchObject({ fault: 'edgecore-silent' });
    await expectPolling();
    site.edgeCore.delayMs = 0;
    site.slave.registers.set(0, 111);
    await until(() => twin('boiler-1', 'temperature') === '11.1', 30_000);
  }, 60_000);

  test('it hangs while the mapper is registered: said as soon as three calls were not answered', async () => {
    await site.edgeCore.start();
    await site.start({ clock: fastClock(10) });
    await until(() => twin('boiler-1', 'temperature') === '21.5');
    site.edgeCore.delayMs = Number.POSITIVE_INFINITY;
    site.slave.registers.set(0, 111);
    // The list is asked for once a minute, and is not what finds it out.
    await until(async () => {
      const { mapper, fault } = (await site.status()).kubeedge;
      return mapper === 'registered' && fault === 'edgecore-silent';
    });
    site.edgeCore.delayMs = 0;
    await until(() => twin('boiler-1', 'temperature') === '11.1', 30_000);
    await until(async () => (await site.status()).kubeedge.fault === undefined);
  }, 60_000);

  test('it is slow: everything arrives all the same', async () => {
    await begin();
    site.edgeCore.delayMs = 1500;
    site.slave.registers.set(0, 250);
    await until(() => twin('boiler-1', 'temperature') === '25');
    expect((await site.status()).kubeedge.mapper).toBe('registered');
  });

  test('another mapper has the protocol: changes come without a callback', async () => {
    await site.edgeCore.start();
    // The list is asked for once a minute.
    await site.start({ clock: fastClock(20) });
    await until(() => twin('boiler-1', 'temperature') === '21.5');
    expect((await site.status()).kubeedge.contested).toBeUndefined();
    site.edgeCore.applySilently(site.device('boiler-9', [TEMPERATURE]));
    expect(await until(async () => (await site.status()).kubeedge.contested)).toEqual(['modbus']);
    expect((await site.row('default/boiler-1'))?.contested).toBe(true);
    const page = await site.page();
    expect(page).toContain('another mapper seems to have taken over modbus');
    expect(page).toMatch(/default\/boiler-1.*another mapper<\/span>/);
    // It comes back to us with each registration.
    await site.edgeCore.apply(site.device('boiler-9', [TEMPERATURE, SETPOINT]));
    await until(async () => (await site.status()).kubeedge.contested === undefined);
    expect((await site.row('default/boiler-1'))?.contested).toBeUndefined();
  });

  test('too many calls by others: what was refused is told later, nothing is lost', async () => {
    await site.strike();
    site = await KubeSite.build({ burst: 4, refillMs: 3000 });
    site.slave.registers.set(0, 215).set(1, 40);
    site.edgeCore.seed(site.device('boiler-1', [TEMPERATURE, SETPOINT]), BOILER);
    await begin();
    for (let i = 0; i < 10; i++) {
      site.slave.registers.set(0, 300 + i);
      await systemClock.sleep(500);
    }
    const { kubeedge } = await until(async () => {
      const status = await site.status();
      return status.kubeedge.limited > 0 && twin('boiler-1', 'temperature') === '30.9' ? status : undefined;
    }, 30_000);
    expect(kubeedge.limited).toBe(site.edgeCore.rejected);
    expect(kubeedge.limited).toBeLessThan(5);
  }, 60_000);
});
