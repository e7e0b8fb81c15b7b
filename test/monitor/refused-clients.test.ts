import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { RefusedClient } from '../../cloud-sync/cloud-hub/hub-events.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { T0 } from './support/batches.ts';
import { startHub, type TestHub } from './support/hub.ts';

const HOUR_MS = 3_600_000;

let hub: TestHub;
let clock: FakeClock;
let from = 0;

beforeAll(async () => {
  clock = new FakeClock(T0);
  hub = await startHub({ clock });
});
afterAll(() => hub.stop());
beforeEach(async () => {
  await clock.advance(HOUR_MS);
  from = (await hub.audit.acts({}, 1))[0]?.n ?? 0;
});

const refused = (told: Partial<RefusedClient>, times = 1) => {
  for (let time = 0; time < times; time++)
    hub.observer.onRefused({ gateway: '', address: '10.0.0.9', act: 'handshake', reason: 'no certificate', ...told });
};
const rows = async () => (await hub.audit.acts({}, 500)).filter(({ n }) => n > from).reverse();

test('a gateway that reaches out of its branch is in the audit log: which, from where, and for what', async () => {
  refused({ gateway: 'plant-1', act: 'publish', reason: 'may not publish to sluice/v1/plant-2/up/frame' });
  await expect.poll(rows).toMatchObject([
    {
      ...{ who: 'plant-1', via: 'certificate', address: '10.0.0.9', action: 'gateway publish', object: 'plant-1' },
      ...{ outcome: 'refused', code: 'gateway-refused' },
      detail: JSON.stringify({ why: 'may not publish to sluice/v1/plant-2/up/frame' }),
    },
  ]);
});

test('who has shown no certificate is nobody', async () => {
  refused({});
  await expect.poll(rows).toMatchObject([{ who: '', via: 'none', action: 'gateway handshake', object: '' }]);
});

test('whoever tries for ever fills no disk, and hides neither another nor something else', async () => {
  refused({}, 500);
  refused({ address: '10.0.0.10' });
  refused({ act: 'connect', gateway: 'plant-1' });
  await expect.poll(async () => (await rows()).length).toBe(22);
  const all = await rows();
  expect(all[19]?.detail).toContain('not written for a while');
  expect(all.slice(20)).toMatchObject([{ address: '10.0.0.10' }, { action: 'gateway connect' }]);
  await clock.advance(HOUR_MS);
  refused({});
  await expect.poll(async () => (await rows()).length).toBe(23);
});
