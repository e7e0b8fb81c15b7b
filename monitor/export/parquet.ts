import { FAULTS, type FaultCode } from '../../core/faults.ts';
import type { Database } from '../archive/database.ts';
import type { Span } from '../archive/history.ts';
import type { KnownPoint } from '../points.ts';

/** Writes the points' readings of a span into a Parquet file, times in UTC. */
export async function exportParquet(
  database: Database,
  points: readonly KnownPoint[],
  { from, to, numbers }: Span & { readonly numbers: boolean },
  file: string,
): Promise<void> {
  const names = points.map(({ id, series, entry }) => `(${series.id}, ${quote(id)}, ${quote(entry.unit ?? '')})`);
  const faults = (Object.keys(FAULTS) as FaultCode[]).flatMap((code) => {
    const wire = (FAULTS[code] as { readonly wire?: number }).wire;
    return wire === undefined ? [] : [`(${wire}, ${quote(code)})`];
  });
  await database.run(
    `COPY (
       SELECT make_timestamp_ms(r.at_ms)::TIMESTAMPTZ AS time, p.id AS point, r.value, r.text, nullif(p.unit, '') AS unit,
              CASE r.fault WHEN 0 THEN 'good' ELSE 'bad' END AS quality,
              CASE r.fault WHEN 0 THEN NULL ELSE coalesce(f.code, 'fault-unknown') END AS fault
              ${numbers ? ', e.epoch, r.seq' : ''}
         FROM readings r
         JOIN (VALUES ${names.join(', ')}) p(series, id, unit) ON p.series = r.series
         LEFT JOIN (VALUES ${faults.join(', ')}) f(wire, code) ON f.wire = r.fault
         JOIN epochs e ON e.id = r.epoch
        WHERE r.at_ms >= ${Math.trunc(from)} AND r.at_ms < ${Math.trunc(to)}
        ORDER BY p.id, r.at_ms, r.epoch, r.seq
     ) TO ${quote(file)} (FORMAT parquet, COMPRESSION zstd)`,
  );
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
