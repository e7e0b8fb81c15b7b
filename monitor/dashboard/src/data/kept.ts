/**
 * The list that just came, with each entry that says what it said before as the very object of before, and the very list if all do: what
 * is drawn from them is then not drawn anew. `but`: a key that does not count.
 */
export function kept<T extends object>(
  before: readonly T[] | undefined,
  now: readonly T[],
  idOf: (each: T) => string,
  but?: keyof T,
) {
  const known = new Map(before?.map((each) => [idOf(each), each]));
  const list = now.map((each) => {
    const old = known.get(idOf(each));
    return old !== undefined && saysSame(old, each, but) ? old : each;
  });
  const isSame = before?.length === list.length && list.every((each, index) => each === before[index]);
  return isSame ? before : list;
}

function saysSame<T extends object>(one: T, other: T, but: keyof T | undefined): boolean {
  const keys = Object.keys(other) as (keyof T)[];
  return (
    keys.length === Object.keys(one).length &&
    keys.every(
      (key) => key === but || one[key] === other[key] || JSON.stringify(one[key]) === JSON.stringify(other[key]),
    )
  );
}
