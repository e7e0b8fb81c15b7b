import { type Problem, SettingsFault } from '../../core/settings.ts';
import { nearest } from '../../core/suggest.ts';
import { type CsvRow, csvRows } from './csv-rows.ts';

/** A row by the names of its columns; empty cells are left out. */
export interface SheetRow {
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

export interface Sheet {
  readonly rows: readonly SheetRow[];
  readonly problems: Problem[];
  /** Notes a problem of a row, at the name of the column. */
  note(row: SheetRow, column: string, message: string, suggestion?: string): void;
}

/** Reads a sheet whose first row names its columns. Unknown columns are noted once. @throws SettingsFault if `needed` ones are missing */
export function readSheet(text: string, file: string, needed: readonly string[], known: readonly string[]): Sheet {
  const [head, ...rows] = csvRows(text);
  const columns = (head?.cells ?? []).map((name) => name.toLowerCase().replace(/[\s-]+/g, '_'));
  const missing = needed.filter((column) => !columns.includes(column));
  if (missing.length > 0) {
    throw new SettingsFault(
      missing.map((column) => ({ file, line: head?.line ?? 1, path: column, message: 'there is no such column' })),
    );
  }
  const problems = columns
    .filter((column) => column !== '' && !known.includes(column))
    .map((column) => unknownColumn(file, head, column, known));
  return {
    rows: rows.map(({ line, cells }) => ({ line, cells: byColumn(columns, cells) })),
    problems,
    note: ({ line }, column, message, suggestion) => {
      problems.push({ file, line, path: column, message, ...(suggestion === undefined ? {} : { suggestion }) });
    },
  };
}

function unknownColumn(file: string, head: CsvRow | undefined, column: string, known: readonly string[]): Problem {
  const near = nearest(column, known);
  const suggestion = near ? { suggestion: `did you mean \`${near}\`?` } : {};
  return { file, line: head?.line ?? 1, path: column, message: 'the column is not translated', ...suggestion };
}

function byColumn(columns: readonly string[], cells: readonly string[]): Record<string, string> {
  const pairs = columns.map((column, i) => [column, cells[i] ?? ''] as const);
  return Object.fromEntries(pairs.filter(([, cell]) => cell !== ''));
}
