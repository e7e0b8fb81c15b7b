import { expect, test } from 'vitest';
import { certificateStates } from '../../../monitor/dashboard/src/pages/gateways/certificate-state.ts';

test('of certificates the newest good one is in use, others fall back, expire or are revoked', () => {
  const all = [
    { serial: 'a', issuedAt: 1, notAfter: 50, revokedAt: null },
    { serial: 'b', issuedAt: 2, notAfter: 200, revokedAt: null },
    { serial: 'd', issuedAt: 4, notAfter: 400, revokedAt: 90 },
    { serial: 'c', issuedAt: 3, notAfter: 300, revokedAt: null },
  ];
  expect(certificateStates(all, 100).map(({ serial, state }) => `${serial} ${state}`)).toEqual([
    ...['d revoked', 'c used', 'b former', 'a expired'],
  ]);
  expect(certificateStates([], 0)).toEqual([]);
});
