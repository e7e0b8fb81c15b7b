import type { Cell, Section } from '../report.ts';
import type { Scene } from './scene.ts';

/** Left out where nobody has made a round. */
export function roundSection(scene: Scene): Section | undefined {
  const { say, data } = scene;
  if (data.rounds.length === 0) return undefined;
  const table = {
    ...{ id: 'rounds', title: say('rounds') },
    columns: [
      { title: say('col.round'), kind: 'text', weight: 5 },
      ...(['due', 'done', 'overdue', 'walks', 'abnormal'] as const).map((name) => {
        return { title: say(`col.${name}`), kind: 'number', decimals: 0, weight: 1.5 } as const;
      }),
    ] as const,
    rows: data.rounds.map(({ name, due, done, walks, abnormal }): Cell[] => [
      ...[name, due, done, due - done, walks, abnormal],
    ]),
  };
  return { id: 'rounds', title: say('rounds'), charts: [], tables: [table] };
}

export function roundLines({ say, data }: Scene): readonly string[] {
  const sum = (field: 'due' | 'done' | 'walks' | 'abnormal') => data.rounds.reduce((all, each) => all + each[field], 0);
  if (sum('due') === 0 && sum('walks') === 0) return [say('rounds.none')];
  return [say('rounds.some', { due: sum('due'), done: sum('done'), abnormal: sum('abnormal') })];
}
