import { expect, test } from 'vitest';
import { SettingsFault } from '../../../core/settings.ts';
import { makeChannels } from '../../../monitor/notify/channels/make-channels.ts';
import { parseHubSettings } from '../../../monitor/settings.ts';

function problemsOf(yaml: string): readonly string[] {
  try {
    parseHubSettings(yaml);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsFault)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

const of = (name: string) => '${'.concat(name, '}');

test('all that is wrong is told at once, with its place', () => {
  const problems = problemsOf(`dataDir: /d
notify:
  timezone: Asia/Soul
  receivers:
    kim: { kind: email, to: [kim@plant.test] }
    hook: { kind: webhook }
    chat: { kind: slack, url: hidden-1 }
    bot: { kind: telegram, chat: x, token: "${of('T')}", tokenFile: /t }
  roster:
    kim: { turns: [{ from: "08:00", to: "20:00", receivers: [kin] }] }
  escalation:
    - { after: 10m, to: [kim] }
    - { after: 5m, to: [boss] }
  heartbeat: {}
`);
  expect(problems).toEqual([
    'notify.timezone: there is no time zone `Asia/Soul`',
    'notify.roster.kim: a receiver has this name',
    'notify.roster.kim.turns[0].receivers[0]: there is no receiver `kin`',
    'notify.escalation[1].to[0]: there is no receiver or roster `boss`',
    'notify.escalation[1].after: is not later than the step before',
    'notify.receivers.kim: mail needs a server',
    'notify.receivers.hook.url: is missing',
    'notify.receivers.chat.url: a secret has no place in this file',
    'notify.receivers.bot.tokenFile: given twice, also as `token`',
    'notify.heartbeat.url: is missing',
  ]);
  expect(problems.join()).not.toContain('hidden');
});

test('a password needs a user and never crosses a network in the clear', () => {
  const smtp = (more: string) =>
    problemsOf(`dataDir: /d\nnotify: { receivers: {}, smtp: { host: h, from: a@b, ${more} } }`);
  expect(smtp(`password: "${of('P')}"`)).toEqual(['notify.smtp: a password without `user`']);
  expect(smtp(`user: u, password: "${of('P')}", tls: none`)).toEqual([
    'notify.smtp.tls: the password would cross the network in the clear',
  ]);
});

test('a secret that is not there, or no address where one is needed, ends the start, without quoting it', async () => {
  const { notify } = parseHubSettings(
    `dataDir: /d\nnotify: { receivers: { s: { kind: slack, url: "${of('HOOK')}" } } }`,
  );
  if (!notify) throw new Error('no notify');
  await expect(makeChannels(notify, {}, 1)).rejects.toThrow(/variable HOOK is not set/);
  const refused = await makeChannels(notify, { HOOK: 'hidden' }, 1).catch((error: Error) => error.message);
  expect(refused).toMatch(/notify\.receivers\.s: the secret is no address/);
  expect(refused).not.toContain('hidden');
});
