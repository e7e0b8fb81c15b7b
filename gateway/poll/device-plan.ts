import type { Driver, RegisterRange } from '../../devices/driver.ts';
import type { DeviceSpec, PointSpec } from '../../devices/plant-types.ts';
import { polledPoints } from '../../devices/polled-points.ts';
import { type BlockKind, BlockLengths, type Lengths } from './block-lengths.ts';
import type { Found } from './isolate.ts';
import { RetryTimes } from './retry-times.ts';

/** What a device has been seen to refuse; kept across restarts. */
export interface Learnt extends Lengths {
  /** Where the device was and what it spoke: what another one refused says nothing. */
  readonly place: string;
  readonly refused: readonly RegisterRange[];
}

/** A refused point is asked for again, now and then. */
interface Retry {
  readonly range: RegisterRange;
  readonly times: RetryTimes;
}

/** How one device is asked: its limits, and what it has been seen to refuse. Times in ticks, ms. */
export class DevicePlan {
  readonly device: DeviceSpec;
  readonly driver: Driver;
  readonly place: string;
  /** Rises with every change: plans made before are out of date. */
  version = 0;
  #refused: readonly RegisterRange[];
  readonly #lengths: BlockLengths;
  readonly #retries: Retry[];
  /** Points that come in no longer blocks than they do, and for which plan and kinds of blocks that was found. */
  readonly #content = new WeakMap<readonly PointSpec[], string>();

  constructor(device: DeviceSpec, driver: Driver, place: string, learnt: Learnt | undefined, startTicks: number) {
    this.device = device;
    this.driver = driver;
    this.place = place;
    const known = learnt?.place === place ? learnt : undefined;
    this.#refused = known?.refused ?? [];
    this.#lengths = new BlockLengths(known ?? {}, startTicks);
    this.#retries = this.#refused
      .filter((range) => this.#holdsPoint(range))
      .map((range) => ({ range, times: new RetryTimes(startTicks) }));
  }

  /** Undefined as long as the device does all that its profile says. */
  get learnt(): Learnt | undefined {
    const lengths = this.#lengths.learnt;
    const isNew = this.#refused.length > 0 || Object.keys(lengths).length > 0;
    return isNew ? { place: this.place, refused: this.#refused, ...lengths } : undefined;
  }

  /** Few, large, legal requests for what the device does not refuse. */
  requestsFor(points: readonly PointSpec[]): readonly unknown[] {
    return this.#plan(points);
  }

  /** @param now ticks, ms */
  learn({ ranges, longest }: Found, now: number): void {
    this.#refused = [...this.#refused, ...ranges.filter((range) => !this.#refused.some(isSame(range)))];
    for (const range of ranges) {
      if (this.#holdsPoint(range)) this.#retries.push({ range, times: new RetryTimes(now) });
    }
    if (longest) this.#lengths.learn(longest, now);
    this.version += 1;
  }

  /** A refused stretch with points that is to be asked for once more now, and the requests for it. */
  dueRetry(
    points: readonly PointSpec[],
    now: number,
  ): { range: RegisterRange; requests: readonly unknown[] } | undefined {
    for (const retry of this.#retries) {
      if (!retry.times.isDue(now)) continue;
      const inside = points.filter((point) => this.#rangesOf(point).some(touches(retry.range)));
      if (inside.length === 0) continue;
      retry.times.taken(now);
      return {
        range: retry.range,
        requests: this.driver.plan(inside, this.#lengths.within(this.device.limits)),
      };
    }
    return undefined;
  }

  /** The device said neither yes nor no to the retry: it is soon asked again. */
  retryUnclear(range: RegisterRange, now: number): void {
    for (const retry of this.#retries.filter((each) => isSame(range)(each.range))) retry.times.unclear(now);
  }

  /** It was answered after all. */
  forget(range: RegisterRange): void {
    this.#refused = this.#refused.filter((each) => !isSame(range)(each));
    this.#retries.splice(0, this.#retries.length, ...this.#retries.filter((retry) => !isSame(range)(retry.range)));
    this.version += 1;
  }

  /** A longer block than the device has taken so far, if it is time to try one and these points come in one. */
  dueLonger(points: readonly PointSpec[], now: number): { range: RegisterRange; request: unknown } | undefined {
    const due = this.#lengths.due(now);
    const asked = `${this.version} ${due}`;
    if (due.length === 0 || this.#content.get(points) === asked) return undefined;
    for (const kind of due) {
      const longer = this.#longerOf(points, kind);
      if (longer === undefined) continue;
      this.#lengths.taken(kind, now);
      return longer;
    }
    this.#content.set(points, asked);
    return undefined;
  }

  /** The longer block was answered. Where that is as long as any needs to be, nothing is left of what was learnt. */
  takesLonger(range: RegisterRange, now: number): void {
    const kind = this.#lengths.learn(range, now);
    if (this.#longerOf(polledPoints(this.device), kind) === undefined) this.#lengths.forget(kind);
    this.version += 1;
  }

  /** The device said neither yes nor no to the longer block: one is soon tried again. */
  longerUnclear(range: RegisterRange, now: number): void {
    this.#lengths.unclear(range, now);
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

  /** Blocks of kind `longer` may be longer than the device has taken so far. */
  #plan(points: readonly PointSpec[], longer?: BlockKind): readonly unknown[] {
    const { limits } = this.device;
    return this.driver.plan(
      points.filter((point) => !this.isIn(point, this.#refused)),
      { ...this.#lengths.within(limits, longer), forbidden: [...limits.forbidden, ...this.#refused] },
    );
  }

  #longerOf(points: readonly PointSpec[], kind: BlockKind): { range: RegisterRange; request: unknown } | undefined {
    for (const request of this.#plan(points, kind)) {
      const range = this.driver.refusals?.range(request);
      if (range && this.#lengths.isLonger(kind, range)) return { range, request };
    }
    return undefined;
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
