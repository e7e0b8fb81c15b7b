/** Of durations from 0.05 ms to about 100 s, in steps of a tenth: percentiles to 5 % from a few hundred counts, whatever their number. */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;
  #sumMs = 0;

  get total(): number {
    return this.#total;
  }

  /** Of all that was added, milliseconds. */
  get sumMs(): number {
    return this.#sumMs;
  }

  add(ms: number): void {
    const bucket = ms <= LEAST_MS ? 0 : Math.ceil(Math.log(ms / LEAST_MS) / LOG_STEP);
    this.#counts[Math.min(bucket, BUCKETS - 1)] = (this.#counts[Math.min(bucket, BUCKETS - 1)] as number) + 1;
    this.#total += 1;
    this.#sumMs += ms;
  }

  /** How many lie within each of a few bounds, milliseconds, rising by about 2: for a scrape, as 154 steps are too many. */
  get within(): readonly { readonly boundMs: number; readonly count: number }[] {
    const found: { boundMs: number; count: number }[] = [];
    let count = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      count += this.#counts[bucket] as number;
      if (bucket >= FIRST_BOUND && bucket % BOUND_STEPS === 0 && bucket <= LAST_BOUND)
        found.push({ boundMs: LEAST_MS * STEP ** bucket, count });
    }
    return found;
  }

  /** To a tenth of a millisecond; null while nothing was added. */
  get summary(): { p50: number; p99: number } | null {
    if (this.#total === 0) return null;
    const at = (share: number) => Math.round(this.percentile(share) * 10) / 10;
    return { p50: at(0.5), p99: at(0.99) };
  }

  /** Milliseconds that a share (0 to 1) of all stays within; 0 while nothing was added. */
  percentile(share: number): number {
    let left = share * this.#total;
    if (this.#total === 0) return 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#counts[bucket] as number;
      // The middle of the step, as a ratio.
      if (left <= 0) return bucket === 0 ? LEAST_MS : LEAST_MS * STEP ** (bucket - 0.5);
    }
    return LEAST_MS * STEP ** (BUCKETS - 1);
  }
}

const LEAST_MS = 0.05;
const STEP = 1.1;
const LOG_STEP = Math.log(STEP);
const BUCKETS = 154;
/** Bounds lie on edges of our steps, so that their counts are exact: 0.49 ms, 1.06 ms … 46 s. */
const BOUND_STEPS = 8;
const FIRST_BOUND = 24;
const LAST_BOUND = 144;
