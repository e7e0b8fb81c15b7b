/** One line of a difference: it is in both, or only in the old (`-`) or the new (`+`) text. Lines count from 1. */
export interface DiffLine {
  readonly mark: ' ' | '+' | '-';
  readonly text: string;
  readonly before?: number;
  readonly after?: number;
}

/** Longer texts are compared in one piece from where they begin to differ to where they end to: the table would not fit. */
const MOST_CELLS = 4_000_000;

/** What makes `after` of `before`, by the longest common run of lines. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const [a, b] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const same = (i: number, j: number): DiffLine => ({ mark: ' ', text: a[i] as string, before: i + 1, after: j + 1 });
  return [
    ...a.slice(0, start).map((_, i) => same(i, i)),
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end), start),
    ...a.slice(a.length - end).map((_, i) => same(a.length - end + i, b.length - end + i)),
  ];
}

function middle(a: readonly string[], b: readonly string[], offset: number): DiffLine[] {
  const gone = (i: number): DiffLine => ({ mark: '-', text: a[i] as string, before: offset + i + 1 });
  const come = (j: number): DiffLine => ({ mark: '+', text: b[j] as string, after: offset + j + 1 });
  if (a.length * b.length > MOST_CELLS) return [...a.map((_, i) => gone(i)), ...b.map((_, j) => come(j))];
  const common = commonRuns(a, b);
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      const [before, after] = [offset + ++i, offset + ++j];
      lines.push({ mark: ' ', text: a[i - 1] as string, before, after });
    } else lines.push(common(i + 1, j) >= common(i, j + 1) ? gone(i++) : come(j++));
  }
  return [...lines, ...a.slice(i).map((_, k) => gone(i + k)), ...b.slice(j).map((_, k) => come(j + k))];
}

/** How many lines a from i on and b from j on have in common, in order. */
function commonRuns(a: readonly string[], b: readonly string[]): (i: number, j: number) => number {
  const width = b.length + 1;
  const run = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => run[i * width + j] as number;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      run[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  return at;
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
