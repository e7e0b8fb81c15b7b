import type { Clock } from '../../core/clock.ts';
import type { UnixMs } from '../../core/reading.ts';
import type { Span } from '../archive/history.ts';
import type { Level } from '../archive/rollup-sql.ts';
import { type KeptFrom, levelKept, type TrendPart, type Trends } from '../archive/trends.ts';
import { DAY_MS, HOUR_MS, LocalDays, MINUTE_MS } from '../local-days.ts';
import type { KnownPoint, Points } from '../points.ts';
import { addUp, type EnergyBucket, type MissingSpan, type Placed, place } from './buckets.ts';
import { type Demand, forecastDemand } from './demand.ts';
import { type Counted, counterIncrements, type Increment, type Missing, powerIncrements } from './increments.ts';
import type { EnergySettings, Group, Meter } from './settings.ts';

export const PERIODS = ['window', 'hour', 'day', 'month'] as const;
export type Period = (typeof PERIODS)[number];

export interface EnergyReport {
  readonly group: Group;
  readonly buckets: readonly EnergyBucket[];
  readonly missing: readonly (MissingSpan & { readonly meter: string })[];
  /** See Placed. */
  readonly unplaced: number;
}

export interface EnergyParts {
  readonly settings: EnergySettings;
  readonly points: Points;
  readonly trends: Trends;
  readonly keptFrom: () => KeptFrom;
  readonly clock: Clock;
}

/** How many kWh, or kW, one of the unit is. */
const FACTORS: Readonly<Record<string, number>> = { Wh: 0.001, kWh: 1, MWh: 1000, W: 0.001, kW: 1, MW: 1000 };
/** A pause between two polls is no silence. */
const POLLS_HELD = 2.5;
/** The trend that a forecast goes by. */
const RECENT_MS = 3 * MINUTE_MS;
const STRETCH_MS = 4 * DAY_MS;

/** Energy by meter and group, from counters or from power, as their history says. */
export class Energy {
  readonly #parts: EnergyParts;

  constructor(parts: EnergyParts) {
    this.#parts = parts;
  }

  get groups(): readonly Group[] {
    return this.#parts.settings.groups;
  }

  get windowMs(): number {
    return this.#parts.settings.windowMs;
  }

  /** The zone of windows, days and months. */
  get zone(): string {
    const { settings, points } = this.#parts;
    const [meter] = settings.meters;
    const gateway = (meter?.counter ?? meter?.power ?? '').split('/')[0] ?? '';
    return settings.timezone ?? points.findCatalogue(gateway)?.timezone ?? 'UTC';
  }

  /** Whole periods that the span touches, as edges; at most `most`. Undefined if there are more. */
  edges({ from, to }: Span, period: Period, most: number): readonly UnixMs[] | undefined {
    const days = new LocalDays(this.zone);
    const lengthMs = { window: this.#parts.settings.windowMs, hour: HOUR_MS, day: DAY_MS, month: 28 * DAY_MS }[period];
    if ((to - from) / lengthMs > most) return undefined;
    if (period === 'month') return days.months(from, to);
    const starts = days.steps(from, to, lengthMs);
    return [...starts, ...days.steps(to, to + 2 * lengthMs, lengthMs).filter((at) => at > (starts.at(-1) ?? to))].slice(
      0,
      starts.length + 1,
    );
  }

  async report(group: Group, edges: readonly UnixMs[], period: Period): Promise<EnergyReport> {
    const [report] = await this.reports([group], edges, period);
    return report as EnergyReport;
  }

  /** One for each group, in their order; a meter that is in several is read once. */
  async reports(groups: readonly Group[], edges: readonly UnixMs[], period: Period): Promise<readonly EnergyReport[]> {
    const held = new Map<string, Placed>();
    // One after the other: what people look at meanwhile goes in between.
    for (const meter of new Set(groups.flatMap((group) => this.#metersOf(group)))) {
      held.set(meter.name, await this.#placed(meter, edges, period));
    }
    return groups.map((group) => {
      const each = this.#metersOf(group).map(({ name }) => ({ name, placed: held.get(name) as Placed }));
      return {
        group,
        buckets: addUp(each.map(({ placed }) => placed)),
        missing: each.flatMap(({ name, placed }) => placed.missing.map((span) => ({ ...span, meter: name }))),
        unplaced: each.reduce((sum, { placed }) => sum + placed.unplaced, 0),
      };
    });
  }

  /** The window that is running now. */
  async demand(group: Group): Promise<Demand> {
    const { clock } = this.#parts;
    const now = clock.now();
    const [from = now, to = now] = this.edges({ from: now, to: now + 1 }, 'window', 1) ?? [];
    const meters = this.#metersOf(group);
    const each = (start: UnixMs) =>
      Promise.all(meters.map((meter) => this.#placed(meter, [start, Math.max(start + 1, now)], 'window')));
    const [window, recent] = [await each(from), await each(now - RECENT_MS)];
    const sum = addUp(window)[0];
    const rates = recent.map(({ buckets: [bucket] }) => (bucket?.kwh == null ? null : bucket.kwh / bucket.knownMs));
    const unseenKwh = rates.reduce<number>((all, rate, index) => {
      return all + (rate ?? 0) * (now - from - (window[index]?.buckets[0]?.knownMs ?? 0));
    }, 0);
    const known = rates.filter((rate) => rate !== null);
    const recentKw = known.length < rates.length ? null : known.reduce((all, rate) => all + rate, 0) * HOUR_MS;
    const { target } = group;
    return forecastDemand({
      ...{ from, to, now, kwh: sum?.kwh ?? 0, missingMs: now - from - (sum?.knownMs ?? 0), recentKw, unseenKwh },
      ...(target === undefined ? {} : { targetKw: target }),
    });
  }

  /** What a group is made of. */
  pointsOf(group: Group): readonly string[] {
    return this.#metersOf(group).flatMap(({ counter, power }) => [counter, power].filter((id) => id !== undefined));
  }

  #metersOf(group: Group): readonly Meter[] {
    return this.#parts.settings.meters.filter(({ name }) => group.meters.includes(name));
  }

  async #placed(meter: Meter, edges: readonly UnixMs[], period: Period): Promise<Placed> {
    const [from = 0, to = from] = [edges[0], edges.at(-1)];
    const { clock, points, settings } = this.#parts;
    const until = Math.min(to, clock.now());
    const point = points.find(meter.counter ?? meter.power ?? '');
    const factor = point && FACTORS[meter.unit ?? point.entry.unit ?? ''];
    const holdMs = Math.max(settings.holdMs, POLLS_HELD * (point?.entry.everyMs ?? 0));
    if (point === undefined || factor === undefined) {
      const why = point === undefined ? 'unknown-point' : 'unknown-unit';
      return place([{ from, to: until, kwh: null, why }], { edges, holdMs, until });
    }
    const increments = await this.#increments({ meter, point, factor, holdMs }, { from, to: until }, period);
    // The next reading is on its way: what it will say is not missing yet.
    const last = increments.at(-1)?.to ?? from;
    const told = until === to || until - last > holdMs ? until : Math.max(from, last);
    return place(withEnds(increments, from, told), { edges, holdMs, until: told });
  }

  async #increments(
    { meter, point, factor, holdMs }: { meter: Meter; point: KnownPoint; factor: number; holdMs: number },
    { from, to }: Span,
    period: Period,
  ): Promise<Increment[]> {
    const { trends, keptFrom } = this.#parts;
    const isCounter = meter.counter !== undefined;
    const wanted: Level = isCounter && (period === 'day' || period === 'month') ? 'hour' : 'minute';
    const level = levelKept(wanted, from, keptFrom());
    // The reading before the first edge, and the one after the last, say what went through at the edges.
    const around = Math.max(holdMs, wanted === 'hour' ? DAY_MS : 0);
    // Of days, a counter's first and last in five minutes say as much: windows and hours begin with them.
    const bucketMs = isCounter && to - from > DAY_MS ? 5 * MINUTE_MS : MINUTE_MS;
    const parts: TrendPart[] = [];
    for (const span of stretches({ from: from - around, to: to + around }, level)) {
      parts.push(...(await trends.parts(point.series, span, level, bucketMs)));
    }
    if (!isCounter) {
      const powers = parts.map(({ at, good }) => ({ at, kw: good ? good.mean * factor : null }));
      return cut(powerIncrements(powers, holdMs, to), from, to);
    }
    const readings = await this.#countersOf(point, parts, factor);
    return cut(counterIncrements(readings, meter), from, to);
  }

  /** A counter only rises: within a bucket its first and last reading say all, unless it fell there; then each reading counts. */
  async #countersOf(point: KnownPoint, parts: readonly TrendPart[], factor: number): Promise<Counted[]> {
    const readings: Counted[] = [];
    for (const { good } of parts) {
      if (!good) continue;
      const { first, firstAt, last, lastAt, least, most } = good;
      if (least >= first && most <= last) {
        readings.push({ at: firstAt, value: first * factor }, { at: lastAt, value: last * factor });
        continue;
      }
      const raw = await this.#parts.trends.parts(point.series, { from: firstAt, to: lastAt + 1 }, 'raw');
      const each = raw.flatMap(({ at, good: own }) => (own ? [{ at, value: own.last * factor }] : []));
      readings.push(...(each.length > 0 ? each : fellWithin(good, factor)));
    }
    return readings.sort((a, b) => a.at - b.at);
  }
}

/** A month by the minute is read some days at a time, so that nothing else waits for it. */
function stretches({ from, to }: Span, level: Level): readonly Span[] {
  if (level !== 'raw' && level !== 'minute') return [{ from, to }];
  const spans: Span[] = [];
  for (let start = from; start < to; start = spans.at(-1)?.to ?? to) {
    // Where no bucket goes on.
    const end = (Math.floor(start / STRETCH_MS) + 1) * STRETCH_MS;
    spans.push({ from: start, to: Math.min(to, end) });
  }
  return spans;
}

/** Where readings themselves are gone: up to the greatest, and a fall to the last. */
function fellWithin({ first, firstAt, last, lastAt, most }: NonNullable<TrendPart['good']>, factor: number): Counted[] {
  const middle = firstAt + Math.floor((lastAt - firstAt) / 2);
  return [
    { at: firstAt, value: first * factor },
    { at: middle, value: most * factor },
    { at: lastAt, value: last * factor },
  ];
}

/** What lies wholly outside is left out; what reaches over an edge is placed by `place`. */
function cut(increments: readonly Increment[], from: UnixMs, to: UnixMs): Increment[] {
  return increments.filter((each) => each.to > from && each.from < to);
}

/** Before the first reading and after the last, nothing is known. */
function withEnds(increments: readonly Increment[], from: UnixMs, to: UnixMs): Increment[] {
  const silent = (start: UnixMs, end: UnixMs): Increment[] =>
    end > start ? [{ from: start, to: end, kwh: null, why: 'silent' satisfies Missing }] : [];
  const [first, last] = [increments[0], increments.at(-1)];
  if (!first || !last) return silent(from, to);
  return [...silent(from, Math.min(first.from, to)), ...increments, ...silent(Math.max(last.to, from), to)];
}
