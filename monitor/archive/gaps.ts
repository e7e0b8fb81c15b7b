import type { DuckDBConnection } from '@duckdb/node-api';
import { z } from 'zod';
import type { ArchiveBatch } from '../../cloud-sync/cloud-hub/archive.ts';
import type { Gap } from '../../cloud-sync/protocol/messages.ts';
import type { Epoch, GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import { type Database, unnest } from './database.ts';

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

/**
 * A notice of what was recorded before it came, as seen from the gateway's floor, gives the row its reason, and its counts per
 * point if both mean the same records.
 */
export async function completeGaps(
  connection: DuckDBConnection,
  gateway: GatewayId,
  notices: readonly Gap[],
): Promise<void> {
  if (notices.length === 0) return;
  const rows = notices.map(({ epoch, from, to, reason, points }) => {
    return { epoch, from_seq: from, to_seq: to, reason, points: points ? JSON.stringify(points) : null };
  });
  await connection.run(
    `UPDATE gaps SET reason = n.reason,
         points = CASE WHEN n.from_seq = gaps.from_seq AND n.to_seq = gaps.to_seq THEN coalesce(n.points, gaps.points)
                       ELSE gaps.points END
       FROM (${unnest(NOTICE)}) n
       WHERE gaps.gateway = ? AND gaps.epoch = n.epoch AND n.from_seq <= gaps.from_seq AND gaps.to_seq <= n.to_seq
         AND (gaps.reason = 'undeclared-floor' OR (gaps.reason = n.reason AND gaps.points IS NULL))`,
    [JSON.stringify(rows), gateway],
  );
}

/** What a closed journal still owed is declared lost; what one that came back owes is not lost any more. */
export async function declareLost(
  connection: DuckDBConnection,
  gateway: GatewayId,
  { lost, returned, at }: { readonly lost: readonly Gap[]; readonly returned: readonly Epoch[]; readonly at: number },
): Promise<void> {
  for (const epoch of returned) {
    await connection.run("DELETE FROM gaps WHERE gateway = ? AND epoch = ? AND reason = 'epoch-lost'", [
      gateway,
      epoch,
    ]);
  }
  for (const { epoch, from, to, reason } of lost) {
    await connection.run('INSERT INTO gaps VALUES (?, ?, ?, ?, ?, NULL, ?)', [gateway, epoch, from, to, reason, at]);
  }
}

const NOTICE = { epoch: 'VARCHAR', from_seq: 'BIGINT', to_seq: 'BIGINT', reason: 'VARCHAR', points: 'VARCHAR' };

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

/** Records declared lost, by gateway and reason. */
export async function countLost(
  database: Pick<Database, 'read'>,
): Promise<readonly { readonly gateway: GatewayId; readonly reason: string; readonly value: number }[]> {
  const rows = await database.read(
    'SELECT gateway, reason, sum(to_seq - from_seq) AS lost FROM gaps GROUP BY gateway, reason ORDER BY gateway, reason',
  );
  return rows.map((row) => ({ gateway: String(row.gateway), reason: String(row.reason), value: Number(row.lost) }));
}
