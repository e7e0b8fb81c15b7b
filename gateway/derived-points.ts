import type { Outcome } from '../core/reading.ts';
import type { Formula } from '../devices/formula/formula.ts';
import { slowness } from '../devices/resolve-formulas.ts';
import type { PointState } from './point-state.ts';

interface Derived {
  readonly point: PointState;
  readonly formula: Formula;
  readonly inputs: readonly PointState[];
  /** The inputs with the fastest rhythm: once all of them have been read anew, it is the formula's turn. */
  readonly fast: readonly PointState[];
  readonly waiting: Set<PointState>;
}

/**
 * The points of one device that are computed from others. A formula is computed once a round, not once for each request that
 * brings one of its inputs: half of a round's values with half of the last one's is a value that never was. Inputs with a slower
 * rhythm count as they were last read.
 */
export class DerivedPoints {
  readonly #byInput = new Map<PointState, Derived[]>();

  constructor(points: ReadonlyMap<string, PointState>) {
    for (const point of points.values()) {
      const { formula } = point.spec;
      if (formula !== undefined) this.#add(point, formula, points);
    }
  }

  #add(point: PointState, formula: Formula, points: ReadonlyMap<string, PointState>): void {
    const inputs = formula.inputs.map((name) => points.get(name) as PointState);
    const fastest = Math.min(...inputs.map(({ spec }) => slowness(spec.rhythm)));
    const fast = inputs.filter(({ spec }) => slowness(spec.rhythm) === fastest);
    const derived: Derived = { point, formula, inputs, fast, waiting: new Set(fast) };
    for (const input of fast) this.#byInput.set(input, [...(this.#byInput.get(input) ?? []), derived]);
  }

  /** What follows now that a point has been read. A bad input makes the result bad, with the input's fault. */
  after(read: PointState): readonly Computed[] {
    const dependents = this.#byInput.get(read);
    if (dependents === undefined) return NOTHING;
    return dependents.flatMap((derived) => {
      derived.waiting.delete(read);
      if (derived.waiting.size > 0) return [];
      for (const input of derived.fast) derived.waiting.add(input);
      const outcome = outcomeOf(derived);
      return outcome === undefined ? [] : [{ point: derived.point, outcome }];
    });
  }
}

interface Computed {
  readonly point: PointState;
  readonly outcome: Outcome;
}

const NOTHING: readonly Computed[] = [];

/** Undefined while one of the inputs has never been read. */
function outcomeOf({ formula, inputs }: Derived): Outcome | undefined {
  const values: (number | boolean)[] = [];
  let fault: Outcome | undefined;
  for (const { newest } of inputs) {
    if (newest === undefined) return undefined;
    if (newest.quality === 'bad') fault ??= newest;
    else values.push(newest.value as number | boolean);
  }
  return fault ?? formula.evaluate(values);
}
