import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

/** Something that runs until its signal aborts. It resolves when it has stopped; it rejects when it cannot go on. */
export interface Service {
  readonly name: string;
  run(signal: AbortSignal): Promise<void>;
}

export interface RunOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** How long they may take to stop, all together, before they are left behind; the first one, which stops last, as long again. */
  readonly softMs?: number;
}

/** Of the twenty seconds that a supervisor gives a gateway, twice this and a little for each of those that are late. */
const SOFT_MS = 7000;
const LEAST_MS = 250;

/**
 * Runs all; when one fails, or the signal aborts, stops the others in reverse order and gathers every error. The first stands last and
 * alone: what the others brought is its to keep, and their being late must not take its time.
 */
export async function runAll(services: readonly Service[], signal: AbortSignal, options: RunOptions): Promise<void> {
  const { clock, log, softMs = SOFT_MS } = options;
  const errors: unknown[] = [];
  const asked = latch();
  if (signal.aborted) asked.resolve();
  signal.addEventListener('abort', () => asked.resolve(), { once: true });

  const running = services.map((service) => {
    const stop = new AbortController();
    const done = service.run(stop.signal).then(
      () => asked.resolve(),
      (error: unknown) => {
        if (!isAbort(error, stop.signal)) errors.push(error);
        asked.resolve();
      },
    );
    return { service, stop, done };
  });

  await asked.promise;
  const end = clock.ticks() + softMs;
  for (const [index, { service, stop, done }] of [...running.entries()].reverse()) {
    stop.abort();
    const late = new AbortController();
    const withinMs = index === 0 ? softMs : Math.max(LEAST_MS, end - clock.ticks());
    const timeout = clock.sleep(withinMs, late.signal).then(
      () => 'late' as const,
      () => 'done' as const,
    );
    if ((await Promise.race([done, timeout])) === 'late') log.warn({ service: service.name }, 'did not stop in time');
    late.abort();
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, 'several services failed');
}

/** "We stopped" is never "it failed". */
export function isAbort(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'));
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function latch(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
