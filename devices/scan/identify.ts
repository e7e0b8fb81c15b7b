import { isFault } from '../../core/faults.ts';
import type { Outcome } from '../../core/reading.ts';
import type { Driver, Line, Target } from '../driver.ts';
import { STANDARD_LIMITS } from '../limits.ts';
import type { PointSpec } from '../plant-types.ts';
import { profileDevice } from '../profile-device.ts';
import type { ProfileLibrary } from '../profile-library.ts';
import type { Profile } from '../profile-schema.ts';
import { findDriver, speakAlike } from '../registry.ts';

/** A model whose proofs a device has passed. */
export interface Likely {
  readonly profile: string;
  /** Every proof was an exact value, such as an identity register: no plausible coincidence. */
  readonly isProven: boolean;
  readonly proofs: number;
}

/** What a model can be known by: points to read, and what they must be. */
export interface Candidate {
  readonly profile: string;
  readonly driver: Driver;
  readonly proofs: readonly { readonly point: PointSpec; readonly must: NonNullable<Profile['identify']>[number] }[];
}

/** The models of the library that can be told apart over this protocol. */
export async function candidatesFor(driver: Driver, library: ProfileLibrary): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const name of library.names) {
    const loaded = await library.find(name);
    const own = loaded && findDriver(loaded.value.driver);
    if (!loaded || !own || !(own === driver || speakAlike(own, driver))) continue;
    const points = profileDevice(loaded, () => {})?.points ?? [];
    const proofs = (loaded.value.identify ?? []).flatMap((must) => {
      const point = points.find((each) => each.name === must.point);
      return point ? [{ point, must }] : [];
    });
    if (proofs.length > 0) candidates.push({ profile: name, driver, proofs });
  }
  return candidates;
}

/** Some devices are silent where others refuse: after so many silences in vain no more is asked. */
const MOST_SILENCES = 5;

/** Asks a device for the proofs of each model. Models of one map come together; the surest come first. */
export async function identify(candidates: readonly Candidate[], line: Line, target: Target): Promise<Likely[]> {
  const asking = new Asking(line, target);
  const likely: Likely[] = [];
  for (const { profile, driver, proofs } of [...candidates].sort((a, b) => Number(isExact(b)) - Number(isExact(a)))) {
    let passed = 0;
    for (const { point, must } of proofs) {
      if (!isProof(await asking.read(driver, point), must)) break;
      passed += 1;
    }
    if (passed === proofs.length) likely.push({ profile, proofs: passed, isProven: isExact({ proofs }) });
  }
  return likely.sort((a, b) => Number(b.isProven) - Number(a.isProven) || b.proofs - a.proofs);
}

function isExact({ proofs }: Pick<Candidate, 'proofs'>): boolean {
  return proofs.every(({ must }) => must.equals !== undefined);
}

/** Many models are known by the same registers: a device refuses them once. */
class Asking {
  readonly #line: Line;
  readonly #target: Target;
  readonly #refused = new Set<string>();
  #silences = 0;

  constructor(line: Line, target: Target) {
    this.#line = line;
    this.#target = target;
  }

  async read(driver: Driver, point: PointSpec): Promise<Outcome | undefined> {
    const [request] = driver.plan([point], STANDARD_LIMITS);
    const range = request === undefined ? undefined : driver.refusals?.range(request);
    const place = JSON.stringify(range);
    if (request === undefined || this.#refused.has(place) || this.#silences >= MOST_SILENCES) return undefined;
    try {
      return (await driver.read(request, this.#line, this.#target)).get(point.name);
    } catch (error) {
      if (!isFault(error)) throw error;
      this.#refused.add(place);
      if (isFault(error, 'no-answer')) this.#silences += 1;
      return undefined;
    }
  }
}

function isProof(outcome: Outcome | undefined, must: Candidate['proofs'][number]['must']): boolean {
  if (outcome === undefined || outcome.quality === 'bad') return false;
  const { value } = outcome;
  if (must.equals !== undefined) return value === must.equals;
  return typeof value === 'number' && value >= (must.min ?? value) && value <= (must.max ?? value);
}
