import type { DuckDBConnection } from '@duckdb/node-api';
import { insert, unnest } from './database.ts';
import type { Stage } from './registry.ts';

const CURSOR = {
  id: 'INTEGER',
  next: 'BIGINT',
  chain: 'VARCHAR',
  catalogue: 'INTEGER',
  boots: 'VARCHAR',
  told: 'BIGINT',
  hardware: 'VARCHAR',
  closed: 'BOOLEAN',
  stored: 'BIGINT',
  declared: 'BIGINT',
};
const UPDATE_CURSORS = `UPDATE epochs SET next = v.next, chain = v.chain, catalogue = v.catalogue, boots = v.boots,
    told = v.told, hardware = v.hardware, closed = v.closed,
    stored = epochs.stored + v.stored, declared = epochs.declared + v.declared
  FROM (${unnest(CURSOR)}) v WHERE epochs.id = v.id`;

/** Writes what a transaction adds to the registry. */
export async function storeStage(connection: DuckDBConnection, stage: Stage, arrivedMs: number): Promise<void> {
  await insert(
    connection,
    'epochs',
    { id: 'INTEGER', gateway: 'VARCHAR', epoch: 'VARCHAR', first_ms: 'BIGINT' },
    stage.newEpochs.map(({ id, gateway, cursor }) => ({ id, gateway, epoch: cursor.epoch, first_ms: arrivedMs })),
  );
  await insert(
    connection,
    'series',
    { id: 'INTEGER', gateway: 'VARCHAR', device: 'VARCHAR', point: 'VARCHAR', kind: 'VARCHAR', unit: 'VARCHAR' },
    stage.newSeries.map((series) => ({ ...series })),
  );
  for (const { row, number } of stage.newNumbers.filter((entry) => entry.row.numbers.has(entry.number))) {
    await connection.run('DELETE FROM numbers WHERE epoch = ? AND number = ?', [row.id, number]);
  }
  await insert(
    connection,
    'numbers',
    { epoch: 'INTEGER', number: 'UINTEGER', series: 'INTEGER' },
    stage.newNumbers.map(({ row, number, series }) => ({ epoch: row.id, number, series: series.id })),
  );
  for (const { gateway, epoch, catalogue } of stage.catalogues) {
    await connection.run('DELETE FROM catalogues WHERE gateway = ?', [gateway]);
    const body = JSON.stringify(catalogue);
    await connection.run('INSERT INTO catalogues VALUES (?, ?, ?, ?, ?)', [
      gateway,
      epoch,
      catalogue.version,
      body,
      arrivedMs,
    ]);
  }
  const cursors = stage.cursors.map(({ row, cursor }) => ({
    id: row.id,
    next: cursor.next,
    chain: cursor.chain,
    catalogue: cursor.catalogue,
    boots: JSON.stringify(cursor.boots),
    told: Math.max(cursor.told ?? 0, cursor.next),
    hardware: cursor.hardware ?? null,
    closed: cursor.closed ?? false,
    stored: stage.counts.get(row)?.stored ?? 0,
    declared: stage.counts.get(row)?.declared ?? 0,
  }));
  await connection.run(UPDATE_CURSORS, [JSON.stringify(lastPerId(cursors))]);
}

/** An UPDATE takes an arbitrary one of several rows for one id; the last batch of a journal is the one that counts. */
function lastPerId<T extends { readonly id: number }>(rows: readonly T[]): T[] {
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}
