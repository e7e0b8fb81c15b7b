import type { FaultCode } from '../core/faults.ts';
import type { RegisterRange } from '../devices/driver.ts';
import type { DeviceState } from './intake.ts';
import type { RunningChannel } from './poll/polling.ts';

/** A device on the gateway's own page. */
export interface DeviceRow {
  readonly name: string;
  readonly channel: string;
  /** `waiting`: it was not asked yet. */
  readonly state: 'waiting' | 'answering' | 'suspect' | 'offline';
  readonly fault?: FaultCode | undefined;
  /** Milliseconds from a request to its answer; null before the first. */
  readonly latency: { readonly p50: number; readonly p99: number } | null;
  readonly requests: number;
  readonly faults: Readonly<Record<string, number>>;
  /** `holding 5`, `input 10–12`. */
  readonly refused: readonly string[];
}

type Devices = ReadonlyMap<string, DeviceState>;

/** What the status says of each device on the lines. */
export function deviceReports(channels: readonly RunningChannel[], devices: Devices): object[] {
  return channels.flatMap(({ spec, poller, plans }) =>
    plans.map(({ device, learnt }) => {
      const { online, fault } = devices.get(device.name) ?? {};
      const { refused, registers, bits } = learnt ?? {};
      return {
        ...{ name: device.name, channel: spec.name, online: online ?? null, fault, trust: poller.trust(device) },
        ...poller.statistics(device).report,
        ...(learnt === undefined ? {} : { learnt: { refused, registers, bits } }),
      };
    }),
  );
}

/** Those in trouble first, else in the order of the configuration. */
export function deviceRows(channels: readonly RunningChannel[], devices: Devices): DeviceRow[] {
  const rows = channels.flatMap(({ spec, poller, plans }) =>
    plans.map(({ device, learnt }): DeviceRow => {
      const { online, fault } = devices.get(device.name) ?? {};
      const { requests, faults, latencyMs } = poller.statistics(device).report;
      return {
        ...{ name: device.name, channel: spec.name, state: stateOf(online, poller.trust(device)), fault },
        latency: latencyMs,
        ...{ requests, faults, refused: (learnt?.refused ?? []).map(rangeText) },
      };
    }),
  );
  return rows.sort((a, b) => TROUBLE[b.state] - TROUBLE[a.state]);
}

const TROUBLE = { waiting: 0, answering: 0, suspect: 1, offline: 2 };

/** A device whose line is down was not silent: it is away all the same. */
function stateOf(online: boolean | undefined, trust: 'trusted' | 'suspect' | 'offline'): DeviceRow['state'] {
  if (online === undefined) return 'waiting';
  if (online) return 'answering';
  return trust === 'suspect' ? 'suspect' : 'offline';
}

function rangeText({ table, from, to }: RegisterRange): string {
  return from === to ? `${table} ${from}` : `${table} ${from}–${to}`;
}

/** What became of a line's requests: how many were answered, and how many failed by which fault. */
export function resultsOf({ poller, plans }: RunningChannel): Record<string, number> {
  const results: Record<string, number> = { answered: 0 };
  for (const { device } of plans) {
    const { latency, faults } = poller.statistics(device);
    results.answered = (results.answered as number) + latency.total;
    for (const [code, count] of faults) results[code] = (results[code] ?? 0) + count;
  }
  return results;
}
