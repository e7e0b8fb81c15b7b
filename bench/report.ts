/** One figure of a benchmark, beside its baseline of the same run where there is one. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline?: { readonly what: string; readonly value: number };
  /** What the project asks for: a bound on the value, or on its ratio to the baseline. */
  readonly goal?: { readonly of: 'value' | 'ratio'; readonly least?: number; readonly most?: number };
}

export interface Bench {
  readonly name: string;
  run(): Promise<readonly Row[]>;
}

export function meets({ value, baseline, goal }: Row): boolean {
  if (goal === undefined) return true;
  const judged = goal.of === 'ratio' && baseline ? value / baseline.value : value;
  return judged >= (goal.least ?? Number.NEGATIVE_INFINITY) && judged <= (goal.most ?? Number.POSITIVE_INFINITY);
}

export function rowText(row: Row): string {
  const { what, value, unit, baseline, goal } = row;
  const parts = [`${meets(row) ? '  ' : '✗ '}${what.padEnd(62)} ${figure(value).padStart(11)} ${unit.padEnd(14)}`];
  if (baseline) parts.push(`${(value / baseline.value).toFixed(2)} of ${baseline.what} (${figure(baseline.value)})`);
  if (goal) parts.push(`goal ${goalText(row)}`);
  return parts.join('  ');
}

/** The bound of a row that has one. */
export function goalText({ goal }: Row): string {
  const bound = goal?.least !== undefined ? `≥ ${figure(goal.least)}` : `≤ ${figure(goal?.most ?? 0)}`;
  return `${bound}${goal?.of === 'ratio' ? ' of it' : ''}`;
}

export function figure(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return value.toFixed(Math.abs(value) >= 100 ? 0 : 2);
}

/** The middle of an odd number of runs. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}
