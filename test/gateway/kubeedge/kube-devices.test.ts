import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { quietLog } from '../../../core/log.ts';
import type { Plant } from '../../../devices/plant-types.ts';
import type { DmiDevice, DmiModel } from '../../../gateway/kubeedge/dmi.ts';
import { KubeDevices } from '../../../gateway/kubeedge/kube-devices.ts';
import { kubePlant } from '../../../gateway/kubeedge/kube-plant.ts';
import { ObjectStore } from '../../../gateway/kubeedge/object-store.ts';
import { kubeDeviceOf, kubeModelOf, modelIdOf, objectId } from '../../../gateway/kubeedge/objects.ts';
import { readConfig } from '../../../gateway/meta/config-text.ts';
import { type GivenDevice, wireDevice, wireModel } from '../../partners/kubeedge/objects.ts';

const RULES = { profilesDir: undefined, self: true };
const NOTHING: Plant = { channels: [], devices: [] };
const MODEL = kubeModelOf(wireModel({ name: 'm', properties: [{ name: 'x' }, { name: 'y' }] }) as DmiModel);
const VISITORS = { register: 'HoldingRegister', offset: 1 };

function device(name: string, config: GivenDevice['config'] = { ip: '10.0.0.1' }, namespace = 'default') {
  const properties = [{ name: 'x', visitors: VISITORS }];
  return kubeDeviceOf(wireDevice({ name, namespace, model: 'm', config, properties }) as unknown as DmiDevice);
}

async function ownPlant(text: string): Promise<Plant> {
  const read = await readConfig(text, RULES);
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.plant;
}

describe('a plant of Device objects', () => {
  const plant = (devices: ReturnType<typeof device>[], own: Plant = NOTHING) => {
    const models = new Map(devices.map((each) => [modelIdOf(each), MODEL]));
    return kubePlant({ devices, models }, own, RULES);
  };

  test('slaves on one bus: one line, each with its own id and settings', async () => {
    const bus = { serialName: '/dev/ttyUSB0', baudRate: 9600, parity: 'none' };
    const { plant: found, entries } = await plant([
      device('a', { ...bus, slaveID: 1 }),
      device('b', { ...bus, slaveID: 2, baudRate: 19_200, parity: 'even' }),
    ]);
    expect(entries.flatMap(({ problems }) => problems)).toEqual([]);
    expect(found.channels).toMatchObject([{ name: 'ke-ttyusb0', driver: 'modbus-rtu', port: '/dev/ttyUSB0' }]);
    expect(found.devices).toMatchObject([
      { name: 'a', channel: 'ke-ttyusb0', unitId: 1, serial: { baudRate: 9600, parity: 'none' } },
      { name: 'b', channel: 'ke-ttyusb0', unitId: 2, serial: { baudRate: 19_200, parity: 'even' } },
    ]);
  });

  test('a serial line of the gateway is shared, not opened twice', async () => {
    const own = await ownPlant('channels: [{ name: bus-a, driver: modbus-rtu, port: /dev/ttyUSB0 }]');
    const { plant: found } = await plant([device('a', { serialPort: '/dev/ttyUSB0', slaveID: 9 })], own);
    expect(found.channels).toEqual([]);
    expect(found.devices).toMatchObject([{ channel: 'bus-a', unitId: 9 }]);
  });

  test('ports that differ in case or in signs are lines of their own', async () => {
    const ports = ['/dev/rs485-AB_1', '/dev/rs485-AB-1', '/dev/rs485-ab-1', '/dev/serial/by-id/A', '/dev/ttyUSB0'];
    const { plant: found, entries } = await plant(
      ports.map((serialPort, i) => device(`d${i}`, { serialPort, slaveID: 1 })),
    );
    expect(entries.flatMap(({ problems }) => problems)).toEqual([]);
    expect(found.channels.map(({ port }) => port)).toEqual(ports);
    const portOf = (name: string) => found.channels.find((channel) => channel.name === name)?.port;
    expect(found.devices.map(({ channel }) => portOf(channel))).toEqual(ports);
    expect(found.channels.at(-1)?.name).toBe('ke-ttyusb0');
  });

  test('of two ports that come to one name only one is opened', async () => {
    const { plant: found, entries } = await plant([
      device('a', { serialPort: '/dev/ttyUSB0', slaveID: 1 }),
      device('b', { serialPort: '/dev/ttyusb0', slaveID: 2 }),
    ]);
    expect(found.channels.map(({ port }) => port)).toEqual(['/dev/ttyUSB0']);
    expect(entries[1]?.problems).toEqual([
      '/dev/ttyusb0 and /dev/ttyUSB0 of another device come to one name: give the line as a `channel` of the gateway',
    ]);
  });

  test('one converter has one framing: who says another is told so, and its neighbours are read', async () => {
    const at = (communicateMode: string) => ({
      ip: '10.0.0.1',
      port: '502',
      slaveID: 1,
      communicateMode,
      serialName: '',
    });
    const { plant: found, entries } = await plant([
      device('a', at('TCP')),
      device('b', at('RTU')),
      device('c', at('TCP')),
    ]);
    expect(found.channels).toMatchObject([{ driver: 'modbus-tcp' }]);
    const [a, b, c] = entries.map(({ problems }) => problems);
    expect([a, c]).toEqual([[], []]);
    expect(b?.[0]).toContain('another device has tcp://10.0.0.1:502 as modbus-tcp, not modbus-rtu');
    const own = await ownPlant('channels: [{ name: mine, driver: modbus-tcp, port: "tcp://10.0.0.1:502" }]');
    const beside = await plant([device('b', at('RTU')), device('d')], own);
    expect(beside.entries.map(({ problems }) => problems.length)).toEqual([1, 0]);
    expect(beside.entries[0]?.problems[0]).toContain('`mine` to tcp://10.0.0.1:502 is modbus-tcp, not modbus-rtu');
  });

  test('of a property that is broken, only that one is left out, however its name begins', async () => {
    const properties = [
      { name: 'motor', visitors: VISITORS },
      { name: 'motor.speed', visitors: { ...VISITORS, offset: 70_000 } },
    ];
    const object = kubeDeviceOf(
      wireDevice({ name: 'a', model: 'm', config: { ip: '10.0.0.1' }, properties }) as unknown as DmiDevice,
    );
    const model = kubeModelOf(wireModel({ name: 'm', properties }) as DmiModel);
    const models = new Map([[modelIdOf(object), model]]);
    const { entries } = await kubePlant({ devices: [object], models }, NOTHING, RULES);
    expect(entries[0]?.device?.points.map(({ name }) => name)).toEqual(['motor']);
    expect(entries[0]?.problems[0]).toMatch(/^motor\.speed/);
  });

  test('names of two namespaces, and two objects that come to one name', async () => {
    const { entries } = await plant([
      device('a'),
      device('a', { ip: '10.0.0.2' }, 'plant'),
      device('plant.a', { ip: '10.0.0.3' }),
    ]);
    expect(entries.map(({ device: spec }) => spec?.name)).toEqual(['a', 'plant.a', undefined]);
    expect(entries[2]?.problems).toEqual(['the gateway has a device `plant.a` already']);
  });

  test('whatever an object holds, the others are read', async () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('modbus', 'HoldingRegister', '/dev/ttyUSB0', '__proto__', 'x'));
    const scalar = fc.oneof(text, fc.double(), fc.boolean());
    const config = fc.dictionary(
      fc.oneof(text, fc.constantFrom('slaveID', 'ip', 'port', 'profile', 'channel', 'serialPort', 'timeout', 'parity')),
      scalar,
    );
    const visitor = fc.dictionary(
      fc.oneof(text, fc.constantFrom('register', 'offset', 'limit', 'scale', 'table', 'type', 'dataType')),
      scalar,
    );
    const property = fc.record({
      ...{ name: text, visitor, collectCycle: fc.double(), reportCycle: fc.double(), reportToCloud: fc.boolean() },
      ...{ desired: text, push: fc.record({ address: text, topic: text, qos: fc.double(), retained: fc.boolean() }) },
    });
    const broken = fc.record({
      ...{ namespace: text, name: text, model: fc.constant('m'), protocol: text, config },
      ...{ properties: fc.array(property, { maxLength: 4 }), unread: fc.array(text, { maxLength: 2 }) },
    });
    await fc.assert(
      fc.asyncProperty(broken, async (object) => {
        const properties = object.properties.map(({ name }) => ({ ...MODEL.properties[0], name }));
        const models = new Map([
          [modelIdOf(object), { ...MODEL, properties: properties as typeof MODEL.properties }],
          [objectId(MODEL), MODEL],
        ]);
        const { entries } = await kubePlant({ devices: [object, device('good')], models }, NOTHING, RULES);
        const found = entries.find(({ id }) => id === 'default/good');
        expect(found?.device?.points ?? found?.problems).toHaveLength(1);
        const [first] = entries;
        expect(first?.device !== undefined || (first?.problems.length ?? 0) > 0).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

describe('the objects of a node', () => {
  let folder: string;
  let applied: Plant[];
  let objects: KubeDevices;
  const names = () => applied.at(-1)?.devices.map(({ name }) => name);
  const open = async () => {
    // What an earlier test has left under way is not counted in this one.
    const into = applied;
    const apply = async (next: Plant) => void into.push(next);
    return KubeDevices.open({ store: await ObjectStore.open(folder), rules: RULES, apply, log: quietLog });
  };
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kube-devices-'));
    applied = [];
    objects = await open();
    objects.takeModel(MODEL);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('the owner’s own part changes beside them; a name that it takes is given up, and comes back', async () => {
    await objects.begin(NOTHING);
    objects.takeDevice(device('a'));
    objects.takeDevice(device('b'));
    await objects.idle();
    expect(names()).toEqual(['a', 'b']);
    const point = 'points: { p: { address: { table: coil, register: 1 } } }';
    const own = `channels: [{ name: plc, driver: modbus-tcp, port: "tcp://10.0.0.9:502" }]\ndevices: [{ name: a, channel: plc, ${point} }]`;
    await objects.ownChange(await ownPlant(own));
    expect(names()).toEqual(['a', 'b']);
    expect(applied.at(-1)?.devices[0]?.channel).toBe('plc');
    expect(objects.entries.map(({ problems }) => problems.length)).toEqual([1, 0]);
    await objects.ownChange(NOTHING);
    expect(applied.at(-1)?.devices[0]?.channel).toBe('ke-10.0.0.1-502');
  });

  test('they outlive the process', async () => {
    await objects.begin(NOTHING);
    objects.takeDevice(device('a'));
    await objects.idle();
    const later = await open();
    expect((await later.begin(NOTHING)).devices).toMatchObject([{ name: 'a' }]);
  });

  test('of a file with one object that is not understood the others are read', async () => {
    const file = join(folder, 'meta/kubeedge.json');
    const damaged = { ...device('damaged'), config: { scale: null } };
    writeFileSync(file, JSON.stringify({ devices: [damaged, device('a')], models: [{ name: 'no model' }, MODEL] }));
    const later = await open();
    expect((await later.begin(NOTHING)).devices).toMatchObject([{ name: 'a' }]);
  });

  test('what comes together is applied once; what says nothing new not at all', async () => {
    await objects.begin(NOTHING);
    for (const name of ['a', 'b', 'c']) objects.takeDevice(device(name));
    await objects.idle();
    const times = applied.length;
    expect(times).toBeLessThanOrEqual(2);
    for (const name of ['a', 'b', 'c']) objects.takeDevice(device(name));
    objects.takeModel(MODEL);
    await objects.idle();
    expect(applied).toHaveLength(times);
  });

  test('lists: a device goes once it is missing twice, and what a callback said since is newer', async () => {
    await objects.begin(NOTHING);
    let ticks = 0;
    const list = (names: readonly string[], newer: readonly string[] = [], afterMs = 60_000) => {
      ticks += afterMs;
      const about = { protocol: 'modbus', newer: new Set(newer), ticks };
      return objects.takeList(
        names.map((name) => device(name)),
        [MODEL],
        about,
      );
    };
    expect(list(['a', 'b'])).toMatchObject({ fresh: ['default/a', 'default/b'], changed: [], gone: [], missing: [] });
    expect(list(['a'])).toEqual({ fresh: [], changed: [], gone: [], missing: ['default/b'] });
    expect(list(['a', 'b'])).toEqual({ fresh: [], changed: [], gone: [], missing: [] });
    list(['a']);
    // An EdgeCore that starts, and starts again: no time to know them all.
    expect(list(['a'], [], 900).gone).toEqual([]);
    expect(list(['a'], [], 900).gone).toEqual([]);
    expect(list(['a'])).toEqual({ fresh: [], changed: [], gone: ['default/b'], missing: ['default/b'] });
    objects.takeDevice(device('a', { ip: '10.9.9.9' }));
    expect(list(['a'], ['default/a']).changed).toEqual([]);
    await objects.idle();
    expect(objects.entries.find(({ id }) => id === 'default/a')?.object.config).toEqual({ ip: '10.9.9.9' });
    expect(list(['a']).changed).toEqual(['default/a']);
  });

  test('a disk that takes nothing: devices are read all the same, it is said, and it is tried again with the next list', async () => {
    await objects.begin(NOTHING);
    await objects.idle();
    // Nothing can be renamed over a folder.
    const file = join(folder, 'meta/kubeedge.json');
    rmSync(file);
    mkdirSync(file);
    objects.takeDevice(device('a'));
    await objects.idle();
    expect(objects.failure).toContain('EISDIR');
    objects.takeDevice(device('b'));
    await objects.idle();
    expect(names()).toEqual(['a', 'b']);
    objects.removeDevice('default', 'a');
    await objects.idle();
    expect(names()).toEqual(['b']);
    rmSync(file, { recursive: true });
    objects.takeList([device('b')], [MODEL], { protocol: 'modbus', newer: new Set(), ticks: 0 });
    await objects.idle();
    expect(objects.failure).toBeUndefined();
    expect((await (await open()).begin(NOTHING)).devices).toMatchObject([{ name: 'b' }]);
  });
});
