import { numberText, shareText } from '../format.ts';
import type { Cell, Section, Table } from '../report.ts';
import type { Scene } from './scene.ts';

const MOST_POINTS = 20;
const MOST_GAPS = 100;

/** Left out where all is known. */
export function qualitySection(scene: Scene): Section | undefined {
  const { say } = scene;
  const tables = [pointTable(scene), gapTable(scene)].filter((table) => table.rows.length > 0);
  return tables.length === 0 ? undefined : { id: 'quality', title: say('quality'), charts: [], tables };
}

export function qualityLines({ say, data }: Scene): readonly string[] {
  const { hours, points } = data.quality;
  if (points.length === 0 || hours === 0) return [say('quality.none')];
  const silent = points.reduce((sum, { silentHours }) => sum + silentHours, 0);
  const bad = points.reduce((sum, point) => sum + point.bad, 0);
  const all = points.reduce((sum, point) => sum + point.good + point.bad, 0);
  const records = data.gaps.reduce((sum, { from, to }) => sum + (to - from), 0);
  const quiet = points.filter(({ silentHours }) => silentHours > 0).length;
  const figures = { points: points.length, hours, share: shareText(1 - silent / (hours * points.length)) };
  return [
    say('quality.known', { ...figures, bad: all === 0 ? say('unknown') : shareText(bad / all) }),
    ...(quiet > 0 ? [say('quality.silent', { n: quiet })] : []),
    data.gaps.length === 0
      ? say('gaps.none')
      : say('gaps.some', { n: data.gaps.length, records: numberText(records, 0) }),
  ];
}

/** Those of which something is missing, the worst first. */
function pointTable({ say, data, name }: Scene): Table {
  const short = data.quality.points
    .filter(({ silentHours, bad }) => silentHours > 0 || bad > 0)
    .sort((a, b) => b.silentHours - a.silentHours || b.bad - a.bad);
  return {
    ...{ id: 'quality', title: say('quality.table') },
    columns: [
      { title: say('col.point'), kind: 'text', weight: 5 },
      { title: say('col.silent'), kind: 'number', decimals: 0, weight: 2.2 },
      { title: say('col.readings'), kind: 'number', decimals: 0, weight: 2 },
      { title: say('col.bad'), kind: 'share', weight: 1.6 },
    ],
    rows: short.slice(0, MOST_POINTS).map(({ id, good, bad, silentHours }): Cell[] => {
      return [name(id), silentHours, good + bad, good + bad === 0 ? null : bad / (good + bad)];
    }),
    ...(short.length > MOST_POINTS ? { note: say('more', { n: short.length - MOST_POINTS }) } : {}),
  };
}

function gapTable({ say, data }: Scene): Table {
  return {
    ...{ id: 'gaps', title: say('gaps') },
    columns: [
      { title: say('col.declared'), kind: 'time', weight: 2.6 },
      { title: say('col.gateway'), kind: 'text', weight: 3 },
      { title: say('col.records'), kind: 'number', decimals: 0, weight: 2 },
      { title: say('col.from'), kind: 'number', decimals: 0, weight: 2 },
      { title: say('col.reason'), kind: 'text', weight: 3 },
    ],
    rows: data.gaps.slice(0, MOST_GAPS).map(({ declaredAt, gateway, from, to, reason }): Cell[] => {
      return [declaredAt, gateway, to - from, from, say(`gap.${reason}`)];
    }),
    ...(data.gaps.length > MOST_GAPS ? { note: say('more', { n: data.gaps.length - MOST_GAPS }) } : {}),
  };
}
