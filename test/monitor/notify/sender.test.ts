import { expect, test } from 'vitest';
import { quietLog } from '../../../core/log.ts';
import type { Channel } from '../../../monitor/notify/channels/channel.ts';
import { Pace, Sender, TIMEOUT_MS } from '../../../monitor/notify/sender.ts';
import { FakeClock } from '../../support/fake-clock.ts';

test('each of several recipients has its own time: one that hangs keeps it from nobody', async () => {
  const clock = new FakeClock(0);
  const told: string[] = [];
  const channel: Channel = {
    ...{ target: 'x', spacingMs: 0, groups: [['hangs'], ['kim'], ['lee']] },
    async send(_message, _signal, [to = '']) {
      if (to === 'hangs') await new Promise(() => {});
      await clock.sleep(TIMEOUT_MS * 0.8, new AbortController().signal);
      told.push(to);
      return 'ok';
    },
  };
  const sender = new Sender({
    ...{ name: 'x', channel, pace: new Pace(clock), clock, log: quietLog, record: async () => {} },
    compose: async (delivery) => ({ delivery, items: [], more: 0, publicUrl: undefined, now: 0 }),
  });
  const delivery = { id: 'd', receiver: 'x', reason: 'alarm', createdAt: 0, notices: 1 } as const;
  const sent = { ...delivery, state: 'waiting', attempts: 0, nextAt: 0 } as const;
  const attempt = sender.attempt(sent, new AbortController().signal);
  await clock.advance(3 * TIMEOUT_MS);
  expect(await attempt).toMatchObject({
    ...{ state: 'waiting', error: 'no answer in time (hangs); told: 2', settled: { kim: '', lee: '' } },
  });
  expect(told).toEqual(['kim', 'lee']);
});
