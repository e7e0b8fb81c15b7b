import type { DuckDBConnection } from '@duckdb/node-api';
import type { UnixMs } from '../../core/reading.ts';
import { isUnwritten, type StoredCommand } from './command.ts';
import { changeTwins } from './twin-store.ts';

/**
 * A command that has written nothing wants nothing: what was wanted of its point before it is wanted again, under its old version, so that it
 * is not written again where it was. Unless somebody wants something else by now.
 */
export async function giveBack(
  connection: DuckDBConnection,
  ended: StoredCommand,
  at: UnixMs,
  find: (id: string) => Promise<StoredCommand | undefined>,
): Promise<void> {
  if (!isUnwritten(ended) || ended.former === undefined) return;
  let former = ended.former;
  // What came before it may have been a command that has written nothing either.
  for (;;) {
    const giver = former.command === undefined ? undefined : await find(former.command);
    if (giver?.former === undefined || !isUnwritten(giver)) break;
    former = giver.former;
  }
  await changeTwins(connection, ended.gateway, at, ({ document: { points } }) => {
    const wanted = points[ended.point];
    if (wanted?.command !== ended.id) return undefined;
    return { points: { ...points, [ended.point]: { ...former, enforce: wanted.enforce } } };
  });
}
