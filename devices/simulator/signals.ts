import type { UnixMs, Value } from '../../core/reading.ts';
import type { DeviceSpec, PointSpec } from '../plant-types.ts';
import { meter } from './meter.ts';
import { randomFor, wave } from './wave.ts';

/** A value at an instant: slow, plausible, the same for the same seed. */
export type Signal = (at: UnixMs) => Value;

/** Swing as a share of the level. */
interface Shape {
  readonly level: number;
  readonly swing: number;
  readonly step: number;
}

const SHAPES: Readonly<Record<string, Shape>> = {
  V: { level: 220, swing: 0.006, step: 0.1 },
  A: { level: 8, swing: 0.2, step: 0.001 },
  Hz: { level: 60, swing: 0.0004, step: 0.01 },
  '°C': { level: 24, swing: 0.03, step: 0.1 },
  '%': { level: 45, swing: 0.06, step: 0.1 },
  'm/s': { level: 4, swing: 0.5, step: 0.1 },
  '°': { level: 240, swing: 0.15, step: 1 },
  hPa: { level: 1016, swing: 0.001, step: 0.1 },
  min: { level: 32, swing: 0.05, step: 1 },
};
const PLAIN: Shape = { level: 50, swing: 0.2, step: 0.1 };
/** What a meter resolves; 0.001 of anything else. */
const METER_STEPS: Readonly<Record<string, number>> = { V: 0.1, A: 0.01, W: 0.1, VA: 0.1, var: 0.1 };
/** What was set or happened once does not wander. */
const STANDS = /fault|last|setpoint|rated|limit/;

/** What each point of a device shows. Electrical points of a power meter follow from one supply, a dew point from its air. */
export function signalsOf(
  device: Pick<DeviceSpec, 'name' | 'class' | 'points'>,
  seed: number,
): (point: PointSpec) => Signal {
  const name = `${seed}/${device.name}`;
  const electrical = device.class === 'power-meter' ? meter(device.points, name) : () => undefined;
  const ofName = (wanted: string) => device.points.find((point) => point.name === wanted);
  const [air, moisture] = [ofName('temperature'), ofName('humidity')];
  const moving = (point: PointSpec) => swinging(point, `${name}/${point.name}`);

  return (point) => {
    if (point.kind !== 'number' || point.enum) return standing(point);
    const shown = electrical(point);
    if (shown !== undefined) return (at) => round(shown(at), METER_STEPS[point.unit ?? ''] ?? 0.001);
    if (point.name !== 'dew-point' || air === undefined || moisture === undefined) return moving(point);
    const [celsius, percent] = [moving(air), moving(moisture)];
    return (at) => round(dewPoint(celsius(at), percent(at)), 0.1);
  };
}

/** What does not move by itself: off, a first state, a text. */
function standing({ kind, type, enum: texts }: PointSpec): Signal {
  if (kind === 'boolean') return () => false;
  if (kind === 'text') return () => (type === 'bits' ? '' : 'SIM');
  const first = Number(Object.keys(texts ?? {})[0]);
  return () => first;
}

function swinging(point: PointSpec, name: string): (at: UnixMs) => number {
  const { low, high, step } = within(point);
  if (point.writable || STANDS.test(point.name)) return () => round((low + high) / 2, step);
  const { at: waveAt } = wave(randomFor(name));
  return (at) => round((low + high) / 2 + ((high - low) / 2) * waveAt(at), step);
}

/** About the typical value, moved into what may be written or is valid. */
function within({ name, unit, typical, min, max, valid }: PointSpec): { low: number; high: number; step: number } {
  const shape = /thd/.test(name) ? { level: 2.1, swing: 0.2, step: 0.1 } : (SHAPES[unit ?? ''] ?? PLAIN);
  const level = typical ?? shape.level;
  const reach = Math.abs(level) * shape.swing;
  const least = min ?? valid?.min ?? Number.NEGATIVE_INFINITY;
  const most = max ?? valid?.max ?? Number.POSITIVE_INFINITY;
  if (level - reach >= least && level + reach <= most)
    return { low: level - reach, high: level + reach, step: shape.step };
  const from = Number.isFinite(least) ? least : most - 4 * reach;
  const to = Number.isFinite(most) ? most : least + 4 * reach;
  return { low: from + (to - from) / 4, high: to - (to - from) / 4, step: shape.step };
}

/** Magnus formula over water, constants of Alduchov and Eskridge (1996). */
function dewPoint(celsius: number, percent: number): number {
  const gamma = Math.log(percent / 100) + (17.625 * celsius) / (243.04 + celsius);
  return (243.04 * gamma) / (17.625 - gamma);
}

function round(value: number, step: number): number {
  return Number((Math.round(value / step) * step).toFixed(3));
}
