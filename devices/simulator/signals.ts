import type { UnixMs, Value } from '../../core/reading.ts';
import type { DeviceClass, PointSpec } from '../plant-types.ts';

/** A value at an instant: slow, plausible, the same for the same seed. */
export type Signal = (at: UnixMs) => Value;

interface Shape {
  readonly base: number;
  readonly swing: number;
  readonly step: number;
}

const SHAPES: Readonly<Record<string, Shape>> = {
  V: { base: 230, swing: 2.5, step: 0.1 },
  A: { base: 8, swing: 5, step: 0.01 },
  W: { base: 1800, swing: 1100, step: 1 },
  kW: { base: 18, swing: 11, step: 0.01 },
  VA: { base: 1900, swing: 1100, step: 1 },
  kVA: { base: 19, swing: 11, step: 0.01 },
  var: { base: 400, swing: 200, step: 1 },
  kvar: { base: 4, swing: 2, step: 0.01 },
  Hz: { base: 50, swing: 0.04, step: 0.01 },
  '°C': { base: 24, swing: 2, step: 0.1 },
  '%': { base: 48, swing: 9, step: 0.1 },
  'm/s': { base: 4, swing: 3, step: 0.1 },
  '°': { base: 210, swing: 80, step: 1 },
  hPa: { base: 1013, swing: 4, step: 0.1 },
  min: { base: 32, swing: 3, step: 1 },
};
const PLAIN: Shape = { base: 50, swing: 10, step: 0.1 };

/** Per hour, for things that only grow. */
const GROWTH: Readonly<Record<string, number>> = {
  Wh: 1800,
  kWh: 1.8,
  MWh: 0.018,
  varh: 400,
  kvarh: 0.4,
  VAh: 1900,
  kVAh: 1.9,
};
const COUNTING_SINCE: UnixMs = 1_760_000_000_000;
const HOUR_MS = 3_600_000;

/** What is unlike its unit's usual shape, by a part of the point's name. */
const SPECIAL: readonly { readonly name: RegExp; readonly unit: string | undefined; readonly shape: Shape }[] = [
  { name: /batter/, unit: 'V', shape: { base: 27.3, swing: 0.3, step: 0.1 } },
  { name: /l1-l2|l2-l3|l3-l1|line/, unit: 'V', shape: { base: 398, swing: 4, step: 0.1 } },
  { name: /thd/, unit: '%', shape: { base: 2.1, swing: 0.6, step: 0.1 } },
  { name: /load/, unit: '%', shape: { base: 38, swing: 12, step: 1 } },
  { name: /total|power/, unit: 'kW', shape: { base: 54, swing: 30, step: 0.01 } },
  { name: /factor/, unit: undefined, shape: { base: 0.95, swing: 0.03, step: 0.001 } },
];

export function signalOf(point: PointSpec, device: { name: string; class: DeviceClass }, seed: number): Signal {
  const random = randomFrom(hash(`${seed}/${device.name}/${point.name}`));
  if (point.kind === 'boolean') return () => false;
  if (point.kind === 'text') return () => (point.type === 'bits' ? '' : 'SIM');
  if (point.enum) {
    const first = Number(Object.keys(point.enum)[0]);
    return () => first;
  }
  const growth = GROWTH[point.unit ?? ''];
  if (growth !== undefined) return counter(growth * (0.8 + 0.4 * random()));
  return waves(within(shapeOf(point), point), random);
}

function counter(perHour: number): Signal {
  let highest = 0;
  return (at) => {
    highest = Math.max(highest, round(((at - COUNTING_SINCE) / HOUR_MS) * perHour, 0.01));
    return highest;
  };
}

/** Two waves of minutes and seconds with a start of their own. */
function waves({ base, swing, step }: Shape, random: () => number): Signal {
  const slowMs = 120_000 + 480_000 * random();
  const quickMs = 11_000 + 20_000 * random();
  const [slowAt, quickAt] = [random() * 2 * Math.PI, random() * 2 * Math.PI];
  return (at) => {
    const slow = Math.sin((2 * Math.PI * (at % slowMs)) / slowMs + slowAt);
    const quick = Math.sin((2 * Math.PI * (at % quickMs)) / quickMs + quickAt);
    return round(base + swing * (0.75 * slow + 0.25 * quick), step);
  };
}

function shapeOf({ name, unit }: PointSpec): Shape {
  const special = SPECIAL.find((entry) => entry.unit === unit && entry.name.test(name));
  return special?.shape ?? SHAPES[unit ?? ''] ?? PLAIN;
}

/** Moved into what may be written or is valid. */
function within(shape: Shape, { min, max, valid }: PointSpec): Shape {
  const low = min ?? valid?.min ?? Number.NEGATIVE_INFINITY;
  const high = max ?? valid?.max ?? Number.POSITIVE_INFINITY;
  if (shape.base - shape.swing >= low && shape.base + shape.swing <= high) return shape;
  const from = Number.isFinite(low) ? low : high - 2 * shape.swing;
  const to = Number.isFinite(high) ? high : low + 2 * shape.swing;
  return { base: (from + to) / 2, swing: (to - from) / 4, step: shape.step };
}

function round(value: number, step: number): number {
  return Number((Math.round(value / step) * step).toFixed(3));
}

/** FNV-1a. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (const character of text) h = Math.imul(h ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return h >>> 0;
}

/** Mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
