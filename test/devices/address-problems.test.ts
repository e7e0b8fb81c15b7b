import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadPlant } from './support.ts';

/** Mistakes that can be made in one address, and the key under which each must be told. */
const MISTAKES: readonly (readonly [key: string, given: unknown])[] = [
  ['register', 70_000],
  ['register', 'ten'],
  ['table', 'holdings'],
  ['type', 'int61'],
  ['byteOrder', 'ABDC'],
  ['byteOrder', 'ABCDEFGG'],
  ['scale', 0],
  ['offset', 'a lot'],
  ['half', 'middle'],
  ['writeWith', 'twice'],
  ['length', 0],
  ['bit', 16],
  ['transform', 'fourier'],
  ['readBack', 'no'],
  ['registr', 5],
  ['invalid', '0xZZ'],
  ['invalid', 1.5],
  ['bits', { 99: 'x', no: 'y' }],
  ['scaleFrom', { register: -1 }],
  ['scaleFrom', { regster: 1 }],
];

/** Mistakes that only show when the parts are looked at together. */
const DISCORDS: readonly (readonly [key: string, given: unknown])[] = [
  ['half', 'low'],
  ['bit', 3],
  ['bits', { 1: 'On' }],
  ['length', 3],
  ['byteOrder', 'HGFEDCBA'],
  ['writeWith', 'mask'],
  ['doc', 40_011],
  ['invalid', 0x8_0000],
];

async function toldAbout(address: Record<string, unknown>): Promise<string[]> {
  const { problems } = await loadPlant(`
channels: [{ name: plc, driver: modbus-tcp, port: "tcp://127.0.0.1:1502" }]
devices: [{ name: d, channel: plc, points: { p: { address: ${JSON.stringify(address)} } } }]`);
  return problems.map(({ path }) => path.replace('devices[0].points.p.address.', '').split('.')[0] as string);
}

const GOOD = { table: 'holding', register: 10, type: 'int16' };
const some = (from: readonly (readonly [string, unknown])[]) => fc.subarray([...from], { minLength: 1 });

test('a good address has no problem', async () => {
  expect(await toldAbout(GOOD)).toEqual([]);
});

test('whatever is wrong with an address, all of it is told, each under its key', async () => {
  await fc.assert(
    fc.asyncProperty(some(MISTAKES), async (mistakes) => {
      const given = Object.fromEntries(mistakes);
      const told = await toldAbout({ ...GOOD, ...given });
      expect(told).toEqual(expect.arrayContaining(Object.keys(given)));
    }),
    { numRuns: 100 },
  );
});

test('what does not go together is told all at once too, beside what is wrong by itself', async () => {
  await fc.assert(
    fc.asyncProperty(some(DISCORDS), fc.boolean(), async (discords, alsoWrong) => {
      const given = { ...Object.fromEntries(discords), ...(alsoWrong ? { offset: 'a lot' } : {}) };
      const told = await toldAbout({ ...GOOD, ...given });
      // With `bit` a mask write would be in order, were it a bool.
      const expected = Object.keys(given).filter((key) => key !== 'writeWith' || !('bit' in given));
      expect(told).toEqual(expect.arrayContaining(expected));
    }),
    { numRuns: 100 },
  );
});
