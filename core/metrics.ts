import { Counter, collectDefaultMetrics, Gauge, Histogram, type Metric, Registry } from 'prom-client';
import type { LatencyHistogram } from './histogram.ts';

type Kind = 'counter' | 'gauge';
export type Sample<Label extends string> = { readonly labels: Readonly<Record<Label, string>>; readonly value: number };

/** One registry per process, handed down; `docs/metrics.md` lists every name and is checked against the code. */
export class Metrics {
  readonly registry = new Registry();

  counter<Label extends string>(name: string, help: string, labelNames: readonly Label[] = []): Counter<Label> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] });
  }

  gauge<Label extends string>(name: string, help: string, labelNames: readonly Label[] = []): Gauge<Label> {
    return new Gauge({ name, help, labelNames: [...labelNames], registers: [this.registry] });
  }

  histogram(name: string, help: string, buckets: readonly number[]): Histogram {
    return new Histogram({ name, help, buckets: [...buckets], registers: [this.registry] });
  }

  /** A figure that somebody else keeps: read when the metrics are asked for. */
  follow(kind: Kind, name: string, help: string, read: () => number): void {
    this.followEach<never>(kind, name, help, [], () => [{ labels: {} as Record<never, string>, value: read() }]);
  }

  /** A gauge that must be asked for elsewhere. */
  ask(name: string, help: string, read: () => Promise<number>): void {
    this.askEach<never>(name, help, [], async () => [{ labels: {} as Record<never, string>, value: await read() }]);
  }

  /** The same with labels. What is not in the answer any more is not told any more. */
  askEach<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    read: () => Promise<readonly Sample<Label>[]>,
  ): void {
    new Gauge({
      ...{ name, help, labelNames: [...labelNames], registers: [this.registry] },
      async collect() {
        const samples = await read();
        this.reset();
        for (const { labels, value } of samples) this.set(labels as Record<Label, string>, value);
      },
    });
  }

  /** The same with labels. A counter's `read` must never fall. */
  followEach<Label extends string>(
    kind: Kind,
    name: string,
    help: string,
    labelNames: readonly Label[],
    read: () => readonly Sample<Label>[],
  ): void {
    const options = { name, help, labelNames: [...labelNames], registers: [this.registry] };
    if (kind === 'gauge') {
      new Gauge({
        ...options,
        collect() {
          for (const { labels, value } of read()) this.set(labels as Record<Label, string>, value);
        },
      });
      return;
    }
    new Counter({
      ...options,
      collect() {
        this.reset();
        for (const { labels, value } of read()) this.inc(labels as Record<Label, string>, value);
      },
    });
  }

  /**
   * Durations that somebody else counts, in seconds. `histogram`: counts within bounds, from which Prometheus tells percentiles of any
   * time; 19 series each. `summary`: percentiles since the start; 4 series each, for what there is a lot of.
   */
  followDurations<Label extends string>(
    kind: 'histogram' | 'summary',
    name: string,
    help: string,
    labelNames: readonly Label[],
    read: () => readonly { readonly labels: Readonly<Record<Label, string>>; readonly value: LatencyHistogram }[],
  ): void {
    const values = () =>
      read().flatMap(({ labels, value }) => [
        ...(kind === 'histogram' ? boundsOf(value) : percentilesOf(value)).map(({ label, value: figure }) => ({
          ...{ labels: { ...labels, ...label }, value: figure },
          ...(kind === 'histogram' ? { metricName: `${name}_bucket` } : {}),
        })),
        { labels, value: value.sumMs / 1000, metricName: `${name}_sum` },
        { labels, value: value.total, metricName: `${name}_count` },
      ]);
    // The library's own kinds want to be told of each duration; ours keep their counts where they are made.
    const get = async () => ({ name, help, type: kind, aggregator: 'sum', values: values() });
    const metric = { name, help, type: kind, labelNames: [...labelNames], get, reset() {} };
    this.registry.registerMetric(metric as unknown as Metric);
  }

  /** CPU, memory, event-loop delay: the library's own names. */
  withProcess(): this {
    // The event loop's delay is sampled ten times a second instead of a hundred: each sample wakes the processor.
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: 100 });
    return this;
  }

  /** Prometheus text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}

function boundsOf(durations: LatencyHistogram): { label: { le: string }; value: number }[] {
  const bounds = durations.within.map(({ boundMs, count }) => ({
    label: { le: (boundMs / 1000).toPrecision(4) },
    value: count,
  }));
  return [...bounds, { label: { le: '+Inf' }, value: durations.total }];
}

function percentilesOf(durations: LatencyHistogram): { label: { quantile: string }; value: number }[] {
  // Of nothing there is no percentile: NaN, as the format has it.
  const at = (share: number) => (durations.total === 0 ? Number.NaN : durations.percentile(share) / 1000);
  return [0.5, 0.99].map((share) => ({ label: { quantile: String(share) }, value: at(share) }));
}

export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
