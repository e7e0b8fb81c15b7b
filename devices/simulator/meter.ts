import type { UnixMs } from '../../core/reading.ts';
import type { PointSpec } from '../plant-types.ts';
import { type Supply, supply } from './supply.ts';

type Shown = (at: UnixMs) => number;

interface Quantity {
  readonly kind:
    | 'volts'
    | 'amps'
    | 'watts'
    | 'vars'
    | 'volt-amperes'
    | 'watt-hours'
    | 'var-hours'
    | 'volt-ampere-hours';
  readonly per: number;
}

const QUANTITIES: Readonly<Record<string, Quantity>> = {
  V: { kind: 'volts', per: 1 },
  kV: { kind: 'volts', per: 1e3 },
  A: { kind: 'amps', per: 1 },
  ...scaled('W', 'watts'),
  ...scaled('var', 'vars'),
  ...scaled('VA', 'volt-amperes'),
  ...scaled('Wh', 'watt-hours'),
  ...scaled('varh', 'var-hours'),
  ...scaled('VAh', 'volt-ampere-hours'),
};

function scaled(unit: string, kind: Quantity['kind']): Record<string, Quantity> {
  return { [unit]: { kind, per: 1 }, [`k${unit}`]: { kind, per: 1e3 }, [`M${unit}`]: { kind, per: 1e6 } };
}

const ROOT3 = Math.sqrt(3);
const DEFAULT_VOLTS = 220;
const DEFAULT_WATTS_PER_PHASE = 2400;
const DEFAULT_POWER_FACTOR = 0.95;

/** What a meter's points show of one supply; undefined for a point that is not electrical. */
export function meter(points: readonly PointSpec[], name: string): (point: PointSpec) => Shown | undefined {
  const phases = points.some(({ name: each }) => phaseOf(each) !== undefined || isBetween(each)) ? 3 : 1;
  const feed = supply(
    {
      phases,
      volts: typical(points, 'volts') ?? DEFAULT_VOLTS,
      watts: typical(points, 'watts') ?? phases * DEFAULT_WATTS_PER_PHASE,
      powerFactor:
        points.find((point) => isPowerFactor(point) && point.typical !== undefined)?.typical ?? DEFAULT_POWER_FACTOR,
    },
    name,
  );
  return (point) => shown(point, feed);
}

/** The level that a configuration or profile gives: a phase's voltage, or the whole load. */
function typical(points: readonly PointSpec[], kind: 'volts' | 'watts'): number | undefined {
  const known = points.filter((point) => point.typical !== undefined && quantityOf(point)?.kind === kind);
  const point = known.find(({ name }) => kind === 'volts' || phaseOf(name) === undefined);
  if (point?.typical === undefined) return undefined;
  const level = point.typical * (quantityOf(point)?.per ?? 1);
  return isBetween(point.name) && kind === 'volts' ? level / ROOT3 : level;
}

function shown(point: PointSpec, feed: Supply): Shown | undefined {
  const { name } = point;
  const phase = phaseOf(name);
  if (isPowerFactor(point)) return (at) => ratio(feed, at, phase);
  const quantity = quantityOf(point);
  if (quantity === undefined) return undefined;
  // What is metered consumes; nothing flows back.
  if (/export/.test(name)) return () => 0;
  const of = shownOf(quantity.kind, name, phase, feed);
  return (at) => of(at) / quantity.per;
}

function shownOf(kind: Quantity['kind'], name: string, phase: number | undefined, feed: Supply): Shown {
  switch (kind) {
    case 'volts':
      return (at) => voltage(feed.flow(at).volts, name, phase);
    case 'amps':
      return (at) => current(feed, at, name, phase);
    case 'watts':
      return (at) => pick(feed.flow(at).watts, phase);
    case 'vars':
      return (at) => pick(feed.flow(at).vars, phase);
    case 'volt-amperes':
      return (at) => apparent(feed.flow(at), phase);
    case 'watt-hours':
      return (at) => pick(feed.consumed(at).wattHours, phase);
    case 'var-hours':
      return (at) => pick(feed.consumed(at).varHours, phase);
    case 'volt-ampere-hours':
      return (at) => {
        const { wattHours, varHours } = feed.consumed(at);
        return Math.hypot(pick(wattHours, phase), pick(varHours, phase));
      };
  }
}

/** One phase, or all of them together. */
function pick(values: readonly number[], phase: number | undefined): number {
  return phase === undefined ? values.reduce((sum, value) => sum + value, 0) : (values[phase - 1] ?? 0);
}

function apparent({ watts, vars }: { watts: readonly number[]; vars: readonly number[] }, phase?: number): number {
  return Math.hypot(pick(watts, phase), pick(vars, phase));
}

function ratio(feed: Supply, at: UnixMs, phase: number | undefined): number {
  const flow = feed.flow(at);
  return pick(flow.watts, phase) / apparent(flow, phase);
}

/** Two phases are 120° apart; a voltage without a phase is the mean. */
function voltage(volts: readonly number[], name: string, phase: number | undefined): number {
  const between = BETWEEN.exec(name);
  if (between === null) return phase === undefined ? pick(volts, undefined) / volts.length : pick(volts, phase);
  const [a, b] = [pick(volts, Number(between[1])), pick(volts, Number(between[2]))];
  return Math.sqrt(a * a + b * b + a * b);
}

/** What does not cancel in three phases flows in the neutral; a current without a phase is the mean. */
function current(feed: Supply, at: UnixMs, name: string, phase: number | undefined): number {
  const flow = feed.flow(at);
  const amps = flow.volts.map((volts, i) => apparent(flow, i + 1) / volts);
  if (phase !== undefined) return pick(amps, phase);
  if (!/-n$|neutral/.test(name)) return pick(amps, undefined) / amps.length;
  const [a = 0, b = 0, c = 0] = amps;
  return Math.sqrt(Math.max(0, a * a + b * b + c * c - a * b - b * c - c * a));
}

function quantityOf({ unit, kind }: PointSpec): Quantity | undefined {
  return kind === 'number' && unit !== undefined ? QUANTITIES[unit] : undefined;
}

function isPowerFactor({ name, kind }: PointSpec): boolean {
  return kind === 'number' && /power-factor|^pf\b|cos-?phi/.test(name);
}

const BETWEEN = /l([123])-l([123])/;

function isBetween(name: string): boolean {
  return BETWEEN.test(name);
}

/** 1 to 3 of `current-l2`; undefined of a total and of what is between two phases. */
function phaseOf(name: string): number | undefined {
  if (isBetween(name)) return undefined;
  const match = /(?:^|[-_.])l([123])(?:$|[-_.])/.exec(name);
  return match === null ? undefined : Number(match[1]);
}
