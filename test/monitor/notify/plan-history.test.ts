import { expect, test } from 'vitest';
import { GATEWAY, terms } from '../alarms/support.ts';
import { EPOCH } from '../support/batches.ts';
import { late, MINUTE, ONE, Planned } from './planned.ts';

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
