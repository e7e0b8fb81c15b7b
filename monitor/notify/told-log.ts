import type { UnixMs } from '../../core/reading.ts';
import type { Database, Row } from '../archive/database.ts';
import type { NoticeKind } from './notice.ts';
import type { DeliveryState } from './notify-store.ts';

/** One line of who was told what and when. */
export interface Told {
  readonly receiver: string;
  readonly what: NoticeKind | 'test';
  /** '' for a test. */
  readonly alarm: string;
  readonly delivery: string;
  readonly reason: string;
  /** When it was planned, hub's clock. */
  readonly at: UnixMs;
  /** Collecting: its message waits for more. */
  readonly state: DeliveryState | 'collecting';
  readonly attempts: number;
  readonly doneAt: UnixMs | null;
  readonly error: string | null;
  readonly response: string | null;
}

export interface ToldQuery {
  readonly receiver?: string | undefined;
  readonly alarm?: string | undefined;
  readonly limit: number;
  /** Place after which to go on: of the last line of the page before. */
  readonly after?: { readonly at: UnixMs; readonly key: string } | undefined;
}

/** Newest first. */
export async function readTold(
  database: Database,
  { receiver, alarm, limit, after }: ToldQuery,
): Promise<readonly (Told & { readonly key: string })[]> {
  const conditions = ['true'];
  const values: (string | number)[] = [];
  const add = (condition: string, ...given: (string | number)[]) => {
    conditions.push(condition);
    values.push(...given);
  };
  if (receiver !== undefined) add('receiver = ?', receiver);
  if (alarm !== undefined) add('alarm = ?', alarm);
  if (after) add('(at_ms < ? OR (at_ms = ? AND key > ?))', after.at, after.at, after.key);
  const rows = await database.read(
    `WITH lines AS (
       SELECT key, receiver, what, alarm, delivery, at_ms FROM notices
       UNION ALL SELECT id, receiver, 'test', '', id, created_ms FROM deliveries WHERE reason = 'test')
     SELECT l.*, d.reason, d.state, d.attempts, d.done_ms, d.error, d.response
       FROM (SELECT * FROM lines WHERE ${conditions.join(' AND ')} ORDER BY at_ms DESC, key LIMIT ${Math.trunc(limit)}) l
       LEFT JOIN deliveries d ON d.id = l.delivery ORDER BY l.at_ms DESC, l.key`,
    values,
  );
  return rows.map(toTold);
}

function toTold(row: Row): Told & { readonly key: string } {
  const text = (value: Row[string] | undefined) => (typeof value === 'string' ? value : null);
  return {
    ...{ key: String(row.key), receiver: String(row.receiver), what: String(row.what) as Told['what'] },
    ...{
      alarm: String(row.alarm),
      delivery: String(row.delivery),
      reason: text(row.reason) ?? '',
      at: Number(row.at_ms),
    },
    state: (text(row.state) ?? 'collecting') as Told['state'],
    attempts: Number(row.attempts ?? 0),
    doneAt: typeof row.done_ms === 'number' ? row.done_ms : null,
    ...{ error: text(row.error), response: text(row.response) },
  };
}
