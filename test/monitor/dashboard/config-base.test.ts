import { expect, test } from 'vitest';
import { baseOf, type Config, isBaseKnown } from '../../../monitor/dashboard/src/pages/gateways/config-data.ts';

const config = (more: Partial<Config>): Config => ({
  ...{ phase: 'own', managed: 'hub', wanted: null, applied: null },
  ...{ versions: [], outcomes: [], lastRefusal: null, ...more },
});
const wanted = { version: 3, savedAt: 0, savedBy: 'kim', text: 'channels: []' };

test.each<[what: string, more: Partial<Config>, expected: { version: number; text: string } | undefined]>([
  ['what is wanted', { wanted, applied: { version: 2, text: 'old' } }, wanted],
  ['what its own file holds', { applied: { version: 0, text: 'own' } }, { version: 0, text: 'own' }],
  ['an own file that is empty', { applied: { version: 0, text: '' } }, { version: 0, text: '' }],
  [
    'what works, where the hub has lost what was wanted',
    { applied: { version: 5, text: 'x' } },
    { version: 0, text: 'x' },
  ],
  ['nothing before the hub has fetched it', { applied: { version: 0, text: null } }, undefined],
  ['nothing before the gateway has said anything', {}, undefined],
])('a change of the configuration begins with %s', (_, more, expected) => {
  const given = config(more);
  expect(isBaseKnown(given)).toBe(expected !== undefined);
  if (expected) expect(baseOf(given)).toMatchObject(expected);
});
