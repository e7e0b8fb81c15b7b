import { type Attempt, harmless, type Row, refused, succeeded } from '../attempt.ts';
import { shortly } from '../http.ts';
import type { World } from '../world.ts';

const SECRETS = { bearer: 'bearer-that-nobody-says', secret: 'signature-that-nobody-says' };
const PLACE = '/api/v1/notify/settings';

/** A file of the hub's machine would go to an address of one's own. */
const FILES: readonly [what: string, path: string, settings: object][] = [
  [
    'a bearer from a file',
    '/receivers/evil',
    { kind: 'webhook', url: 'https://127.0.0.1:9/x', bearerFile: '/etc/passwd' },
  ],
  ['an address from a file', '/receivers/evil', { kind: 'webhook', urlFile: '/etc/passwd' }],
  [
    'a signature from a file',
    '/receivers/evil',
    { kind: 'webhook', url: 'https://127.0.0.1:9/x', secretFile: '/etc/passwd' },
  ],
  [
    'a secret from the environment',
    '/receivers/evil',
    { kind: 'webhook', url: 'https://127.0.0.1:9/x', bearer: ['$', '{PATH}'].join('') },
  ],
  ['a password of mail from a file', '/smtp', { host: 'h', from: 'a@b.test', user: 'u', passwordFile: '/etc/passwd' }],
  ['a CA of mail from a file', '/smtp', { host: 'h', from: 'a@b.test', ca: '/etc/shadow' }],
  ['a file as an address', '/receivers/evil', { kind: 'webhook', url: 'file:///etc/passwd' }],
];

const version = async (world: World) => (await world.json<{ version: number }>('admin', PLACE)).version;

/** What an administrator's account may do with receivers, and what it may not. */
export const receivers: Row = {
  name: 'receivers',
  async run(world) {
    const found: Attempt[] = [];
    for (const [what, path, settings] of FILES) {
      const answer = await world.post('admin', `${PLACE}${path}`, { from: await version(world), settings });
      const isRefused = answer.status >= 400 && answer.status < 500;
      found.push(isRefused ? refused(what, shortly(answer)) : succeeded(what, shortly(answer)));
    }
    for (const text of Object.values(SECRETS)) world.secrets.add(text);
    const settings = { kind: 'webhook', url: 'https://127.0.0.1:9/hook' };
    const body = { from: await version(world), settings, secrets: SECRETS };
    const set = await world.post('admin', `${PLACE}/receivers/desk`, body);
    if (set.status >= 300) throw new Error(set.text);
    const test = await world.post('admin', '/api/v1/notify/test', { receiver: 'desk' });
    const shown = [await world.as('admin', PLACE), await world.as('admin', '/api/v1/notify'), test];
    const isTold = shown.some(({ text }) => Object.values(SECRETS).some((secret) => text.includes(secret)));
    // Whoever may change an address must not get the old secret sent to it.
    const moved = await world.post('admin', `${PLACE}/receivers/desk`, {
      ...{ from: await version(world), settings: { ...settings, url: 'https://127.0.0.2:9/hook' } },
    });
    const kept = (await world.as('admin', PLACE)).text.includes('"secrets":["bearer"');
    return [
      ...found,
      harmless('reading back a secret that was set', !isTold, 'no call gives it out'),
      harmless('a new address for an old secret', moved.status >= 400 || !kept, `${moved.status}, the secret is gone`),
    ];
  },
};
