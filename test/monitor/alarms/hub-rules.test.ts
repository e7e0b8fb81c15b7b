import { describe, expect, test } from 'vitest';
import { quietLog } from '../../../core/log.ts';
import type { Desk } from '../../../monitor/alarms/desk.ts';
import { HUB_RULE_TERMS } from '../../../monitor/alarms/hub-rule-terms.ts';
import {
  DEFAULT_HUB_RULES,
  HUB_RULES,
  type HubRule,
  stepGateway,
  type Watched,
} from '../../../monitor/alarms/hub-rules.ts';
import { HubWatch } from '../../../monitor/alarms/hub-watch.ts';
import { Fleet, type GatewayLink } from '../../../monitor/fleet/fleet.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { T0 } from '../support/batches.ts';
import { PureDesk } from './support.ts';

const MINUTE = 60_000;
const ONLINE: GatewayLink = {
  ...{
    state: 'online',
    lastSeen: T0,
    version: null,
    epoch: null,
    backlog: 0,
    oldestUnsent: null,
    clockOffsetMs: 0,
    channels: [],
    kubeedge: null,
  },
  cloned: false,
  stuckSince: null,
};

/** [minutes after the start, what the link is then] */
type Look = readonly [number, Partial<GatewayLink>];

function judge(...looks: readonly Look[]) {
  let watched: Watched | undefined;
  const active = new Set<HubRule>();
  const history: string[] = [];
  for (const [minutes, more] of looks) {
    const now = T0 + minutes * MINUTE;
    const step = stepGateway(watched, { ...ONLINE, lastSeen: now, ...more }, now, DEFAULT_HUB_RULES, (rule) =>
      active.has(rule),
    );
    watched = step.watched;
    for (const { rule, is } of step.verdicts) {
      if (is === 'active' && !active.has(rule)) history.push(`${minutes} +${rule}`);
      if (is === 'over' && active.has(rule)) history.push(`${minutes} -${rule}`);
      if (is === 'hold' && active.has(rule)) history.push(`${minutes} ~${rule}`);
      if (is === 'active') active.add(rule);
      if (is === 'over') active.delete(rule);
    }
  }
  return history;
}

const gone = { state: 'offline', lastSeen: T0 + 0.5 * MINUTE } as const;
const minutes = (n: number, link: (i: number) => Partial<GatewayLink>) =>
  Array.from({ length: n }, (_, i) => [i, link(i)] as const);

describe('what only the hub can know', () => {
  test.each<[string, readonly Look[], readonly string[]]>([
    [
      'offline a minute after it was last heard',
      [
        [0, {}],
        [1, gone],
        [1.6, gone],
        [3, {}],
      ],
      ['1.6 +gateway/offline', '3 -gateway/offline'],
    ],
    [
      'a short absence is nothing',
      [
        [0, {}],
        [1, gone],
        [1.4, gone],
        [2, {}],
      ],
      [],
    ],
    [
      'late for ten minutes',
      [
        [0, { state: 'late' }],
        [9, { state: 'late' }],
        [10, { state: 'late' }],
        [11, {}],
      ],
      ['10 +gateway/late', '11 -gateway/late'],
    ],
    [
      'stuck',
      [
        [0, { stuckSince: T0 }],
        [1, {}],
      ],
      ['0 +gateway/stuck', '1 -gateway/stuck'],
    ],
    [
      'cloned, offline or not',
      [
        [0, { cloned: true }],
        [1, { ...gone, cloned: true }],
        [2, {}],
      ],
      ['0 +gateway/cloned', '2 -gateway/cloned'],
    ],
    [
      'a gateway that is away answers for what hangs on it',
      [
        [0, { stuckSince: T0 }],
        [1, gone],
        [2, gone],
        [3, {}],
      ],
      ['0 +gateway/stuck', '2 +gateway/offline', '2 ~gateway/stuck', '3 -gateway/offline', '3 -gateway/stuck'],
    ],
    [
      'a buffer that grows for ten minutes',
      minutes(13, (i) => ({ backlog: i < 12 ? 1000 * (i + 1) : 100 })),
      ['10 +gateway/buffer', '12 -gateway/buffer'],
    ],
    [
      'a buffer that grows a while after a much larger one was drained',
      minutes(40, (i) => ({ backlog: i < 5 ? 600_000 : i < 8 ? 0 : i < 34 ? 100 * (i - 7) : 10 })),
      ['17 +gateway/buffer', '34 -gateway/buffer'],
    ],
    ['one that is drained meanwhile', minutes(13, (i) => ({ backlog: i % 4 === 3 ? 10 : 1000 * i })), []],
    ['a small one', minutes(13, (i) => ({ backlog: i * 10 })), []],
  ])('%s', (_, looks, expected) => {
    expect(judge(...looks)).toEqual(expected);
  });

  test('all say it in two languages, and what to do', () => {
    for (const rule of HUB_RULES) {
      const { text, action } = HUB_RULE_TERMS[rule];
      expect(
        [text.en, text.ko, action.en, action.ko].every((part) => (part?.length ?? 0) > 5),
        rule,
      ).toBe(true);
    }
  });
});

test('the watch raises, mutes and ends on the desk, each once; who was dismissed is missed no more', async () => {
  const clock = new FakeClock(T0);
  const fleet = new Fleet(clock);
  const pure = new PureDesk();
  const desk = {
    own: (input: object) =>
      void pure.give({ ...(input as never as { at: number }), kind: 'own', now: clock.now() } as never),
    findRule: (gateway: string, device: string, rule: string) =>
      pure.shelf.find(`${gateway}/${device}/${rule}`)?.condition?.alarm,
    list: () => pure.shelf.alarms(),
  };
  let enrolled: readonly string[] = ['plant-1', 'plant-2'];
  const watch = new HubWatch({
    desk,
    fleet,
    enrolled: async () => enrolled,
    settings: DEFAULT_HUB_RULES,
    clock,
    log: quietLog,
  });
  const look = async (times = 3) => {
    for (let i = 0; i < times; i++) {
      await watch.look();
      await clock.advance(30_000);
    }
  };
  fleet.onSession('plant-1', 'online');
  fleet.onStatus('plant-1', { state: 'online', stuckSince: T0 });
  fleet.onSession('plant-2', 'online');
  await look(1);
  fleet.onSession('plant-1', 'offline');
  await look(4);
  fleet.onSession('plant-1', 'online');
  fleet.onStatus('plant-1', { state: 'online' });
  fleet.onSession('plant-2', 'offline');
  await look(4);
  enrolled = ['plant-1'];
  await look(1);
  expect(pure.log.map(({ what, alarm }) => `${what} ${alarm.gateway} ${alarm.rule}`)).toEqual([
    'raised plant-1 gateway/stuck',
    'raised plant-1 gateway/offline',
    'suppressed plant-1 gateway/stuck',
    'cleared plant-1 gateway/offline',
    'cleared plant-1 gateway/stuck',
    'unsuppressed plant-1 gateway/stuck',
    'raised plant-2 gateway/offline',
    'cleared plant-2 gateway/offline',
  ]);
});

test('after a start of the hub nobody is missed at once', async () => {
  const clock = new FakeClock(T0);
  const given: object[] = [];
  const desk: Pick<Desk, 'own' | 'findRule' | 'list'> = {
    own: (input) => void given.push(input),
    findRule: () => undefined,
    list: () => [],
  };
  const watch = new HubWatch({
    desk,
    fleet: new Fleet(clock),
    enrolled: async () => ['plant-1'],
    settings: DEFAULT_HUB_RULES,
    clock,
    log: quietLog,
  });
  const stop = new AbortController();
  const running = watch.run(stop.signal).catch(() => {});
  await clock.advance(170_000);
  expect(given).toEqual([]);
  await clock.advance(30_000);
  expect(given[0]).toMatchObject({ name: { rule: 'gateway/offline' } });
  stop.abort();
  await running;
});
