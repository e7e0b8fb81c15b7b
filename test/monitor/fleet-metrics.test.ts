import { expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { Metrics } from '../../core/metrics.ts';
import { good } from '../../core/reading.ts';
import { DuckEnrolmentStore } from '../../monitor/archive/enrolment-store.ts';
import { Fleet } from '../../monitor/fleet/fleet.ts';
import { watchFleet } from '../../monitor/fleet/fleet-metrics.ts';
import { catalogue, column, entry, gap, Journal, T0 } from './support/batches.ts';
import { useArchive } from './support/use-archive.ts';

let now = T0;
const clock = { ...systemClock, now: () => now };

const hub = useArchive(async (archive) => {
  const journal = new Journal();
  await archive.append([journal.batch([journal.publish(catalogue([entry(0, 'boiler', 'temp')]))])]);
  journal.next = 10;
  const frames = [journal.readings([column(0, [[T0, good(1)]])])];
  await archive.append([journal.batch(frames, { gaps: [gap(1, 10)] })]);
});

const certify = (gateway: string, ends: number, revoked: number | null = null) =>
  hub.database.write((connection) =>
    connection.run(
      'INSERT INTO certificates (serial, gateway, not_after_ms, issued_ms, revoked_ms) VALUES (?, ?, ?, ?, ?)',
      [`${gateway}-${ends}`, gateway, ends, T0, revoked],
    ),
  );

test('each gateway that may come has its figures; what nobody knows has none', async () => {
  const fleet = new Fleet(clock);
  const metrics = new Metrics();
  let asked = 0;
  const store = new DuckEnrolmentStore(hub.database, {} as never);
  const enrolmentStore = {
    expiries() {
      asked += 1;
      return store.expiries();
    },
  };
  watchFleet(metrics, { fleet, enrolmentStore, database: hub.database, clock, dataDir: '/' });
  await certify('plant-1', T0 + 1_000);
  await certify('plant-1', T0 + 90_000);
  await certify('plant-2', T0 + 5_000);
  await certify('stolen', T0 + 90_000, T0);
  const hello = { clock: { now: T0 - 3_500, synchronised: true }, software: '0.2.0', epochs: [{ epoch: 'e' }] };
  fleet.onSession('plant-1', 'online', hello as never);
  fleet.onStatus('plant-1', { state: 'online', at: T0, version: '0.2.0', backlog: 7, oldestUnsent: T0 - 20_000 });
  now = T0 + 10_000;

  const text = await metrics.text();
  const of = (name: string) => text.split('\n').filter((line) => line.startsWith(`sluice_hub_${name}`));
  expect(of('gateway_state')).toEqual([
    'sluice_hub_gateway_state{gateway="plant-1"} 0',
    'sluice_hub_gateway_state{gateway="plant-2"} 2',
  ]);
  expect(of('gateway_backlog_records')).toEqual(['sluice_hub_gateway_backlog_records{gateway="plant-1"} 7']);
  expect(of('gateway_behind_seconds')).toEqual(['sluice_hub_gateway_behind_seconds{gateway="plant-1"} 30']);
  expect(of('gateway_clock_offset')).toEqual(['sluice_hub_gateway_clock_offset_seconds{gateway="plant-1"} -3.5']);
  expect(of('gateway_stuck')).toEqual([
    'sluice_hub_gateway_stuck{gateway="plant-1"} 0',
    'sluice_hub_gateway_stuck{gateway="plant-2"} 0',
  ]);
  expect(of('gateway_certificate')).toEqual([
    `sluice_hub_gateway_certificate_expires_seconds{gateway="plant-1"} ${(T0 + 90_000) / 1000}`,
    `sluice_hub_gateway_certificate_expires_seconds{gateway="plant-2"} ${(T0 + 5_000) / 1000}`,
  ]);
  expect(of('lost_records')).toHaveLength(1);
  expect(of('lost_records')[0]).toMatch(/gateway="plant-1".* 9$/);
  expect(Number(of('disk_free_bytes')[0]?.split(' ')[1])).toBeGreaterThan(0);

  expect(asked).toBe(1);

  // Put out, it is not told any more.
  await hub.database.write((connection) =>
    connection.run("UPDATE certificates SET revoked_ms = 1 WHERE gateway = 'plant-1'"),
  );
  expect(await metrics.text()).not.toContain('gateway_state{gateway="plant-1"}');
});
