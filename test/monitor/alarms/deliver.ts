import fc from 'fast-check';
import type { LiveAlarm } from '../../../cloud-sync/protocol/messages.ts';
import type { Input, JournalInput } from '../../../monitor/alarms/book.ts';
import { T0 } from '../support/batches.ts';
import { GATEWAY, journal, PureDesk } from './support.ts';

/** What a gateway tells. */
export interface Told {
  /** The record of each number; a reading is none of the desk's. */
  readonly records: readonly (JournalInput['events'][number]['event'] | undefined)[];
  /** What the live lane would tell after each record. */
  readonly boards: readonly (readonly LiveAlarm[])[];
}

/**
 * One delivery: records of the journal, a live message of that moment, one that is lost, the last again, a new session, a restart of
 * the hub.
 */
type Delivery =
  | { readonly journal: number }
  | { readonly live: number; readonly lost?: boolean }
  | 'again'
  | 'session'
  | 'restart';

/** In the end all of the journal has come. */
export function deliver(edge: Told, order: readonly Delivery[]): PureDesk {
  const desk = new PureDesk();
  let stored = 0;
  let liveAt = -1;
  let told = new Set<LiveAlarm>();
  let last: Input | undefined;
  const journalUpTo = (end: number) => {
    const from = Math.max(0, stored - 2);
    // The last two come once more, as after a failure.
    const events = edge.records
      .slice(from, end)
      .flatMap((event, index) => (event ? [{ seq: from + index, event, heardAt: event.at }] : []));
    if (events.length > 0) desk.give({ ...journal(0, []), events, next: end });
    stored = end;
  };
  for (const delivery of order) {
    if (delivery === 'restart') desk.restart();
    else if (delivery === 'session') told = new Set();
    else if (delivery === 'again') {
      if (last) desk.give(last);
    } else if ('journal' in delivery) journalUpTo(Math.min(edge.records.length, stored + delivery.journal));
    else {
      // Never ahead of what is journalled, never back in time.
      liveAt = Math.min(edge.boards.length - 1, Math.max(liveAt, stored - 1) + delivery.live);
      const board = edge.boards[liveAt] ?? [];
      const alarms = board.filter((alarm) => !told.has(alarm));
      told = new Set(board);
      // On its way when the link was cut: another session follows.
      if (delivery.lost) {
        told = new Set();
        continue;
      }
      last = { kind: 'live', gateway: GATEWAY, alarms, heardAt: T0 };
      desk.give(last);
    }
  }
  journalUpTo(edge.records.length);
  return desk;
}

export const deliveries = fc.array(
  fc.oneof(
    fc.record({ journal: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ live: fc.integer({ min: 0, max: 6 }) }),
    fc.record({ live: fc.integer({ min: 0, max: 6 }), lost: fc.constant(true) }),
    fc.constantFrom<Delivery>('again', 'session', 'restart'),
  ),
  { maxLength: 40 },
);
