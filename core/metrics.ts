import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

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
    new Gauge({
      ...{ name, help, registers: [this.registry] },
      async collect() {
        this.set(await read());
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

export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
