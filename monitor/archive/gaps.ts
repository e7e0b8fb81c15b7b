import type { DuckDBConnection } from '@duckdb/node-api';
import { z } from 'zod';
import type { ArchiveBatch } from '../../cloud-sync/cloud-hub/archive.ts';
import type { Gap } from '../../cloud-sync/protocol/messages.ts';
import type { GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import type { Database } from './database.ts';

export interface StoredGap extends Gap {
  readonly gateway: GatewayId;
  readonly declaredAt: number;
}

/** Keyed (gateway, epoch, from): a notice completes the row, never adds one. */
export async function storeGaps(connection: DuckDBConnection, batch: ArchiveBatch): Promise<void> {
  for (const gap of batch.gaps) {
    const points = gap.points === undefined ? null : JSON.stringify(gap.points);
    const key = [batch.gateway, gap.epoch, gap.from];
    const changed = await connection.runAndReadAll(
      `UPDATE gaps SET to_seq = ?, reason = ?, points = coalesce(?, points)
         WHERE gateway = ? AND epoch = ? AND from_seq = ?`,
      [gap.to, gap.reason, points, ...key],
    );
    if (Number(changed.getRows()[0]?.[0] ?? 0) > 0) continue;
    await connection.run('INSERT INTO gaps VALUES (?, ?, ?, ?, ?, ?, ?)', [
      ...key,
      gap.to,
      gap.reason,
      points,
      batch.arrivedAt,
    ]);
  }
}

const pointsSchema = z.record(z.string(), z.number());

/** Declared losses, newest first. */
export async function readGaps(database: Database, gateway?: GatewayId): Promise<readonly StoredGap[]> {
  const rows = await database.read(
    'SELECT * FROM gaps WHERE ? IS NULL OR gateway = ? ORDER BY declared_ms DESC, epoch, from_seq',
    [gateway ?? null, gateway ?? null],
  );
  return rows.map((row) => ({
    gateway: String(row.gateway),
    epoch: String(row.epoch),
    from: Number(row.from_seq),
    to: Number(row.to_seq),
    reason: row.reason as Gap['reason'],
    ...(row.points === null ? {} : { points: pointsSchema.parse(JSON.parse(String(row.points))) }),
    declaredAt: Number(row.declared_ms),
  }));
}
