import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GATEWAY, terms } from '../alarms/support.ts';
import { MINUTE, Planned } from './planned.ts';

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
