import type { FaultCode } from '../../core/faults.ts';
import { LatencyHistogram } from '../../core/histogram.ts';

/** Of one device, since start. */
export class DeviceStatistics {
  requests = 0;
  readonly faults = new Map<FaultCode, number>();
  /** From the request to its answer, while the line was held. */
  readonly latency = new LatencyHistogram();

  answered(ms: number): void {
    this.requests += 1;
    this.latency.add(ms);
  }

  failed(fault: FaultCode): void {
    this.requests += 1;
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
  }

  /** As it stands in the status. */
  get report(): {
    requests: number;
    faults: Record<string, number>;
    latencyMs: { p50: number; p99: number } | null;
  } {
    const { requests, faults, latency } = this;
    return { requests, faults: Object.fromEntries(faults), latencyMs: latency.summary };
  }
}
