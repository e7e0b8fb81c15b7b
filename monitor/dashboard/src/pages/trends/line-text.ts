import type { Point } from '../../data/api.ts';
import { formatAge, formatInterval, formatTime } from '../../data/format.ts';
import { faultText, titleOf } from '../../data/i18n.ts';
import { expectedInterval } from '../../data/point-state.ts';
import { devices, faultOf } from '../../data/store.ts';
import { isState, type Resolution } from '../../data/trend-answer.ts';
import type { LateSpan } from '../../data/trend-source.ts';
import { derivedText, readText } from '../../data/value-text.ts';
import { gapLimit, nearest, type TrendData } from '../../kit/plot/trend-data.ts';
import { tt } from './texts.ts';

/** Device and point, as people call them. */
export function nameOf(point: Point): string {
  const device = devices.value.find(({ gateway, name }) => gateway === point.gateway && name === point.device);
  return `${device ? titleOf(device.title, device.name) : point.device} · ${titleOf(point.title, point.point)}`;
}

export function gapOf(point: Point, resolution: Resolution): number {
  return gapLimit(expectedInterval(point), resolution.kind === 'raw' ? undefined : resolution.ms);
}

export function resolutionText(point: Point, resolution: Resolution): string {
  if (resolution.kind === 'raw') return tt('resolution.raw');
  const step = formatInterval(Math.max(1, Math.round(resolution.ms)));
  return `${tt(isState(point) ? 'resolution.state' : 'resolution.mean', { step })} · ${tt(`of.${resolution.of}`)}`;
}

/** What is known of a line at an instant. */
export interface Sample {
  readonly value: string;
  readonly unit: string;
  readonly quality: string;
  readonly isBad: boolean;
  /** When it was taken, and how long ago. */
  readonly taken: string;
  readonly spread?: string | undefined;
}

interface Line {
  readonly point: Point;
  readonly data: TrendData;
  readonly resolution: Resolution;
  readonly late: readonly LateSpan[];
}

export function sampleAt(line: Line, at: number, now: number, zone: string): Sample | undefined {
  const { point, data, resolution, late } = line;
  const index = nearest(data.at, at, Math.min(gapOf(point, resolution), Number.MAX_SAFE_INTEGER));
  if (index === undefined) return undefined;
  const taken = data.at[index] ?? 0;
  const value = data.value[index] ?? null;
  const isBad = (data.bad[index] ?? 0) > 0;
  const quality = qualityText(value, isBad, data.fault?.[index]);
  const span = late.find(({ from, to }) => taken >= from && taken <= to);
  return {
    value: textOf(line, value),
    unit: value === null ? '' : (point.unit ?? ''),
    quality: span ? `${quality} · ${tt('tip.late', { time: formatTime(span.arrivedAt, zone) })}` : quality,
    isBad: value === null || isBad,
    taken: `${formatTime(taken, zone)} · ${tt('tip.ago', { age: formatAge(now - taken) })}`,
    spread: spreadText(line, index),
  };
}

function textOf({ point, resolution }: Line, value: number | null): string {
  if (value === null) return '–';
  return resolution.kind === 'raw' || isState(point) ? readText(point, value) : derivedText(point, value);
}

function qualityText(value: number | null, isBad: boolean, fault: string | undefined): string {
  if (value !== null) return tt(isBad ? 'tip.partly' : 'tip.good');
  return fault === undefined ? tt('tip.bad') : faultText(fault, faultOf(fault)).text;
}

function spreadText({ point, data }: Line, index: number): string | undefined {
  const [low, high] = [data.low?.[index] ?? null, data.high?.[index] ?? null];
  if (low === null || high === null || low === high || isState(point)) return undefined;
  return tt('tip.spread', { low: derivedText(point, low), high: derivedText(point, high) });
}
