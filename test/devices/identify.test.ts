import { expect, test } from 'vitest';
import type { Driver } from '../../devices/driver.ts';
import { modbusAddress } from '../../devices/modbus/address.ts';
import { findDriver } from '../../devices/registry.ts';
import { type Candidate, identify } from '../../devices/scan/identify.ts';
import { point } from '../support/plant.ts';
import { deviceOf } from '../support/register-list.ts';

type Must = Omit<Candidate['proofs'][number]['must'], 'point'>;

/** A model that is known by what must stand in these registers. */
const model = (profile: string, ...proofs: [register: number, must: Must][]): Candidate => ({
  profile,
  driver: findDriver('modbus-tcp') as Driver,
  proofs: proofs.map(([register, must]) => ({
    point: point(`p${register}`, { address: modbusAddress.parse({ table: 'holding', register, type: 'uint16' }) }),
    must: { point: `p${register}`, ...must },
  })),
});

const TARGET = { unitId: 1 };

test('a model is likely if all of its proofs hold, to the ends of their ranges', async () => {
  const { line } = deviceOf([7, 50, 60]);
  const models = [
    model('ends', [1, { min: 50, max: 60 }], [2, { min: 50, max: 60 }]),
    model('below', [1, { min: 51 }]),
    model('above', [2, { max: 59 }]),
    model('half', [1, { min: 0 }], [0, { equals: 8 }]),
  ];
  expect(await identify(models, line, TARGET)).toEqual([{ profile: 'ends', isProven: false, proofs: 2 }]);
});

test('exact proofs come first, then those with more of them', async () => {
  const { line } = deviceOf([7, 50, 60]);
  const models = [
    model('one range', [1, { min: 0 }]),
    model('three ranges', [0, { min: 0 }], [1, { min: 0 }], [2, { min: 0 }]),
    model('exact', [0, { equals: 7 }]),
    model('exact and a range', [0, { equals: 7 }], [1, { min: 0 }]),
  ];
  expect((await identify(models, line, TARGET)).map(({ profile, isProven }) => [profile, isProven])).toEqual([
    ['exact', true],
    ['three ranges', false],
    ['exact and a range', false],
    ['one range', false],
  ]);
});

test('what the device refuses is asked for once, and proves nothing', async () => {
  const { line, asked } = deviceOf([7, 50, 60], (_, start) => start === 1);
  const models = [model('a', [1, { min: 0 }]), model('b', [1, { equals: 50 }]), model('c', [0, { equals: 7 }])];
  expect((await identify(models, line, TARGET)).map(({ profile }) => profile)).toEqual(['c']);
  expect(asked.filter(([, start]) => start === 1)).toHaveLength(1);
});
