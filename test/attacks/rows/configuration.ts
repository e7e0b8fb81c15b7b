import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { showsStack, sluice } from '../../e2e/sluice-process.ts';
import { type Attempt, type Row, refused, succeeded } from '../attempt.ts';
import { OTHER, type World } from '../world.ts';

const ALIASES = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
  .split('')
  .map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[at]}`).join(',')}]`)
  .join('\n')}\n`;
const CHANNEL = (port: string) => `channels:\n  - { name: a, driver: modbus-tcp, port: "${port}" }\ndevices: []\n`;

/** Texts for `channels:` and `devices:`, as they would come through the page, the API or a stolen account. */
const TEXTS: readonly [what: string, text: string][] = [
  ['__proto__ as a key', '__proto__: { x: 1 }\nchannels: []\ndevices: []\n'],
  ['__proto__ further in', 'channels: []\ndevices:\n  - __proto__: { name: x }\n'],
  ['constructor as a key', 'constructor: { prototype: {} }\nchannels: []\ndevices: []\n'],
  ['an aliases bomb', `${ALIASES}channels: []\ndevices: []\n`],
  ['a merge key', 'x: &x { name: a }\nchannels: [ { <<: *x } ]\ndevices: []\n'],
  ['nested 5,000 deep', `channels: ${'['.repeat(5000)}${']'.repeat(5000)}\ndevices: []\n`],
  ['2 MB', `channels: []\ndevices: []\n# ${'x'.repeat(2e6)}\n`],
  ['settings of the gateway itself', 'hub: { url: "mqtts://evil:8883" }\nchannels: []\ndevices: []\n'],
];

/** What only the gateway's own check knows: it has the last word on everything. */
const FILES: readonly [what: string, text: string][] = [
  ...TEXTS.filter(([what]) => !what.startsWith('settings') && what !== '2 MB'),
  ['a tag that makes objects', 'channels: !!js/function "x"\ndevices: []\n'],
  ['a port beyond 65535', CHANNEL('tcp://127.0.0.1:99999')],
  ['a file where a port belongs', CHANNEL('file:///etc/passwd')],
  ['a path out of the profiles', 'channels: []\ndevices:\n  - { name: d, channel: a, profile: ../../../etc/passwd }\n'],
  ['a name of slashes', 'channels:\n  - { name: ../x, driver: modbus-tcp, port: "tcp://127.0.0.1:1" }\ndevices: []\n'],
  ['a name of markup', 'channels: []\ndevices:\n  - { name: "<script>", channel: a }\n'],
  [
    'an interval of nothing',
    `${CHANNEL('tcp://127.0.0.1:1').replace('devices: []', 'devices:\n  - { name: d, channel: a, every: 0s, points: {} }')}`,
  ],
];

export const configuration: Row = {
  name: 'configuration',
  async run(world) {
    const found: Attempt[] = [];
    for (const [what, text] of TEXTS) found.push(await atTheHub(world, what, text));
    return [...found, await byOthers(world)];
  },
};

export const files: Row = {
  name: 'configuration',
  isLong: true,
  async run(world) {
    const found: Attempt[] = [];
    for (const [what, text] of FILES) found.push(await atTheGateway(world, what, text));
    return found;
  },
};

async function atTheHub(world: World, what: string, text: string): Promise<Attempt> {
  const answer = await world.as('admin', `/api/v1/gateways/${OTHER}/config`, {
    method: 'PUT',
    body: { from: 0, text },
  });
  const reason = answer.text.slice(0, 400).match(/"message":"([^"]+)/)?.[1] ?? answer.code;
  return answer.status >= 400 && answer.status < 500
    ? refused(`hub: ${what}`, `${answer.status} ${reason}`)
    : succeeded(`hub: ${what}`, `${answer.status} ${answer.text.slice(0, 100)}`);
}

async function atTheGateway(world: World, what: string, text: string): Promise<Attempt> {
  const file = join(world.dir, 'evil.yaml');
  writeFileSync(file, `gateway: evil\n${text}`);
  const ended = await sluice('check', '-c', file);
  const reason =
    ended.lines.find((line) => line.includes('evil.yaml:'))?.split('evil.yaml:')[1] ?? ended.lines[0] ?? '';
  return ended.code === 2 && !showsStack(ended.text)
    ? refused(`gateway: ${what}`, reason.slice(0, 100))
    : succeeded(`gateway: ${what}`, `exit ${ended.code} ${ended.text.slice(0, 200)}`);
}

async function byOthers(world: World): Promise<Attempt> {
  const what = 'hub: a good one by a viewer, an operator, an administrator of another site';
  const body = { from: 0, text: 'channels: []\ndevices: []\n' };
  const path = '/api/v1/gateways/e2e/config';
  const answers = await Promise.all(
    (['viewer', 'operator', 'elsewhere'] as const).map((role) => world.as(role, path, { method: 'PUT', body })),
  );
  const words = answers.map(({ status }) => status).join(', ');
  return answers.every(({ status }) => status === 403 || status === 404)
    ? refused(what, words)
    : succeeded(what, words);
}
