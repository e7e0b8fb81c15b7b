import { expect, test } from 'vitest';
import { kept } from '../../../monitor/dashboard/src/data/kept.ts';

interface Entry {
  readonly id: string;
  readonly title: { readonly en: string };
  readonly last: number;
  readonly unit?: string;
}
const entry = (id: string, en: string, last: number): Entry => ({ id, title: { en }, last });
const idOf = ({ id }: Entry) => id;

test('a list that says the same is the same, so that nothing is drawn anew', () => {
  const before = [entry('a', 'A', 1), entry('b', 'B', 1)];
  expect(kept(before, [entry('a', 'A', 2), entry('b', 'B', 3)], idOf, 'last')).toBe(before);
  expect(kept(before, [entry('a', 'A', 2), entry('b', 'B', 1)], idOf)).not.toBe(before);
});

test('of a list that has changed, what has not is the same', () => {
  const [a, b] = [entry('a', 'A', 1), entry('b', 'B', 1)] as const;
  const list = kept([a, b], [entry('b', 'B', 1), entry('a', 'new', 1), { ...entry('c', 'C', 1), unit: 'W' }], idOf);
  expect(list.map((each) => [each.id, each === a || each === b])).toEqual([
    ['b', true],
    ['a', false],
    ['c', false],
  ]);
  expect(kept([a], [{ ...a, unit: 'W' }], idOf)[0], 'one key more').toMatchObject({ unit: 'W' });
  expect(kept([a, b], [a], idOf), 'one fewer').toHaveLength(1);
  expect(kept(undefined, [a], idOf)).toEqual([a]);
});
