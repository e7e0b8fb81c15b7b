import type { DuckDBConnection } from '@duckdb/node-api';
import type { ArchiveBatch } from '../../cloud-sync/cloud-hub/archive.ts';
import type { Seq } from '../../cloud-sync/protocol/numbers.ts';

/** `flags` of readings and events: what their stamp is worth. */
export const STAMP = { certain: 0, uncertain: 1, corrected: 2 } as const;

/** Readings with an uncertain stamp stay where they arrived until it is put right. */
const TABLES = ['arrivals', 'events'];

/**
 * Puts right what a gateway stamped before its clock was set: each clock anchor tells what to add to the uncertain stamps of its
 * boot that came before it. Rows of this batch must have been written. `epochs` are the ids of the batches' journals, in order.
 */
export async function correctStamps(
  connection: DuckDBConnection,
  batches: readonly ArchiveBatch[],
  epochs: readonly number[],
): Promise<void> {
  for (const [index, batch] of batches.entries()) {
    for (const { seq, boot, offset, certain } of anchorsOf(batch)) {
      const flag = certain ? STAMP.corrected : STAMP.uncertain;
      for (const table of TABLES) {
        await connection.run(
          `UPDATE ${table} SET at_ms = at_ms + ?, flags = ? WHERE epoch = ? AND flags = ? AND seq >= ? AND seq < ?`,
          [offset, flag, epochs[index] as number, STAMP.uncertain, startOf(boot, batch), seq],
        );
      }
    }
  }
}

interface Anchor {
  readonly seq: Seq;
  readonly boot: number;
  readonly offset: number;
  readonly certain: boolean;
}

function anchorsOf({ frames }: ArchiveBatch): Anchor[] {
  return frames.flatMap((frame) => {
    if (frame.kind !== 'events') return [];
    return frame.events.flatMap((event, index) => {
      if (event.event !== 'clock-anchor' || event.offset === undefined) return [];
      const { boot, offset, certain = true } = event;
      return [{ seq: frame.header.first + index, boot, offset, certain }];
    });
  });
}

/** Where a boot began. One that the hub was never told of began, for all we know, with the anchor: then nothing is touched. */
function startOf(boot: number, { cursor }: ArchiveBatch): Seq {
  return cursor.boots.find(([each]) => each === boot)?.[1] ?? Number.MAX_SAFE_INTEGER;
}
