import type { ClimateFacts } from '../data.ts';
import { numberText, shareText } from '../format.ts';
import type { Cell, Chart, Section } from '../report.ts';
import type { Scene } from './scene.ts';

const MOST_LINES = 4;
const MOST_SAID = 6;

export function climateSection(scene: Scene): Section | undefined {
  const { say, data } = scene;
  if (data.climate.length === 0) return undefined;
  return {
    ...{ id: 'climate', title: say('climate'), charts: chartsOf(scene) },
    tables: [{ ...table(scene), note: say('climate.note') }],
  };
}

export function climateLines({ say, data, name }: Scene): readonly string[] {
  const judged = data.climate.filter((facts) => facts.low !== undefined || facts.high !== undefined);
  const outside = judged
    .filter(({ known }) => known !== undefined && known.outsideMs > 0)
    .sort((a, b) => outsideShare(b) - outsideShare(a));
  const fine = judged.filter(({ known }) => known?.outsideMs === 0).length;
  const silent = data.climate.filter(({ known }) => known === undefined);
  const left = outside.length - MOST_SAID;
  return [
    ...(fine > 0 ? [say('climate.fine', { n: fine })] : []),
    ...outside.slice(0, MOST_SAID).map((facts) => {
      const figures = { share: shareText(outsideShare(facts)), range: rangeText(facts) };
      return say('climate.outside', { point: name(facts.id), ...figures });
    }),
    ...(left > 0 ? [say('more', { n: left })] : []),
    ...silent.slice(0, MOST_SAID).map(({ id }) => say('climate.nothing', { point: name(id) })),
  ];
}

function outsideShare({ known }: ClimateFacts): number {
  return known && known.knownMs > 0 ? known.outsideMs / known.knownMs : 0;
}

function rangeText({ low, high, unit }: ClimateFacts): string {
  const text = (value: number) => numberText(value, Number.isInteger(value) ? 0 : 1);
  if (low !== undefined && high !== undefined) return `${text(low)}–${text(high)} ${unit}`;
  if (high !== undefined) return `≤ ${text(high)} ${unit}`;
  return low === undefined ? '' : `≥ ${text(low)} ${unit}`;
}

function table({ say, data, name }: Scene) {
  const spanMs = data.until - data.period.from;
  return {
    ...{ id: 'climate', title: say('climate.table') },
    columns: [
      { title: say('col.point'), kind: 'text', weight: 4.4 },
      { title: say('col.unit'), kind: 'text', weight: 1 },
      { title: say('col.least'), kind: 'number', weight: 1.3 },
      { title: say('col.mean'), kind: 'number', weight: 1.3 },
      { title: say('col.most'), kind: 'number', weight: 1.3 },
      { title: say('col.most.at'), kind: 'time', weight: 2.6 },
      { title: say('col.range'), kind: 'text', weight: 2 },
      { title: say('col.outside'), kind: 'share', weight: 1.5 },
      { title: say('col.known'), kind: 'share', weight: 1.5 },
    ] as const,
    rows: data.climate.map((facts): Cell[] => {
      const { id, unit, known, low, high } = facts;
      const hasRange = low !== undefined || high !== undefined;
      const range = hasRange ? rangeText(facts) : say('range.none');
      if (!known) return [name(id), unit, null, null, null, null, range, hasRange ? null : '', 0];
      return [
        ...[name(id), unit, known.least, known.mean, known.most, known.mostAt, range],
        ...[hasRange ? outsideShare(facts) : '', spanMs > 0 ? Math.min(1, known.knownMs / spanMs) : null],
      ];
    }),
  };
}

/** One chart per unit, with the points that say most. */
function chartsOf({ say, data, name, ticks }: Scene): readonly Chart[] {
  const units = [...new Set(data.climate.map(({ unit }) => unit))];
  const { from, to, kind } = data.period;
  return units.slice(0, 2).map((unit): Chart => {
    const own = data.climate.filter((facts) => facts.unit === unit && facts.known).slice(0, MOST_LINES);
    const title = say(kind === 'monthly' ? 'climate.chart.day' : 'climate.chart');
    return {
      ...{ id: `climate-${unit}`, title, unit, kind: 'lines', from, to, ticks },
      series: own.map(({ id, steps }) => ({
        name: name(id),
        points: steps.map((step) => [step.from, step.to, step.mean, step.mean !== null] as const),
      })),
    };
  });
}
