import { expect, test } from 'vitest';
import { quietLog } from '../../../core/log.ts';
import type { Channel } from '../../../monitor/notify/channels/channel.ts';
import { makeChannels } from '../../../monitor/notify/channels/make-channels.ts';
import { Pace, Sender, TIMEOUT_MS } from '../../../monitor/notify/sender.ts';
import { parseHubSettings } from '../../../monitor/settings.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const DELIVERY = { id: 'd', receiver: 'x', reason: 'alarm', createdAt: 0, notices: 1 } as const;
const SENT = { ...DELIVERY, state: 'waiting', attempts: 0, nextAt: 0 } as const;
const senderOf = (channel: Channel, clock: FakeClock, pace = new Pace(clock)) =>
  new Sender({
    ...{ name: 'x', channel, pace, clock, log: quietLog, record: async () => {} },
    compose: async (delivery) => ({ delivery, items: [], more: 0, publicUrl: undefined, now: 0 }),
  });

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
  const sender = senderOf(channel, clock);
  const attempt = sender.attempt(SENT, new AbortController().signal);
  await clock.advance(3 * TIMEOUT_MS);
  expect(await attempt).toMatchObject({
    ...{ state: 'waiting', error: 'no answer in time (hangs); told: 2', settled: { kim: '', lee: '' } },
  });
  expect(told).toEqual(['kim', 'lee']);
});

test('Telegram and Slack get at most one message a second, also where several receivers are one chat', async () => {
  const key = '${'.concat('KEY}');
  const yaml = `{ t: { kind: telegram, chat: "-42", token: "${key}" }, s: { kind: slack, url: "${key}" } }`;
  const { notify } = parseHubSettings(`dataDir: /d\nnotify: { receivers: ${yaml} }`);
  if (!notify) throw new Error('no notify');
  const channels = await makeChannels(notify, { KEY: 'http://chat.test/token' }, TIMEOUT_MS);
  for (const channel of channels.values()) {
    const clock = new FakeClock(0);
    const pace = new Pace(clock);
    const sentAt: number[] = [];
    const send = async () => `${sentAt.push(clock.ticks())}`;
    const { signal } = new AbortController();
    for (let each = 0; each < 3; each++) void senderOf({ ...channel, send }, clock, pace).attempt(SENT, signal);
    await clock.advance(5000);
    const [first = 0, second = 0, third = 0] = sentAt;
    expect(sentAt).toHaveLength(3);
    expect([first, second - first >= 1000, third - second >= 1000]).toEqual([0, true, true]);
  }
  expect(channels.size).toBe(2);
});
