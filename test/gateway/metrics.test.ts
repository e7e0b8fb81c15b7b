import { afterEach, expect, test, vi } from 'vitest';
import { LatencyHistogram } from '../../core/histogram.ts';
import { Metrics } from '../../core/metrics.ts';
import { watchGateway } from '../../gateway/metrics.ts';
import { deviceWith, PolledLine } from '../support/poll-line.ts';

let line: PolledLine | undefined;
afterEach(() => line?.stop());

/** What a scrape of a gateway with this one line says. */
async function scrape({ poller, plans }: PolledLine): Promise<string> {
  const metrics = new Metrics();
  const channel = { statistics: () => ({ exchanges: 1, faults: 0, busyMs: 1 }) };
  watchGateway(metrics, {
    ...{ intake: { counts: { read: 0, kept: 0, faults: 0 } }, journal: { dropped: 0, next: 0, bytes: 0 } },
    polling: { channels: [{ spec: { name: 'plc' }, channel, poller, plans }] },
    report: { backlog: () => 0 },
    ...{ writes: { counts: {} }, twins: { stand: () => ({ points: {} }) } },
  } as never);
  return metrics.text();
}

const figure = (text: string, series: string) =>
  Number(
    text
      .split('\n')
      .find((row) => row.startsWith(`${series} `))
      ?.split(' ')[1],
  );

test('of each device: requests, faults by code, latency, state, what it refuses; of a line: how late its polls are', async () => {
  const devices = [deviceWith(1, [0, 1, 2]), deviceWith(2, [0]), deviceWith(3, [0, 5])];
  line = await PolledLine.start(
    devices,
    ({ unit, register, count }) => {
      if (unit === 2) return { answer: 'silence' };
      if (unit === 3 && register <= 5 && register + count > 5) return { answer: 2 };
      return { answer: 'values', afterMs: 10 };
    },
    { timeoutMs: 100 },
  );
  const { poller, plans } = line;
  await vi.waitFor(() => {
    expect(poller.trust(devices[1] as never)).toBe('offline');
    expect(plans[2]?.learnt).toBeDefined();
  }, 5000);
  const text = await scrape(line);
  const of = (name: string, device: string) => figure(text, `sluice_device_${name}{channel="plc",device="${device}"}`);
  expect(of('requests_total', 'd1')).toBeGreaterThan(2);
  expect([of('state', 'd1'), of('state', 'd2'), of('state', 'd3')]).toEqual([0, 2, 0]);
  expect([of('refused_ranges', 'd1'), of('refused_ranges', 'd3')]).toEqual([0, 1]);
  const silent = figure(text, 'sluice_device_faults_total{channel="plc",device="d2",code="no-answer"}');
  expect(silent).toBe(of('requests_total', 'd2'));
  expect(text).not.toContain('device="d1",code=');
  const half = figure(text, 'sluice_device_latency_seconds{channel="plc",device="d1",quantile="0.5"}');
  expect(half).toBeGreaterThan(0.0085);
  expect(half).toBeLessThan(0.05);
  // Of nothing there is no percentile.
  expect(text).toContain('sluice_device_latency_seconds{channel="plc",device="d2",quantile="0.5"} Nan');
  expect(of('latency_seconds_count', 'd1')).toBe(of('requests_total', 'd1'));
  const begun = figure(text, 'sluice_poll_lateness_seconds_count{channel="plc"}');
  expect(begun).toBe(line.poller.lateness.total);
  expect(text).toContain(`sluice_poll_lateness_seconds_bucket{channel="plc",le="+Inf"} ${begun}`);
  expect(text).toContain('# TYPE sluice_poll_lateness_seconds histogram');
});

test('the counts within bounds are exact', () => {
  const durations = new LatencyHistogram();
  const all = Array.from({ length: 5000 }, (_, i) => 0.01 * 1.0035 ** i);
  for (const ms of all) durations.add(ms);
  expect(durations.within).toHaveLength(16);
  for (const { boundMs, count } of durations.within) expect(count).toBe(all.filter((ms) => ms <= boundMs).length);
  expect(durations.sumMs).toBeCloseTo(all.reduce((sum, ms) => sum + ms, 0));
});
