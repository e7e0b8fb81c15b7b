import { type Attempt, type Row, refused, succeeded } from '../attempt.ts';
import { shortly } from '../http.ts';
import { OWNER, type World } from '../world.ts';

const login = (world: World, from: string, password: string, name = OWNER.name) =>
  world.ask('/api/v1/login', { method: 'POST', body: { name, password }, from });

export const logins: Row = {
  name: 'logins',
  async run(world) {
    const home = '127.0.7.1';
    const first = await login(world, home, OWNER.password);
    if (first.status !== 200) throw new Error(`the owner does not get in: ${first.text}`);
    const guesses = [];
    for (let at = 0; at < 8; at++) guesses.push(await login(world, `127.0.8.${at + 1}`, `guess ${at}`));
    const waits = guesses.filter(({ status }) => status === 429).length;
    const many = await Promise.all(
      Array.from({ length: 10 }, (_, at) => login(world, '127.0.9.1', 'guess', `nobody-${at}`)),
    );
    const turned = many.filter(({ status }) => status === 429 || status === 401 || status === 503).length;
    const owner = await login(world, home, OWNER.password);
    const near = [];
    for (let at = 0; at < 12; at++) near.push(await login(world, home, 'guess', `nobody-${at}`));
    const held = near.filter(({ status }) => status === 429).length;
    const beside = await login(world, home, OWNER.password);
    return [
      judged('8 guesses of a password from 8 addresses', waits >= 4, `${waits} of 8 told to wait`),
      judged('10 names at once from one address', turned === 10, `${turned} of 10 refused, none let in`),
      judged('locking the owner out by guesses', owner.status === 200, `where they logged in before: ${owner.status}`),
      judged('12 names from the address of the owner', held >= 8, `${held} of 12 told to wait`),
      judged('locking the owner out from behind the same address', beside.status === 200, `${beside.status}`),
      await keys(world),
      await cookies(world, String(first.headers['set-cookie']?.[0])),
    ];
  },
};

function judged(what: string, holds: boolean, detail: string): Attempt {
  return holds ? refused(what, detail) : succeeded(what, detail);
}

async function keys(world: World): Promise<Attempt> {
  const { viewer, revoked } = world.keys;
  const tries: readonly [string, string][] = [
    ['revoked', `Bearer ${revoked}`],
    ['made up', `Bearer slk_${'A'.repeat(43)}`],
    ['cut off', `Bearer ${viewer.slice(0, -1)}`],
    ['of another scheme', `Basic ${Buffer.from(`x:${viewer}`).toString('base64')}`],
    ['empty', 'Bearer '],
    ['in capitals', `Bearer ${viewer.toUpperCase()}`],
  ];
  const answers = await Promise.all(
    tries.map(async ([what, authorization]) => {
      const answer = await world.ask('/api/v1/me', { headers: { authorization } });
      return { what, answer };
    }),
  );
  const inUrl = await world.ask(`/api/v1/me?key=${viewer}&access_token=${viewer}`);
  const all = [...answers, { what: 'in the address', answer: inUrl }];
  const words = all.map(({ what, answer }) => `${what} ${answer.status}`).join(', ');
  const holds = all.every(({ answer }) => answer.status === 401);
  return judged('keys that are none', holds, words);
}

async function cookies(world: World, set: string): Promise<Attempt> {
  const value = set.split(';')[0]?.split('=')[1] ?? '';
  const wanted = ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/', '__Host-'];
  const missing = wanted.filter((word) => !set.includes(word));
  const guessed = await world.ask('/api/v1/me', { headers: { cookie: `__Host-sluice=${'A'.repeat(43)}` } });
  const plain = await world.ask('/api/v1/me', { headers: { cookie: `sluice=${value}` } });
  world.secrets.add(value);
  const holds = missing.length === 0 && guessed.status === 401 && plain.status === 401;
  return judged(
    'a cookie for scripts, other sites, plain HTTP; a guessed one',
    holds,
    missing.join() || shortly(guessed),
  );
}
