export interface Backoff {
  /** Ceiling of the first wait, milliseconds. */
  readonly firstMs: number;
  /** Ceiling that the waits grow to, doubling. */
  readonly ceilingMs: number;
  /** 0 <= random() < 1. */
  readonly random?: () => number;
}

/** Waits without end, each drawn between nothing and a doubling ceiling, so that a fleet never reconnects in step. */
export function* delays({ firstMs, ceilingMs, random = Math.random }: Backoff): Generator<number, never> {
  for (let ceiling = firstMs; ; ceiling = Math.min(ceiling * 2, ceilingMs)) {
    yield Math.round(random() * Math.min(ceiling, ceilingMs));
  }
}
