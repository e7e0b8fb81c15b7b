import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Input } from '../../../monitor/alarms/book.ts';
import { Draft, NotifyState } from '../../../monitor/notify/draft.ts';
import type { Delivery, Lane, Notice, Watch } from '../../../monitor/notify/notice.ts';
import { type Planner, planChanges, planTime } from '../../../monitor/notify/plan.ts';
import { Recipients } from '../../../monitor/notify/recipients.ts';
import { parseHubSettings } from '../../../monitor/settings.ts';
import { GATEWAY, PureDesk, terms } from '../alarms/support.ts';
import { EPOCH, T0 } from '../support/batches.ts';

const MINUTE = 60_000;

/** Planning over a desk without a database. What was planned stays; what planning remembers can be read again from JSON. */
class Planned {
  readonly desk = new PureDesk();
  readonly notices: Notice[] = [];
  readonly deliveries: Delivery[] = [];
  state = new NotifyState();
  waiting = 0;
  isBehind = false;
  now = T0;
  #ids = 0;
  readonly #planner: Planner;

  constructor(yaml: string) {
    const { notify: settings } = parseHubSettings(`dataDir: /d\nnotify: ${yaml}`);
    if (!settings) throw new Error('no notify');
    this.#planner = {
      settings,
      newId: () => `d${this.#ids++}`,
      waiting: () => this.waiting,
      isBehind: () => this.isBehind,
      recipients: new Recipients(settings, () => 'Seoul'),
    };
    this.state.cursor = 1;
  }

  give(...inputs: readonly Input[]): void {
    this.desk.give(...inputs);
    this.plan();
  }

  own(rule: string, isActive: boolean, more: Partial<ReturnType<typeof terms>> & { suppressed?: boolean } = {}): void {
    const name = { gateway: GATEWAY, device: 'boiler', rule, point: '' };
    const { suppressed, ...rest } = more;
    const raise = { terms: terms({ ack: true, ...rest }), ...(suppressed === undefined ? {} : { suppressed }) };
    this.give({ kind: 'own', name, at: this.now, now: this.now, ...(isActive ? { raise } : {}) });
  }

  pass(ms: number): void {
    this.now += ms;
    this.plan();
  }

  plan(crashes = false): void {
    const draft = new Draft(this.state);
    const changes = this.desk.log.filter(({ n }) => n >= (this.state.cursor ?? 1));
    planChanges(draft, this.#planner, changes, this.now);
    planTime(draft, this.#planner, this.now);
    if (crashes) return;
    this.state.merge(draft);
    this.notices.push(...draft.notices);
    this.deliveries.push(...draft.deliveries);
  }

  restart(): void {
    const fresh = new NotifyState();
    const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value));
    for (const [key, watch] of this.state.watches) fresh.watches.set(key, copy<Watch>(watch));
    for (const [key, lane] of this.state.lanes) fresh.lanes.set(key, copy<Lane>(lane));
    fresh.cursor = this.state.cursor;
    this.state = fresh;
  }

  /** `raised hot kim`, of the messages that went out. */
  get told(): readonly string[] {
    const out = new Set(this.deliveries.map(({ id }) => id));
    return this.notices
      .filter(({ delivery }) => out.has(delivery))
      .map(({ what, alarm, receiver }) => `${what} ${alarm.rule} ${receiver}`);
  }
}

const ONE = '{ receivers: { kim: { kind: webhook, url: "http://h/" } } }';

describe('grouping', () => {
  test('the first alarm of a quiet group is told at once, what follows within the wait in one message', () => {
    const world = new Planned(ONE);
    world.own('hot', true);
    expect(world.told).toEqual(['raised hot kim']);
    world.now += 100;
    for (const rule of ['pump', 'leak', 'level']) world.own(rule, true);
    expect(world.deliveries).toHaveLength(1);
    world.pass(1500);
    expect(world.deliveries.map(({ notices }) => notices)).toEqual([1, 3]);
  });

  test('a flood becomes a digest each minute; what is critical is told at once all the same', () => {
    const world = new Planned(ONE);
    for (let i = 0; i < 40; i++) {
      world.own(`r${i}`, true);
      world.pass(2000);
    }
    world.own('fire', true, { priority: 'critical' });
    world.pass(2000);
    expect(world.told.at(-1)).toBe('raised fire kim');
    world.pass(MINUTE);
    expect(world.deliveries.filter(({ reason }) => reason === 'flood').length).toBeLessThanOrEqual(3);
    expect(world.told).toHaveLength(41);
  });

  test('a receiver that is far behind gets what is new in one digest once it keeps up', () => {
    const world = new Planned(ONE);
    world.waiting = 50;
    for (let i = 0; i < 5; i++) world.own(`r${i}`, true);
    world.pass(10 * MINUTE);
    expect(world.told).toEqual([]);
    world.waiting = 10;
    world.pass(1000);
    expect(world.deliveries).toMatchObject([{ reason: 'flood', notices: 5 }]);
  });
});

describe('who is told', () => {
  test('an escalation goes on until somebody acknowledges', () => {
    const world = new Planned(
      '{ receivers: { a: { kind: webhook, url: "http://a/" }, b: { kind: webhook, url: "http://b/" }, c: { kind: webhook, url: "http://c/" } }, escalation: [{ after: 0s, to: [a] }, { after: 10m, to: [b] }, { after: 30m, to: [c] }] }',
    );
    world.own('hot', true);
    world.pass(10 * MINUTE - 1);
    expect(world.told).toEqual(['raised hot a']);
    world.pass(1);
    world.restart();
    world.pass(1);
    expect(world.told).toEqual(['raised hot a', 'escalated hot b']);
    const id = world.desk.log[0]?.alarm.id ?? '';
    const key = `${GATEWAY}/boiler/hot`;
    world.give({ kind: 'command', id, key, by: 'lee', now: world.now, command: { what: 'ack' } });
    world.pass(60 * MINUTE);
    world.own('hot', false);
    world.pass(MINUTE);
    expect(world.told.slice(2).sort()).toEqual([
      ...['acknowledged hot a', 'acknowledged hot b', 'cleared hot a', 'cleared hot b'],
    ]);
  });

  test('a roster says who is on call, in its own time zone; priorities and places filter', () => {
    const world = new Planned(
      `{ receivers: { day: { kind: webhook, url: "http://a/" }, night: { kind: webhook, url: "http://b/" }, boss: { kind: webhook, url: "http://c/", priorities: [critical] }, busan: { kind: webhook, url: "http://d/", sites: [Busan*] } }, roster: { shift: { timezone: Asia/Seoul, turns: [{ from: "08:00", to: "20:00", receivers: [day] }, { from: "20:00", to: "08:00", receivers: [night] }] } } }`,
    );
    world.now = Date.parse('2026-11-21T07:59:00+09:00');
    world.own('hot', true);
    world.pass(2 * MINUTE);
    world.own('leak', true, { priority: 'critical' });
    expect(world.told).toEqual(['raised hot night', 'raised leak boss', 'raised leak day']);
  });

  test('quiet hours hold back what can wait, and are told at their end as one', () => {
    const world = new Planned(
      '{ timezone: Asia/Seoul, receivers: { kim: { kind: webhook, url: "http://h/", quietHours: { from: "22:00", to: "07:00" } } } }',
    );
    world.now = Date.parse('2026-11-21T23:00:00+09:00');
    world.own('level', true);
    world.own('fire', true, { priority: 'critical' });
    expect(world.told).toEqual(['raised fire kim']);
    world.pass(60 * MINUTE);
    world.own('level', false);
    world.pass(7 * 60 * MINUTE - 1);
    expect(world.told).toHaveLength(1);
    world.pass(1);
    expect(world.deliveries.at(-1)).toMatchObject({ reason: 'quiet', notices: 2 });
  });

  test('what is silenced is told to nobody until it is silenced no more', () => {
    const world = new Planned(ONE);
    world.own('hot', true, { suppressed: true });
    world.pass(MINUTE);
    expect(world.told).toEqual([]);
    world.own('hot', true, { suppressed: false });
    world.own('hot', false);
    world.pass(MINUTE);
    expect(world.told).toEqual(['raised hot kim', 'cleared hot kim']);
  });
});

test('chattering is told as such, and its end', () => {
  const world = new Planned(ONE);
  for (let i = 0; i < 20; i++) {
    world.own('hot', i % 2 === 0);
    world.pass(2000);
  }
  world.now += 6 * MINUTE;
  world.give({ kind: 'tick', now: world.now });
  world.pass(MINUTE);
  const expected = ['raised hot kim', 'cleared hot kim', 'raised hot kim', 'cleared hot kim'];
  expect(world.told).toEqual([...expected, 'flapping hot kim', 'settled hot kim']);
});

/** Raised long ago, heard of now. */
function late(world: Planned, rule: string): void {
  const name = { gateway: GATEWAY, device: 'boiler', rule, point: '' };
  world.desk.give({ kind: 'own', name, at: world.now - 60 * MINUTE, now: world.now, raise: { terms: terms() } });
  const all = world.desk.log.splice(0);
  world.desk.log.push(...all.map((each) => ({ ...each, alarm: { ...each.alarm, late: each.alarm.rule !== 'now' } })));
}

test('what a gateway brings late comes as one digest, once it brings no more', () => {
  const world = new Planned(ONE);
  for (let i = 0; i < 30; i++) {
    late(world, `r${i}`);
    world.pass(1000);
  }
  world.own('now', true);
  expect(world.told).toEqual(['raised now kim']);
  world.pass(10_000);
  expect(world.deliveries.at(-1)).toMatchObject({ reason: 'late', notices: 30 });
});

test('a backlog of history is no flood: what is raised meanwhile is told at once, each time', () => {
  const world = new Planned(ONE);
  for (let i = 0; i < 30; i++) late(world, `r${i}`);
  world.pass(2000);
  for (let i = 0; i < 5; i++) {
    world.own(`now${i}`, true);
    late(world, `more${i}`);
    world.pass(2000);
    expect(world.told.at(-1)).toBe(`raised now${i} kim`);
  }
});

test('while a gateway still sends history all of it waits for one digest, but no longer than an hour', () => {
  const world = new Planned(ONE);
  world.isBehind = true;
  late(world, 'a');
  world.pass(5 * MINUTE);
  late(world, 'b');
  world.pass(20 * MINUTE);
  world.pass(20 * MINUTE);
  expect(world.told).toEqual([]);
  world.isBehind = false;
  world.pass(1);
  expect(world.deliveries).toMatchObject([{ reason: 'late', notices: 2 }]);
  world.isBehind = true;
  late(world, 'c');
  world.plan();
  world.pass(60 * MINUTE - 1);
  expect(world.deliveries).toHaveLength(1);
  world.pass(1);
  expect(world.deliveries).toHaveLength(2);
});

test('what stood already when the link came back is told at once, however old, and its end like history if it is', () => {
  const world = new Planned(ONE);
  world.isBehind = true;
  const live = (active: boolean, at: number) => {
    const occurrence = { epoch: EPOCH, seq: 7 };
    const alarm = { occurrence, device: 'boiler', rule: 'hot', point: 'temp', at, active };
    world.give({ kind: 'live', gateway: GATEWAY, alarms: [alarm], heardAt: world.now, offsetMs: 0 });
  };
  live(true, world.now - 120 * MINUTE);
  expect(world.desk.log[0]?.alarm).toMatchObject({ late: true, standing: true });
  expect(world.told).toEqual(['raised hot kim']);
  live(false, world.now - 60 * MINUTE);
  world.pass(MINUTE);
  expect(world.told).toHaveLength(1);
  world.isBehind = false;
  world.pass(1);
  expect(world.deliveries.at(-1)).toMatchObject({ reason: 'late', notices: 1 });
});

test('history is not passed on while its end may still be on the way', () => {
  const world = new Planned(
    '{ receivers: { a: { kind: webhook, url: "http://a/" }, b: { kind: webhook, url: "http://b/" } }, escalation: [{ after: 10m, to: [b] }] }',
  );
  world.isBehind = true;
  late(world, 'hot');
  world.plan();
  world.pass(30 * MINUTE);
  expect(world.notices.map(({ what }) => what)).toEqual(['raised']);
  world.isBehind = false;
  world.pass(1);
  expect(world.notices.map(({ what }) => what)).toEqual(['raised', 'escalated']);
});

test('what was logged more than a day ago is told to nobody: notifications were switched off', () => {
  const world = new Planned(ONE);
  const log = (rule: string) => {
    const name = { gateway: GATEWAY, device: 'boiler', rule, point: '' };
    world.desk.give({ kind: 'own', name, at: world.now, now: world.now, raise: { terms: terms() } });
  };
  log('old');
  world.now += 20 * 60 * MINUTE;
  log('yesterday');
  world.now += 5 * 60 * MINUTE;
  world.plan();
  world.pass(MINUTE);
  expect(world.told).toEqual(['raised yesterday kim']);
  expect(world.deliveries).toMatchObject([{ reason: 'late' }]);
});

test('an end that comes while its beginning still waits is told in the same message', () => {
  const world = new Planned(ONE);
  late(world, 'hot');
  world.pass(1000);
  world.own('hot', false);
  world.pass(1000);
  expect(world.told).toEqual([]);
  world.pass(10_000);
  expect(world.deliveries).toMatchObject([{ reason: 'late', notices: 2 }]);
});

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('own' as const), rule: fc.integer({ min: 0, max: 5 }), on: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 20 * MINUTE }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ack' as const), rule: fc.integer({ min: 0, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('shelve' as const), rule: fc.integer({ min: 0, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unshelve' as const), rule: fc.integer({ min: 0, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('crash' as const), rule: fc.integer({ min: 0, max: 5 }), on: fc.boolean() }),
  },
);

const PEOPLE =
  '{ timezone: Asia/Seoul, receivers: { a: { kind: webhook, url: "http://a/" }, b: { kind: webhook, url: "http://b/", quietHours: { from: "22:00", to: "07:00", priorities: [medium] } }, c: { kind: webhook, url: "http://c/" } }, escalation: [{ after: 10m, to: [c] }] }';

test('whatever happens, with restarts at any instant: no notice twice, none lost, no end before its beginning', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const world = new Planned(PEOPLE);
      const idOf = (rule: number) => world.desk.shelf.find(`${GATEWAY}/boiler/r${rule}`)?.condition?.alarm.id;
      for (const each of steps) {
        world.now += 10;
        if (each.do === 'pass') {
          world.now += each.ms;
          world.give({ kind: 'tick', now: world.now });
        } else if (each.do === 'own') world.own(`r${each.rule}`, each.on);
        else if (each.do === 'restart') world.restart();
        else if (each.do === 'crash') {
          const name = { gateway: GATEWAY, device: 'boiler', rule: `r${each.rule}`, point: '' };
          const raise = each.on ? { raise: { terms: terms({ ack: true }) } } : {};
          world.desk.give({ kind: 'own', name, at: world.now, now: world.now, ...raise });
          world.plan(true);
          world.restart();
          world.plan();
        } else {
          const id = idOf(each.rule);
          if (id === undefined) continue;
          const command =
            each.do === 'shelve' ? ({ what: 'shelve', until: world.now + 60 * MINUTE } as const) : { what: each.do };
          world.give({ kind: 'command', id, key: `${GATEWAY}/boiler/r${each.rule}`, by: 'x', now: world.now, command });
        }
      }
      // Everything comes to its end: quiet hours, digests.
      for (let hour = 0; hour < 24; hour++) world.pass(60 * MINUTE);
      check(world);
    }),
    { numRuns: 300 },
  );
});

function check({ notices, deliveries, desk }: Planned): void {
  expect(new Set(notices.map(({ key }) => key)).size).toBe(notices.length);
  const order = new Map(deliveries.map(({ id }, index) => [id, index]));
  for (const { delivery } of notices) expect(order.has(delivery)).toBe(true);
  expect(deliveries.reduce((sum, each) => sum + each.notices, 0)).toBe(notices.length);
  for (const { what, alarm, at } of desk.log) {
    const told = notices.filter((notice) => notice.alarm.id === alarm.id && notice.receiver === 'a');
    const isLoud = !alarm.flapping && alarm.shelvedUntil === undefined;
    if (what === 'raised' && isLoud && at > 0)
      expect(told.filter((notice) => notice.what === 'raised')).toHaveLength(1);
    const raisedAt = told.findIndex((notice) => notice.what === 'raised');
    const clearedAt = told.findIndex((notice) => notice.what === 'cleared');
    if (what === 'cleared' && raisedAt >= 0) expect(told.filter((notice) => notice.what === 'cleared')).toHaveLength(1);
    if (clearedAt < 0) continue;
    expect(raisedAt).toBeLessThan(clearedAt);
    const [raised, cleared] = [told[raisedAt], told[clearedAt]];
    expect(order.get(raised?.delivery ?? '')).toBeLessThanOrEqual(order.get(cleared?.delivery ?? '') ?? -1);
  }
}
