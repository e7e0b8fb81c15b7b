import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LiveAlarm } from '../../../cloud-sync/protocol/messages.ts';
import { AlarmBoard } from '../../../gateway/alarms/alarm-board.ts';
import type { JournalInput } from '../../../monitor/alarms/book.ts';
import { EPOCH, T0 } from '../support/batches.ts';
import { deliver, deliveries, type Told } from './deliver.ts';
import { journal, live, PureDesk, transition } from './support.ts';

const MINUTE = 60_000;

/**
 * What happens at the edge, record by record: a reading, a crossing of a rule, other things suppressed, a start that has forgotten its
 * rules, that raises them again, or that goes on with them.
 */
type Happening =
  | { readonly rule: 'hot' | 'dry'; readonly mutes?: boolean }
  | 'reading'
  | 'forgets'
  | 'keeps'
  | 'goes on';

interface Edge extends Told {
  readonly crossings: number;
  /** Rules, and whether they are suppressed. */
  readonly active: ReadonlyMap<string, boolean>;
}

function runEdge(happenings: readonly Happening[]): Edge {
  const records: (JournalInput['events'][number]['event'] | undefined)[] = [];
  const boards: (readonly LiveAlarm[])[] = [];
  let board = new AlarmBoard();
  const active = new Map<string, boolean>();
  let crossings = 0;
  const write = (record: (typeof records)[number]) => {
    if (record?.event === 'alarm') board.note({ epoch: EPOCH, seq: records.length }, record);
    records.push(record);
    boards.push(board.list());
  };
  const at = () => T0 + records.length * 1000;
  const tell = (isActive: boolean, rule: string) => {
    const suppressed = isActive && active.get(rule) === true;
    write(transition(isActive, { rule, at: at(), ...(suppressed ? { suppressed } : {}) }));
  };
  for (const happening of happenings) {
    if (happening === 'reading') write(undefined);
    else if (typeof happening === 'string') {
      const before = board.active();
      board = new AlarmBoard();
      if (happening === 'goes on') for (const alarm of before) board.restore(alarm);
      const alarms = [...active.keys()].map((rule) => ({ device: 'boiler', rule }));
      const kept = happening === 'forgets' ? {} : { alarms };
      write({ event: 'boot', at: at(), boot: 1, software: 'test', ...kept });
      // What holds is raised again: the hub must not take it for news.
      if (happening !== 'goes on') for (const rule of active.keys()) tell(true, rule);
    } else {
      const { rule, mutes } = happening;
      if (mutes !== undefined) {
        if (active.get(rule) !== !mutes) continue;
        active.set(rule, mutes);
        tell(true, rule);
      } else if (active.has(rule)) {
        active.delete(rule);
        tell(false, rule);
      } else {
        crossings++;
        active.set(rule, false);
        tell(true, rule);
      }
    }
  }
  return { records, boards, crossings, active };
}

function occurrences(desk: PureDesk): string[] {
  const all = new Map<string, string>();
  for (const { what, alarm } of desk.log) {
    if (what === 'raised' || what === 'cleared') {
      all.set(alarm.id, `${alarm.rule} ${alarm.raisedAt} ${alarm.active} ${alarm.clearedAt}`);
    }
  }
  return [...all].map(([id, text]) => `${id} ${text}`).sort();
}

const happening = (...more: Happening[]) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom<Happening>({ rule: 'hot' }, { rule: 'dry' }) },
    { weight: 2, arbitrary: fc.constantFrom<Happening>({ rule: 'hot', mutes: true }, { rule: 'hot', mutes: false }) },
    { weight: 2, arbitrary: fc.constantFrom<Happening>('reading', ...more) },
  );
describe('two lanes', () => {
  test('whatever comes first, twice, or around a restart of the hub: the same occurrences, each raised and cleared once', () => {
    fc.assert(
      fc.property(fc.array(happening(), { maxLength: 40 }), deliveries, (happenings, order) => {
        const edge = runEdge(happenings);
        const desk = deliver(edge, order);
        expect(occurrences(desk)).toEqual(occurrences(deliver(edge, [])));
        expect(desk.count('raised')).toBe(edge.crossings);
        expect(desk.count('cleared')).toBe(edge.crossings - edge.active.size);
        const active = desk.shelf.alarms().filter((alarm) => alarm.active);
        expect(new Map(active.map(({ rule, suppressed }) => [rule, suppressed]))).toEqual(edge.active);
      }),
      { numRuns: 2000 },
    );
  });

  test('a gateway that restarts, with or without its memory, is never told twice', () => {
    fc.assert(
      fc.property(
        fc.array(happening('forgets', 'keeps', 'goes on'), { maxLength: 40 }),
        deliveries,
        (happenings, order) => {
          const edge = runEdge(happenings);
          const desk = deliver(edge, order);
          const active = desk.shelf.alarms().filter((alarm) => alarm.active);
          expect(new Map(active.map(({ rule, suppressed }) => [rule, suppressed]))).toEqual(edge.active);
          expect(desk.count('raised')).toBeLessThanOrEqual(edge.crossings);
          const ids = (what: string) => desk.log.filter((entry) => entry.what === what).map(({ alarm }) => alarm.id);
          expect(new Set(ids('raised')).size).toBe(desk.count('raised'));
          expect(new Set(ids('cleared')).size).toBe(desk.count('cleared'));
          expect(desk.count('raised') - desk.count('cleared')).toBe(active.length);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('what is held against what a gateway says', () => {
  test('an alarm that the gateway forgot over its restart ends with it; what it still holds goes on', () => {
    const desk = new PureDesk();
    desk.give(journal(0, [transition(true), transition(true, { rule: 'dry' })]));
    desk.give(
      journal(2, [{ event: 'boot', at: T0 + 5, boot: 2, software: 'x', alarms: [{ device: 'boiler', rule: 'dry' }] }]),
    );
    expect(desk.log.map(({ what, alarm, comment }) => [what, alarm.rule, comment])).toEqual([
      ['raised', 'hot', undefined],
      ['raised', 'dry', undefined],
      ['cleared', 'hot', 'forgotten'],
    ]);
  });

  test('a boot without a list, from an older gateway, ends nothing; nor does one from before the raising', () => {
    const desk = new PureDesk();
    desk.give(live(7, true), journal(0, [{ event: 'boot', at: T0, boot: 2, software: 'x' }]));
    desk.give(journal(1, [{ event: 'boot', at: T0, boot: 3, software: 'x', alarms: [] }]));
    expect(desk.count('cleared')).toBe(0);
  });

  const place = (seq: number) => ({ epoch: EPOCH, seq });

  test.each([
    ['after it was suppressed', [live(3, true, { suppressed: true })], ['raised', 'unsuppressed']],
    ['at once', [], ['raised']],
  ] as const)('what is suppressed no more is told live, %s, and not again by older records', (_, before, told) => {
    const desk = new PureDesk();
    desk.give(...before, live(3, true, { changed: place(8) }));
    expect(desk.log.map(({ what }) => what)).toEqual(told);
    const records = [true, false, true, false].map((suppressed) => transition(true, { suppressed }));
    desk.give(journal(3, records), journal(8, [transition(true)]));
    expect(desk.log).toHaveLength(told.length);
    desk.give(live(3, false, { changed: place(9) }), live(3, true, { changed: place(8) }));
    desk.give(journal(9, [transition(false)]));
    expect(desk.log.map(({ what }) => what)).toEqual([...told, 'cleared']);
  });

  test('what is over before anybody heard of it is not raised by what was suppressed in between', () => {
    const desk = new PureDesk();
    desk.give(live(3, false, { changed: place(5) }));
    desk.give(journal(3, [transition(true), transition(true, { suppressed: true })]));
    expect(desk.log).toEqual([]);
    desk.give(journal(5, [transition(false)]));
    expect(desk.log.map(({ what }) => what)).toEqual(['raised', 'cleared']);
  });

  test('from another epoch too it goes on; its end there is its end', () => {
    const desk = new PureDesk();
    desk.give(journal(40, [transition(true)]));
    const other = { journal: 2, epoch: 'c'.repeat(32) };
    desk.give(journal(0, [transition(true, { suppressed: true })], other));
    expect(desk.log.map(({ what }) => what)).toEqual(['raised', 'suppressed']);
    desk.give(journal(1, [transition(false)], other), journal(41, [transition(false)]));
    expect(desk.count('cleared')).toBe(1);
  });

  test('an end without a beginning is no alarm', () => {
    const desk = new PureDesk();
    desk.give(journal(0, [transition(false)]), live(3, false));
    expect(desk.log).toEqual([]);
  });

  test.each([
    ['a minute old', MINUTE, 0, false],
    ['eleven minutes old', 11 * MINUTE, 0, true],
    ['now, by a clock that is a night behind', 9 * 60 * MINUTE, -9 * 60 * MINUTE, false],
    ['an hour old, by a clock that is a night behind', 10 * 60 * MINUTE, -9 * 60 * MINUTE, true],
    ['eleven minutes old, by a clock that is ahead', 11 * MINUTE, 60 * MINUTE, true],
  ])('told live: %s', (_, ageMs, offsetMs, late) => {
    const desk = new PureDesk();
    desk.give({ ...live(9, true, { at: T0 - ageMs }), heardAt: T0, offsetMs });
    expect(desk.log.map(({ alarm }) => alarm.late)).toEqual([late]);
  });

  test('last week as the backlog drains is late', () => {
    const desk = new PureDesk();
    const input = journal(0, [transition(true)]);
    desk.give({ ...input, events: input.events.map((record) => ({ ...record, heardAt: T0 + 11 * MINUTE })) });
    expect(desk.log.map(({ alarm }) => alarm.late)).toEqual([true]);
  });

  test('the first of a group is marked, until all of it is over', () => {
    const desk = new PureDesk({
      terms: (_, __, rule) => ({ ...new PureDesk().around.terms('', '', rule), group: 'trip' }),
    });
    desk.give(
      journal(0, [
        transition(true),
        transition(true, { rule: 'dry' }),
        transition(false),
        transition(true, { rule: 'low' }),
      ]),
    );
    desk.give(journal(4, [transition(false, { rule: 'dry' }), transition(false, { rule: 'low' }), transition(true)]));
    const raised = desk.log.filter(({ what }) => what === 'raised');
    expect(raised.map(({ alarm }) => [alarm.rule, alarm.firstOut ?? false])).toEqual([
      ['hot', true],
      ['dry', false],
      ['low', false],
      ['hot', true],
    ]);
  });
});
