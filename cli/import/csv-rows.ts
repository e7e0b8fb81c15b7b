/** A row of a sheet and the line it begins in, counted from 1. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Rows as RFC 4180 has them; the separator is what stands in the first line most often. Rows without any text are left out. */
export function csvRows(text: string): readonly CsvRow[] {
  const clean = text.replace(/^\uFEFF/, '');
  const separator = separatorOf(clean.split(/\r?\n/, 1)[0] ?? '');
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let [line, started] = [1, 1];
  // One cell after another: in quotes, where two quotes stand for one, or up to the next separator or end of line.
  const plainPart = `[^${separator}\\r\\n]*`;
  const cell = new RegExp(`(?:"((?:[^"]|"")*)")?(${plainPart})(${separator}|\\r?\\n|\\r|$)`, 'y');
  while (cell.lastIndex < clean.length) {
    const [, quoted, plain = '', end] = cell.exec(clean) as RegExpExecArray;
    cells.push(`${quoted?.replaceAll('""', '"') ?? ''}${plain}`.trim());
    line += (quoted?.match(/\n/g) ?? []).length;
    if (end === separator && cell.lastIndex < clean.length) continue;
    if (end === separator) cells.push('');
    if (cells.some((each) => each !== '')) rows.push({ line: started, cells });
    cells = [];
    line++;
    started = line;
  }
  return rows;
}

function separatorOf(line: string): string {
  const counts = [',', ';', '\t'].map((each) => ({ each, count: line.split(each).length }));
  return counts.sort((a, b) => b.count - a.count)[0]?.each ?? ',';
}
