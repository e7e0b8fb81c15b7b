import { blobValue, type DuckDBConnection } from '@duckdb/node-api';
import type { ArchiveBatch } from '../../cloud-sync/cloud-hub/archive.ts';

/** Keeps the bytes of frames that were passed over; their places are in the gaps. */
export async function storeQuarantine(connection: DuckDBConnection, batches: readonly ArchiveBatch[]): Promise<void> {
  for (const { gateway, epoch, quarantined = [], arrivedAt } of batches) {
    for (const frame of quarantined) {
      await connection.run('INSERT INTO quarantine VALUES (?, ?, ?, ?)', [gateway, epoch, blobValue(frame), arrivedAt]);
    }
  }
}
