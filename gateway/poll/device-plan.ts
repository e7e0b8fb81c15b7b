import type { DeviceLimits, Driver, RegisterRange } from '../../devices/driver.ts';
import type { DeviceSpec, PointSpec } from '../../devices/plant-types.ts';
import { polledPoints } from '../../devices/polled-points.ts';
import type { Found } from './isolate.ts';

/** What a device has been seen to refuse; kept across restarts. */
export interface Learnt {
  /** Where the device was and what it spoke: what another one refused says nothing. */
  readonly place: string;
  readonly refused: readonly RegisterRange[];
  /** Longest blocks it takes, if shorter than its limits say. */
  readonly registers?: number;
  readonly bits?: number;
}

interface Retry {
  readonly range: RegisterRange;
  at: number;
  tries: number;
}

/** A refused point is asked for again after a minute, ten minutes, and each hour. */
const RETRY_MS = [60_000, 600_000, 3_600_000];

const BITS = ['coil', 'discrete'];

/** How one device is asked: its limits, and what it has been seen to refuse. Times in ticks, ms. */
export class DevicePlan {
  readonly device: DeviceSpec;
  readonly driver: Driver;
  readonly place: string;
  /** Rises with every change: plans made before are out of date. */
  version = 0;
  #refused: readonly RegisterRange[];
  #longest: { readonly registers?: number; readonly bits?: number };
  readonly #retries: Retry[];

  constructor(device: DeviceSpec, driver: Driver, place: string, learnt: Learnt | undefined, startTicks: number) {
    this.device = device;
    this.driver = driver;
    this.place = place;
    const known = learnt?.place === place ? learnt : undefined;
    this.#refused = known?.refused ?? [];
    this.#longest = longestOf(known ?? {});
    this.#retries = this.#refused
      .filter((range) => this.#holdsPoint(range))
      .map((range) => ({ range, at: startTicks + (RETRY_MS[0] as number), tries: 1 }));
  }

  /** Undefined as long as the device does all that its profile says. */
  get learnt(): Learnt | undefined {
    const isNew = this.#refused.length > 0 || Object.keys(this.#longest).length > 0;
    return isNew ? { place: this.place, refused: this.#refused, ...this.#longest } : undefined;
  }

  /** Few, large, legal requests for what the device does not refuse. */
  requestsFor(points: readonly PointSpec[]): readonly unknown[] {
    return this.driver.plan(
      points.filter((point) => !this.isIn(point, this.#refused)),
      this.#limits,
    );
  }

  /** @param now ticks, ms */
  learn({ ranges, longest }: Found, now: number): void {
    this.#refused = [...this.#refused, ...ranges.filter((range) => !this.#refused.some(isSame(range)))];
    for (const range of ranges) {
      if (this.#holdsPoint(range)) this.#retries.push({ range, at: now + (RETRY_MS[0] as number), tries: 1 });
    }
    if (longest) {
      const length = longest.to - longest.from + 1;
      this.#longest = {
        ...this.#longest,
        ...(BITS.includes(longest.table) ? { bits: length } : { registers: length }),
      };
    }
    this.version += 1;
  }

  /** A refused stretch with points that is to be asked for once more now, and the requests for it. */
  dueRetry(
    points: readonly PointSpec[],
    now: number,
  ): { range: RegisterRange; requests: readonly unknown[] } | undefined {
    for (const retry of this.#retries) {
      if (retry.at > now) continue;
      const inside = points.filter((point) => this.#rangesOf(point).some(touches(retry.range)));
      if (inside.length === 0) continue;
      retry.at = now + (RETRY_MS[Math.min(retry.tries, RETRY_MS.length - 1)] as number);
      retry.tries += 1;
      return {
        range: retry.range,
        requests: this.driver.plan(inside, { ...this.#limits, forbidden: this.device.limits.forbidden }),
      };
    }
    return undefined;
  }

  /** The device said neither yes nor no to the retry: it is soon asked again. */
  retryUnclear(range: RegisterRange, now: number): void {
    for (const retry of this.#retries.filter((each) => isSame(range)(each.range))) {
      retry.at = now + (RETRY_MS[0] as number);
      retry.tries -= 1;
    }
  }

  /** It was answered after all. */
  forget(range: RegisterRange): void {
    this.#refused = this.#refused.filter((each) => !isSame(range)(each));
    this.#retries.splice(0, this.#retries.length, ...this.#retries.filter((retry) => !isSame(range)(retry.range)));
    this.version += 1;
  }

  /**
   * What is left of a refused hole around the points in it, which are read with another rhythm: they are not to blame for the rest of
   * it. A hole of nothing but points is as it is: their own request would be the same.
   */
  aroundPoints(hole: RegisterRange): readonly RegisterRange[] {
    let left = [hole];
    for (const place of polledPoints(this.device).flatMap((point) => this.#rangesOf(point))) {
      left = left.flatMap((range) => (touches(place)(range) ? without(range, place) : range));
    }
    return left.length === 0 ? [hole] : left;
  }

  get #limits(): DeviceLimits {
    const { limits } = this.device;
    return {
      ...limits,
      registers: Math.min(limits.registers, this.#longest.registers ?? limits.registers),
      bits: Math.min(limits.bits, this.#longest.bits ?? limits.bits),
      forbidden: [...limits.forbidden, ...this.#refused],
    };
  }

  #holdsPoint(range: RegisterRange): boolean {
    return polledPoints(this.device).some((point) => this.#rangesOf(point).some(touches(range)));
  }

  isIn(point: PointSpec, ranges: readonly RegisterRange[]): boolean {
    return ranges.length > 0 && this.#rangesOf(point).some((range) => ranges.some(touches(range)));
  }

  #rangesOf(point: PointSpec): RegisterRange[] {
    const { refusals } = this.driver;
    if (refusals === undefined) return [];
    const alone = { ...this.device.limits, bitsFromZero: false };
    return this.driver.plan([point], alone).map((request) => refusals.range(request));
  }
}

function longestOf({ registers, bits }: Partial<Learnt>): { registers?: number; bits?: number } {
  return { ...(registers === undefined ? {} : { registers }), ...(bits === undefined ? {} : { bits }) };
}

function isSame(one: RegisterRange): (other: RegisterRange) => boolean {
  return (other) => other.table === one.table && other.from === one.from && other.to === one.to;
}

function touches(one: RegisterRange): (other: RegisterRange) => boolean {
  return (other) => other.table === one.table && other.from <= one.to && other.to >= one.from;
}

function without({ table, from, to }: RegisterRange, cut: RegisterRange): RegisterRange[] {
  const ends = [
    { table, from, to: cut.from - 1 },
    { table, from: cut.to + 1, to },
  ];
  return ends.filter((range) => range.from <= range.to);
}
