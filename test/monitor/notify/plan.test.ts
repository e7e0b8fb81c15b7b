import { describe, expect, test } from 'vitest';
import { GATEWAY } from '../alarms/support.ts';
import { MINUTE, ONE, Planned } from './planned.ts';

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
    expect(world.deliveries.filter(({ reason }) => reason === 'flood')).toHaveLength(2);
    expect(world.deliveries, 'ten before it is a flood, and the fire, alone').toHaveLength(2 + 11);
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
