import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { verb } from '../../../cli/kubeedge.ts';
import { systemClock } from '../../../core/clock.ts';
import { profileDevice } from '../../../devices/profile-device.ts';
import { ProfileLibrary } from '../../../devices/profile-library.ts';
import type { DmiDevice, DmiModel } from '../../../gateway/kubeedge/dmi.ts';
import { kubePlant } from '../../../gateway/kubeedge/kube-plant.ts';
import { kubeDeviceOf, kubeModelOf, objectId } from '../../../gateway/kubeedge/objects.ts';
import { isAlike } from '../../../gateway/plant-change.ts';
import { type GivenProperty, wireDevice, wireModel } from '../../partners/kubeedge/objects.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kube-export-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const io = {
  ...{ out: () => {}, err: () => {}, isTty: false, clock: systemClock },
  signal: new AbortController().signal,
};

/** What EdgeCore makes of the two objects of a file. */
function onTheWire(text: string): { device: DmiDevice; model: DmiModel } {
  const [model, device] = parseAllDocuments(text).map((document) => document.toJS());
  const { metadata, spec } = device;
  expect([model.kind, device.kind, spec.nodeName]).toEqual(['DeviceModel', 'Device', 'edge-7']);
  const { protocolName, configData } = spec.protocol;
  const given = { ...metadata, model: spec.deviceModelRef.name, protocol: protocolName, config: configData };
  const properties = spec.properties.map((property: GivenProperty & { visitors: { configData: object } }) => {
    return { ...property, visitors: property.visitors.configData };
  });
  return {
    device: wireDevice({ ...given, properties }) as unknown as DmiDevice,
    model: wireModel({ ...model.metadata, properties: model.spec.properties }) as unknown as DmiModel,
  };
}

test('every profile comes back from its exported objects as it was', async () => {
  expect(
    await verb.run({ values: { all: true, out: folder, node: 'edge-7', unit: '7' }, positionals: ['export'] }, io),
  ).toBe(0);
  const library = await ProfileLibrary.open();
  expect(readdirSync(folder)).toHaveLength(library.names.length);
  expect(library.names.length).toBeGreaterThan(40);
  for (const name of library.names) {
    const { device, model } = onTheWire(
      readFileSync(join(folder, `${name.replaceAll(/[^a-z0-9]+/g, '-')}.yaml`), 'utf8'),
    );
    const kubeModel = kubeModelOf(model);
    const objects = { devices: [kubeDeviceOf(device)], models: new Map([[objectId(kubeModel), kubeModel]]) };
    const { entries, plant } = await kubePlant(
      objects,
      { channels: [], devices: [] },
      { profilesDir: undefined, self: true },
    );
    expect(entries[0]?.problems, name).toEqual([]);
    expect(entries[0]?.notes, name).toEqual([]);
    const profile = await library.find(name);
    const wanted = profile && profileDevice(profile, () => {});
    expect(isAlike(entries[0]?.device?.points, wanted?.points), name).toBe(true);
    expect(entries[0]?.device).toMatchObject({ unitId: 7, driver: wanted?.driver, profile: name });
    expect(plant.channels, name).toMatchObject([{ driver: wanted?.driver }]);
    expect(entries[0]?.points.size).toBe(wanted?.points.length);
  }
});

test('two devices of one profile have names of their own, where they are given', async () => {
  const exported = async (values: Record<string, string>, ...profiles: string[]) => {
    const lines: string[] = [];
    const out = (text: string) => void lines.push(text);
    await verb.run({ values: { node: 'edge-7', ...values }, positionals: ['export', ...profiles] }, { ...io, out });
    return onTheWire(lines.join('\n')).device.name;
  };
  expect(await exported({ unit: '7' }, 'eastron/sdm630')).toBe('eastron-sdm630-1');
  expect(await exported({ unit: '7', name: 'meter-7' }, 'eastron/sdm630')).toBe('meter-7');
  await expect(exported({ name: 'Meter 7' }, 'eastron/sdm630')).rejects.toMatchObject({ code: 'usage' });
  await expect(exported({ name: 'm' }, 'eastron/sdm630', 'eastron/sdm630')).rejects.toMatchObject({ code: 'usage' });
});
