import { createRequest } from '../../../cloud-sync/edge-hub/certificate-request.ts';
import { formatToken, parseToken } from '../../../cloud-sync/protocol/join-token.ts';
import { pause } from '../../e2e/site.ts';
import { sluice } from '../../e2e/sluice-process.ts';
import { type Attempt, type Row, refused, succeeded } from '../attempt.ts';
import { shortly } from '../http.ts';
import { HEALTHY, type World } from '../world.ts';

async function join(world: World, what: string, token: string, id: string, csr?: string): Promise<Attempt> {
  const body = { token, id, csr: csr ?? (await createRequest(id)).csr };
  // Each from an address of its own: the limit of attempts is a row of its own.
  const from = `127.0.1.${1 + Math.floor(Math.random() * 250)}`;
  const answer = await world.ask('/api/v1/join', { method: 'POST', body, from });
  return answer.status === 200 ? succeeded(what, answer.text.slice(0, 60)) : refused(what, shortly(answer));
}

export const tokens: Row = {
  name: 'join tokens',
  async run(world) {
    const good = parseToken(await world.token('plant-7'));
    if (!good) throw new Error('no token');
    const { fingerprint, secret } = good;
    const used = await world.token('plant-8');
    const { csr } = await createRequest('plant-8');
    const first = await world.ask('/api/v1/join', { method: 'POST', body: { token: used, id: 'plant-8', csr } });
    if (first.status !== 200) throw new Error(`a good token: ${first.text}`);
    const bound = formatToken({ fingerprint, gateway: 'plant-7', secret });
    const forged = formatToken({ fingerprint, gateway: 'plant-7', secret: 'A'.repeat(32) });
    const attempts = [
      await join(world, 'forged secret', forged, 'plant-7'),
      await join(world, 'used a second time', used, 'plant-8'),
      await join(world, 'of another gateway', bound, 'plant-9'),
      await join(world, 'of another gateway, its name changed', bound.replace('.plant-7.', '.plant-9.'), 'plant-9'),
      await join(world, 'bound one made open', formatToken({ fingerprint, secret }), 'plant-9'),
      await join(world, 'open one for a gateway that is there', await world.token(), HEALTHY),
      await join(world, 'truncated', bound.slice(0, -1), 'plant-7'),
      await join(world, 'with a part too many', `${bound}.x`, 'plant-7'),
      await join(world, 'of another version', bound.replace('sluice1', 'sluice2'), 'plant-7'),
      await join(world, "with another CA's fingerprint", bound.replace(fingerprint, 'x'.repeat(43)), 'plant-7'),
      await join(world, 'for a name that is none', bound.replace('.plant-7.', '.../../x.'), '../../x'),
      await join(world, 'with a request that is none', bound, 'plant-7', 'nonsense'),
      await join(world, 'of 100 kB', 'A'.repeat(100_000), 'plant-7'),
    ];
    // What was refused has burnt nothing: the token still admits whom it was made for.
    const now = await world.ask('/api/v1/join', {
      ...{ method: 'POST', from: '127.0.2.2' },
      body: { token: bound, id: 'plant-7', csr: (await createRequest('plant-7')).csr },
    });
    if (now.status !== 200) throw new Error(`the right gateway does not get in any more: ${now.text}`);
    return [...attempts, await atTheGateway(world), await byOthers(world)];
  },
};

/** A gateway is not led to a hub whose CA is not the one in its token. */
async function atTheGateway(world: World): Promise<Attempt> {
  const what = 'a gateway told to join a hub of another CA';
  const token = formatToken({ fingerprint: 'x'.repeat(43), gateway: 'plant-6', secret: 'A'.repeat(32) });
  const dataDir = `${world.dir}/plant-6`;
  const ended = await sluice('join', '--hub', world.url, '--token', token, '--id', 'plant-6', '--data', dataDir);
  return ended.code === 0 ? succeeded(what, ended.text) : refused(what, ended.lines[0] ?? '');
}

async function byOthers(world: World): Promise<Attempt> {
  const what = 'made by an operator, by an administrator of one site, by nobody';
  const body = { gateway: 'plant-5' };
  const answers = [
    await world.post('operator', '/api/v1/tokens', body),
    await world.post('elsewhere', '/api/v1/tokens', body),
    await world.ask('/api/v1/tokens', { method: 'POST', body }),
  ];
  const words = answers.map(shortly).join(', ');
  return answers.some(({ status }) => status < 400) ? succeeded(what, words) : refused(what, words);
}

/** The shortest that there is lives a minute. */
export const expiredToken: Row = {
  name: 'join tokens',
  isLong: true,
  async run(world) {
    const token = await world.token('plant-4', '1m');
    await pause(61_000);
    return [await join(world, 'expired', token, 'plant-4')];
  },
};

/** Guesses are slowed, and a right token gets in from elsewhere. */
export const tokenFlood: Row = {
  name: 'join tokens',
  async run(world) {
    const { csr } = await createRequest('plant-3');
    const fingerprint = parseToken(await world.token())?.fingerprint ?? '';
    const guess = () =>
      world.ask('/api/v1/join', {
        ...{ method: 'POST', from: '127.0.3.3' },
        body: { token: formatToken({ fingerprint, gateway: 'plant-3', secret: 'B'.repeat(32) }), id: 'plant-3', csr },
      });
    const answers = await Promise.all(Array.from({ length: 60 }, guess));
    const unseen = answers.filter(({ text }) => text.includes('too many attempts')).length;
    const body = { token: await world.token('plant-3'), id: 'plant-3', csr };
    const right = await world.ask('/api/v1/join', { method: 'POST', body, from: '127.0.3.4' });
    const what = '60 guesses at once';
    if (answers.some(({ status }) => status === 200)) return [succeeded(what, 'one was right')];
    if (right.status !== 200) return [succeeded(what, `the right one does not get in: ${shortly(right)}`)];
    return [refused(what, `${unseen} of 60 refused unseen; the right token gets in from elsewhere`)];
  },
};
