import { csvLine } from '../../core/csv.ts';
import type { Value } from '../../core/reading.ts';
import type { Table } from './table.ts';

/** RFC 4180. Times twice: ISO 8601 with the site's offset, and Unix milliseconds. */
export async function* csvOf({ columns, parts }: Table, bom: boolean): AsyncGenerator<string, void> {
  yield `${bom ? '\uFEFF' : ''}${csvLine(['time', 'at', ...columns])}`;
  for await (const lines of parts) {
    yield lines.map(({ at, time, cells }) => csvLine([time.iso(at), String(at), ...cells.map(csvCell)])).join('');
  }
}

function csvCell(value: Value | null): string {
  return value === null ? '' : String(value);
}

/** Left out of a record that has none. */
const OPTIONAL = new Set(['unit', 'fault']);

/** One JSON record a line; times in Unix milliseconds. */
export async function* ndjsonOf({ columns, parts }: Table): AsyncGenerator<string, void> {
  for await (const lines of parts) {
    yield lines
      .map(({ at, cells }) => {
        const record: Record<string, Value | null> = { at };
        columns.forEach((name, index) => {
          const value = cells[index] ?? null;
          if (value !== null || !OPTIONAL.has(name)) record[name] = value;
        });
        return `${JSON.stringify(record)}\n`;
      })
      .join('');
  }
}
