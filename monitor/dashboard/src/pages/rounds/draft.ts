import { type Due, type Item, makeId, type Place, type Round } from './round.ts';

export function newItem(): Item {
  return { id: makeId('i').slice(0, 12), text: '', kind: 'ok' };
}

export function newPlace(): Place {
  return { id: makeId('p').slice(0, 12), name: '', items: [newItem()] };
}

export function newRound(): Round {
  return { name: '', places: [newPlace()] };
}

export type DueKind = 'none' | 'week' | 'month';

export function dueKind({ due }: Round): DueKind {
  if (due === undefined) return 'none';
  return due.dayOfMonth === undefined ? 'week' : 'month';
}

export function withDue(round: Round, kind: DueKind, timezone: string): Round {
  const { due, ...others } = round;
  if (kind === 'none') return others;
  const { dayOfMonth = 1, ...held }: Due = due ?? { timezone, by: '10:00', days: ['mon', 'tue', 'wed', 'thu', 'fri'] };
  return { ...others, due: kind === 'month' ? { ...held, dayOfMonth } : held };
}

/** What only a number has goes when it is none any more: the hub would refuse it. */
export function withKind(item: Item, kind: Item['kind']): Item {
  const { min: _min, max: _max, unit: _unit, ...others } = item;
  return kind === 'number' ? { ...item, kind } : { ...others, kind };
}

/** The list with one part changed; undefined takes it out. */
export function withPart<T>(list: readonly T[], index: number, part: T | undefined): readonly T[] {
  return list.flatMap((each, at) => (at === index ? (part === undefined ? [] : [part]) : [each]));
}

export function movedUp<T>(list: readonly T[], index: number): readonly T[] {
  const [part] = list.slice(index, index + 1);
  if (part === undefined || index === 0) return list;
  const others = list.filter((_, at) => at !== index);
  return [...others.slice(0, index - 1), part, ...others.slice(index - 1)];
}
