/** What was changed, step by step, to go back and forth in. */
export interface History<T> {
  readonly past: readonly T[];
  readonly present: T;
  readonly future: readonly T[];
  /** Changes of one key in a row, such as all of one drag, are one step. */
  readonly key?: string | undefined;
}

const MOST_STEPS = 200;

export function begin<T>(present: T): History<T> {
  return { past: [], present, future: [] };
}

export function change<T>(history: History<T>, present: T, key?: string): History<T> {
  if (present === history.present) return history;
  const isSameStep = key !== undefined && key === history.key;
  const past = isSameStep ? history.past : [...history.past, history.present].slice(-MOST_STEPS);
  return { past, present, future: [], key };
}

export function undo<T>({ past, present, future }: History<T>): History<T> {
  const before = past.at(-1);
  if (before === undefined) return { past, present, future };
  return { past: past.slice(0, -1), present: before, future: [present, ...future] };
}

export function redo<T>({ past, present, future }: History<T>): History<T> {
  const [after, ...rest] = future;
  if (after === undefined) return { past, present, future };
  return { past: [...past, present], present: after, future: rest };
}
