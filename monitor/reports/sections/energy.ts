import type { EnergyBucket } from '../../energy/buckets.ts';
import type { EnergyFacts } from '../data.ts';
import { durationText, numberText, shareText } from '../format.ts';
import type { Cell, Chart, Column, Section } from '../report.ts';
import type { Scene } from './scene.ts';

const HOUR_MS = 3_600_000;

export function energySection(scene: Scene): Section | undefined {
  const { say, data } = scene;
  if (data.energy.length === 0) return undefined;
  const charts = data.energy.filter(({ windows }) => windows !== undefined).flatMap((facts) => chartsOf(facts, scene));
  const isShort = data.energy.some((facts) => missingMs(facts) > 0);
  const table = { id: 'energy', title: say('energy.table'), columns: columns(scene), rows: rows(scene) };
  return {
    ...{ id: 'energy', title: say('energy'), charts },
    tables: [isShort ? { ...table, note: say('energy.note') } : table],
  };
}

/** Totals of groups, and the highest demand of each whose windows were looked at. */
export function energyLines(scene: Scene): readonly string[] {
  const groups = scene.data.energy.filter(({ isGroup }) => isGroup);
  const shown = groups.length > 0 ? groups : scene.data.energy;
  return [
    ...shown.map((facts) => totalLine(facts, scene)),
    ...scene.data.energy.flatMap((facts) => peakLine(facts, scene)),
    ...shown.filter((facts) => missingMs(facts) > 0).map((facts) => missingLine(facts, scene)),
  ];
}

function kwhOf({ buckets, unplaced }: EnergyFacts): number | null {
  const known = buckets.filter(({ kwh }) => kwh !== null);
  if (known.length === 0 && unplaced === 0) return null;
  return known.reduce((sum, { kwh }) => sum + (kwh ?? 0), unplaced);
}

function missingMs({ buckets }: EnergyFacts): number {
  return buckets.reduce((sum, bucket) => sum + bucket.missingMs, 0);
}

function totalLine(facts: EnergyFacts, { say, title, data }: Scene): string {
  const group = title(facts.title, facts.name);
  const kwh = kwhOf(facts);
  if (kwh === null) return say('energy.unknown', { group });
  const line = say(missingMs(facts) > 0 ? 'energy.least' : 'energy.total', { group, kwh: numberText(kwh, 1) });
  const change = changeOf(facts, data.until >= data.period.to);
  if (change === null) return `${line}.`;
  const signed = `${change >= 0 ? '+' : '-'}${numberText(100 * Math.abs(change), 1)} %`;
  return `${say('energy.change', { line, change: signed, before: say(`before.${data.period.kind}`) })}.`;
}

/** Null where either is not known whole: a comparison would be wrong. */
function changeOf(facts: EnergyFacts, isOver: boolean): number | null {
  const [now, last] = [kwhOf(facts), facts.before.kwh];
  if (!isOver || now === null || !last || missingMs(facts) > 0 || facts.before.missingMs > 0) return null;
  return now / last - 1;
}

interface Peak {
  readonly at: number;
  readonly kw: number;
}

/** Of the windows that something is known of; one that is not known whole may have been higher. */
function peakOf({ windows = [] }: EnergyFacts): Peak | undefined {
  const [first] = windows
    .flatMap((window) => (kwOf(window) === null ? [] : [{ at: window.at, kw: kwOf(window) ?? 0 }]))
    .sort((a, b) => b.kw - a.kw);
  return first;
}

function kwOf({ at, to, kwh }: EnergyBucket): number | null {
  return kwh === null ? null : (kwh * HOUR_MS) / (to - at);
}

function peakLine(facts: EnergyFacts, { say, title, time }: Scene): readonly string[] {
  const peak = peakOf(facts);
  if (!peak) return [];
  const group = title(facts.title, facts.name);
  const isWhole = (facts.windows ?? []).every((window) => window.missingMs === 0);
  const line = say(isWhole ? 'energy.peak' : 'energy.peak.least', {
    group,
    kw: numberText(peak.kw, 1),
    time: time.minute(peak.at),
  });
  const { targetKw } = facts;
  if (targetKw === undefined) return [line];
  const n = (facts.windows ?? []).filter((window) => (kwOf(window) ?? 0) > targetKw).length;
  const figures = { share: shareText(peak.kw / targetKw), target: numberText(targetKw, 0), n };
  return [`${line} ${say(n > 0 ? 'energy.over' : 'energy.below', figures)}`];
}

function missingLine(facts: EnergyFacts, { say, title, language }: Scene): string {
  const time = durationText(missingMs(facts), language);
  return say('energy.missing', { group: title(facts.title, facts.name), time });
}

function columns({ say }: Scene): readonly Column[] {
  return [
    { title: say('col.group'), kind: 'text', weight: 3 },
    { title: say('col.kwh'), kind: 'number', unit: 'kWh', weight: 2 },
    { title: say('col.before'), kind: 'number', unit: 'kWh', weight: 2 },
    { title: say('col.change'), kind: 'share', weight: 1.5 },
    { title: say('col.peak'), kind: 'number', unit: 'kW', weight: 2 },
    { title: say('col.peak.at'), kind: 'time', weight: 2.6 },
    { title: say('target'), kind: 'number', unit: 'kW', decimals: 0, weight: 1.3 },
    { title: say('col.missing'), kind: 'duration', weight: 2 },
  ];
}

function rows({ data, title }: Scene): readonly (readonly Cell[])[] {
  return data.energy.map((facts) => {
    const peak = peakOf(facts);
    const isOver = data.until >= data.period.to;
    return [
      ...[title(facts.title, facts.name), kwhOf(facts), facts.before.kwh],
      ...[changeOf(facts, isOver) ?? '', peak?.kw ?? '', peak?.at ?? '', facts.targetKw ?? '', missingMs(facts)],
    ];
  });
}

function chartsOf(facts: EnergyFacts, scene: Scene): readonly Chart[] {
  const { say, title, data, ticks } = scene;
  const { from, to, kind } = data.period;
  const group = title(facts.title, facts.name);
  const isDaily = kind === 'daily';
  const frame = { from, to, ticks };
  const target = facts.targetKw === undefined ? {} : { target: { name: say('target'), value: facts.targetKw } };
  const demand = isDaily ? (facts.windows ?? []) : highestOfDays(facts);
  return [
    {
      ...{ id: `energy-${facts.name}`, title: say(`energy.chart.${isDaily ? 'hour' : 'day'}`, { group }) },
      ...{ unit: 'kWh', kind: 'bars', ...frame },
      series: [{ name: group, points: facts.buckets.map((each) => pointOf(each, each.kwh)) }],
    },
    {
      ...{ id: `demand-${facts.name}`, title: say(isDaily ? 'demand.chart' : 'demand.chart.day', { group }) },
      ...{ unit: 'kW', kind: 'bars', ...frame },
      series: [{ name: group, points: demand.map((each) => pointOf(each, kwOf(each))) }],
      ...target,
    },
  ];
}

function pointOf({ at, to, missingMs: unknown }: EnergyBucket, value: number | null) {
  return [at, to, value, unknown === 0] as const;
}

/** Each day with its highest window; known whole if all its windows are. */
function highestOfDays({ windows = [], buckets }: EnergyFacts): readonly EnergyBucket[] {
  return buckets.map((day) => {
    const own = windows.filter(({ at }) => at >= day.at && at < day.to);
    const kws = own.flatMap((window) => kwOf(window) ?? []);
    const missing = own.reduce((sum, window) => sum + window.missingMs, 0);
    // As energy of the day, which is then the power that it is drawn at.
    const kwh = kws.length === 0 ? null : (Math.max(...kws) * (day.to - day.at)) / HOUR_MS;
    return { ...day, kwh, missingMs: missing };
  });
}
