import type { DuckDBConnection } from '@duckdb/node-api';
import type { CursorState, Told } from '../../cloud-sync/cloud-hub/archive.ts';
import { mergeBoots } from '../../cloud-sync/cloud-hub/history.ts';
import type { Gap } from '../../cloud-sync/protocol/messages.ts';
import type { Epoch } from '../../cloud-sync/protocol/numbers.ts';
import { completeGaps, declareLost } from './gaps.ts';
import type { Stage } from './registry.ts';
import { storeStage } from './store-stage.ts';

/** What hellos tell of their gateways' journals, in one transaction. */
export async function storeTold(connection: DuckDBConnection, stage: Stage, all: readonly Told[]): Promise<Stage> {
  const changes = all.map((told) => stageOne(stage, told));
  await storeStage(connection, stage, all[0]?.arrivedAt ?? 0);
  for (const [index, { gateway, gaps, arrivedAt }] of all.entries()) {
    const { lost = [], returned = [] } = changes[index] ?? {};
    await completeGaps(connection, gateway, gaps);
    await declareLost(connection, gateway, { lost, returned, at: arrivedAt });
  }
  return stage;
}

/** What is lost with journals that are no longer named, and which of them came back. */
function stageOne(stage: Stage, { gateway, open, epochs }: Told): { lost: readonly Gap[]; returned: readonly Epoch[] } {
  for (const { epoch, next, boots, hardware } of epochs) {
    const row = stage.epoch(gateway, epoch);
    const cursor = stage.cursorOf(row);
    const more = hardware === undefined ? {} : { hardware };
    const furthest = Math.max(cursor.told ?? 0, next);
    stage.cursors.push({ row, cursor: { ...cursor, ...more, told: furthest, boots: mergeBoots(cursor.boots, boots) } });
  }
  const lost: Gap[] = [];
  const returned: Epoch[] = [];
  for (const row of open ? stage.epochsOf(gateway) : []) {
    const cursor: CursorState = stage.cursorOf(row);
    const { epoch, next, told: end = 0, closed = false } = cursor;
    const isOpen = open?.has(epoch) ?? true;
    if (isOpen !== closed) continue;
    stage.cursors.push({ row, cursor: { ...cursor, closed: !isOpen } });
    if (isOpen) returned.push(epoch);
    else if (end > next) lost.push({ epoch, from: next, to: end, reason: 'epoch-lost' });
  }
  return { lost, returned };
}
