import type { Row } from './row.ts';

const LANES = 3;

/** Three rows at a time (most of them wait most of the time), those that measure speed alone at the end. */
export class Lanes {
  readonly #beside: Row[];
  readonly #alone: readonly Row[];

  constructor(rows: readonly Row[]) {
    // The longest first: what is left at the end then fills the other lane.
    this.#beside = rows
      .filter(({ alone }) => !alone)
      .sort((a, b) => (b.sizes.long.seconds ?? 0) - (a.sizes.long.seconds ?? 0));
    this.#alone = rows.filter(({ alone }) => alone);
  }

  async run(work: (row: Row) => Promise<void>): Promise<void> {
    const lane = async () => {
      for (let row = this.#beside.shift(); row !== undefined; row = this.#beside.shift()) await work(row);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    for (const row of this.#alone) await work(row);
  }
}
