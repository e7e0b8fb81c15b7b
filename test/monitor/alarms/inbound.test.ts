import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bad, good } from '../../../core/reading.ts';
import type { Condition } from '../../../core/rules/condition.ts';
import { Replay } from '../../../core/rules/replay.ts';
import type { Rule } from '../../../core/rules/rule.ts';
import { changeRule } from '../../../monitor/alarms/rule-replay.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { catalogue, column, entry, Journal, T0 } from '../support/batches.ts';
import { startHub, type TestHub } from '../support/hub.ts';

let hub: TestHub;
beforeEach(async () => {
  hub = await startHub({ clock: new FakeClock(T0) });
});
afterEach(() => hub.stop());

function post(path: string, body: unknown, key = hub.keys.operator) {
  return hub.server.inject({
    method: 'POST',
    url: `/api/v1${path}`,
    headers: { host: 'localhost', authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const alert = (status: 'firing' | 'resolved', more: object = {}) => ({
  ...{ status, fingerprint: 'abc123', generatorURL: 'http://prometheus:9090/graph', startsAt: '2026-01-15T08:00:00Z' },
  ...{ endsAt: status === 'resolved' ? '2026-01-15T08:05:00Z' : '0001-01-01T00:00:00Z' },
  labels: { alertname: 'DiskFull', instance: 'db-1:9100', severity: 'critical' },
  annotations: { summary: 'Disk of db-1 is full', description: 'Make room' },
  ...more,
});
const webhook = (...alerts: object[]) => ({
  version: '4',
  groupKey: 'g',
  receiver: 'sluice',
  status: 'firing',
  alerts,
});
const IN = '/alarms/in/alertmanager';

describe('alarms of other systems', () => {
  test('become alarms of the desk, once however often they are told, and end when they are resolved', async () => {
    expect((await post(IN, webhook(alert('firing')))).json()).toEqual({ firing: 1, resolved: 0 });
    await post(IN, webhook(alert('firing')));
    const [alarm] = hub.desk.list();
    expect(hub.desk.list()).toHaveLength(1);
    expect(alarm).toMatchObject({
      ...{ gateway: 'external', device: 'db-1:9100', rule: 'DiskFull/abc123', priority: 'critical', active: true },
      ...{ text: { en: 'Disk of db-1 is full' }, action: { en: 'Make room' }, url: 'http://prometheus:9090/graph' },
      raisedAt: Date.parse('2026-01-15T08:00:00Z'),
    });
    expect((await post(IN, webhook(alert('resolved')))).json()).toEqual({ firing: 0, resolved: 1 });
    expect(hub.desk.list()).toMatchObject([{ active: false, clearedAt: Date.parse('2026-01-15T08:05:00Z') }]);
    await post(IN, webhook(alert('resolved'), alert('firing')));
    expect(hub.desk.list()[0]?.id).not.toBe(alarm?.id);
  });

  test('without a fingerprint the labels tell alerts apart', async () => {
    const plain = (host: string) => ({ status: 'firing', labels: { alertname: 'Down', host } });
    await post(IN, webhook(plain('a'), plain('b'), plain('a')));
    expect(
      hub.desk
        .list()
        .map(({ device }) => device)
        .sort(),
    ).toEqual(['a', 'b']);
  });

  test.each([
    ['not JSON', '{'],
    ['another version', { ...webhook(alert('firing')), version: '3' }],
    ['no alerts', webhook()],
    ['a state that is none', webhook(alert('firing', { status: 'loud' }))],
    ['a time that is none', webhook(alert('firing', { startsAt: 'yesterday' }))],
    ['labels that are no texts', webhook(alert('firing', { labels: { a: 1 } }))],
    ['too many', webhook(...Array.from({ length: 1001 }, () => ({ status: 'firing', labels: {} })))],
  ])('%s is refused with a reason, and nothing of it is taken', async (_, body) => {
    const answer = await post(IN, body);
    expect([answer.statusCode, (answer.json().detail ?? '').length > 5]).toEqual([400, true]);
    expect(hub.desk.list()).toEqual([]);
  });

  test('a key of an operator is needed', async () => {
    expect((await post(IN, webhook(alert('firing')), hub.keys.viewer)).statusCode).toBe(403);
  });

  test('whatever is posted, it is taken or refused, never an error of ours', async () => {
    await fc.assert(
      fc.asyncProperty(fc.object({ maxDepth: 3 }), async (body) => {
        expect([200, 400]).toContain((await post(IN, { ...webhook(), ...body })).statusCode);
      }),
      { numRuns: 30 },
    );
  });
});

const rule = (condition: Condition, onDelayMs = 0, offDelayMs = 0): Rule => ({
  ...{ id: 'r', point: 'temp', condition, onDelayMs, offDelayMs, priority: 'high', text: {}, action: {} },
});
const above = (limit: number, deadband = 0): Condition => ({ kind: 'above', limit, deadband });

/** Values one second apart. */
function run(of: Rule, values: readonly (number | null)[]) {
  const replay = new Replay(of);
  for (const [i, value] of values.entries()) {
    replay.take({ at: i * 1000, outcome: value === null ? bad('no-answer') : good(value) });
  }
  return replay.end(values.length * 1000).map(({ raisedAt, clearedAt }) => [raisedAt, clearedAt]);
}

describe('a rule over stored readings', () => {
  test.each<[string, Rule, readonly (number | null)[], unknown[]]>([
    ['raises and clears', rule(above(10)), [9, 11, 9], [[1000, 2000]]],
    ['a deadband holds on', rule(above(10, 2)), [11, 9, 11, 8], [[0, 3000]]],
    ['an on-delay ends by the clock', rule(above(10), 1500), [11, 11, 11, 9], [[1500, 3000]]],
    ['shorter than the on-delay', rule(above(10), 1500), [11, 9, 11, 9], []],
    [
      'an off-delay joins',
      rule(above(10), 0, 1500),
      [11, 9, 11, 9, 9, 9, 11],
      [
        [0, 4500],
        [6000, undefined],
      ],
    ],
    ['a bad value is not judged', rule(above(10)), [11, null, 11, 9], [[0, 3000]]],
  ])('%s', (_, of, values, expected) => {
    expect(run(of, values)).toEqual(expected);
  });

  test('a larger deadband or delay never adds alarms', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 100 }),
        fc.nat(10),
        fc.nat(5),
        (values, deadband, seconds) => {
          const before = run(rule(above(10)), values).length;
          expect(run(rule(above(10, deadband)), values).length).toBeLessThanOrEqual(before);
          expect(run(rule(above(10), seconds * 1000), values).length).toBeLessThanOrEqual(before);
          expect(run(rule(above(10), 0, seconds * 1000), values).length).toBeLessThanOrEqual(before);
        },
      ),
    );
  });

  test('what has no limit cannot have another', () => {
    expect(changeRule(rule({ kind: 'equals', value: true }), { limit: 3 })).toBeUndefined();
  });
});

describe('POST /alarms/replay', () => {
  const body = (more: object = {}) => ({
    ...{
      gateway: 'plant-1',
      device: 'boiler',
      rule: 'temp/above',
      changes: { deadband: 2 },
      from: T0,
      to: T0 + 3_600_000,
    },
    ...more,
  });
  beforeEach(async () => {
    const journal = new Journal();
    const entries = [
      {
        device: 'boiler',
        id: 'temp/above',
        point: 'temp',
        priority: 'high' as const,
        text: {},
        action: {},
        condition: above(10),
      },
    ];
    const values = Array.from({ length: 100 }, (_, i) => [T0 + i * 1000, good(i < 92 ? 9.5 + (i % 2) : 5)] as const);
    const frames = [
      journal.publish({ ...catalogue([entry(0, 'boiler', 'temp')]), rules: entries }),
      journal.readings([column(0, values)]),
    ];
    await hub.archive.append([journal.batch(frames)]);
  });

  test('this deadband would have removed 45 of 46', async () => {
    expect((await post('/alarms/replay', body())).json()).toEqual({ before: 46, after: 1, removed: 45, readings: 100 });
  });

  test.each([
    [404, { rule: 'temp/below' }],
    [404, { gateway: 'plant-2' }],
    [400, { to: T0 }],
    [400, { to: T0 + 93 * 86_400_000 }],
    [400, { changes: { dedband: 2 } }],
    [400, { changes: { deadband: -1 } }],
    [400, { changes: { onDelay: 'soon' } }],
  ])('%i: %j', async (status, more) => {
    expect((await post('/alarms/replay', body(more))).statusCode).toBe(status);
  });
});
