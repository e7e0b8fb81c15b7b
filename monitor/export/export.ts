import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Fault } from '../../core/faults.ts';
import type { UnixMs } from '../../core/reading.ts';
import type { Database } from '../archive/database.ts';
import type { KnownPoint } from '../points.ts';
import { exportParquet } from './parquet.ts';
import type { ExportRequest } from './request.ts';
import { exportTable, type TableOptions } from './table.ts';
import { csvOf, ndjsonOf } from './text.ts';
import { MOST_SHEET_ROWS, xlsxOf } from './xlsx.ts';

export interface ExportParts extends TableOptions {
  readonly database: Database;
  /** For files that are finished only at their end. */
  readonly dataDir: string;
  readonly now: () => UnixMs;
}

export interface Exported {
  readonly stream: Readable;
  /** Where it is known beforehand. */
  readonly bytes?: number;
}

/** Opens an export that has been checked: what comes next is its first bytes. Throws Fault request-invalid. */
export async function openExport(
  parts: ExportParts,
  points: readonly KnownPoint[],
  request: ExportRequest,
): Promise<Exported> {
  if (request.format === 'parquet') return parquet(parts, points, request);
  if (request.format === 'xlsx' && ((await countRows(parts, points, request)) ?? 0) >= MOST_SHEET_ROWS) {
    throw new Fault(
      'request-invalid',
      `xlsx: a sheet holds ${MOST_SHEET_ROWS} rows; use csv, a step or a shorter span`,
    );
  }
  const table = exportTable(parts, points, request);
  if (request.format === 'xlsx') return { stream: xlsxOf(table, parts.now()) };
  return { stream: Readable.from(request.format === 'csv' ? csvOf(table, request.bom) : ndjsonOf(table)) };
}

/** How many rows there will be, the header not among them: of readings exactly, else at most. */
export async function countRows(
  { history }: Pick<ExportParts, 'history'>,
  points: readonly KnownPoint[],
  { from, to, stepMs, layout }: ExportRequest,
): Promise<number> {
  if (stepMs !== undefined) return (Math.ceil((to - from) / stepMs) + 1) * (layout === 'wide' ? 1 : points.length);
  return history.countAll(
    points.map(({ series }) => series.id),
    { from, to },
  );
}

/** A Parquet file is finished only at its end: it is made beside the archive, then sent. */
async function parquet(
  { database, dataDir }: ExportParts,
  points: readonly KnownPoint[],
  request: ExportRequest,
): Promise<Exported> {
  const file = join(dataDir, `export-${randomBytes(6).toString('hex')}.parquet`);
  try {
    await exportParquet(database, points, request, file);
    const stream = createReadStream(file);
    stream.on('close', () => void rm(file, { force: true }));
    return { stream, bytes: (await stat(file)).size };
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}
