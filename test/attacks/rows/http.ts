import { connect } from 'node:tls';
import { pause } from '../../e2e/site.ts';
import { type Attempt, bounded, harmless, type Row, refused, succeeded } from '../attempt.ts';
import { type Answer, type Ask, shortly } from '../http.ts';
import { OWNER, type World } from '../world.ts';

/** Refused with a status of its own, and no failure of the hub's. */
function judged(what: string, answer: Answer): Attempt {
  const isRefused = answer.status === 0 || (answer.status >= 400 && answer.status < 500);
  return isRefused ? refused(what, shortly(answer)) : succeeded(what, shortly(answer));
}

const TRAVERSALS = [
  ...[
    '/../../../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/assets/..%5c..%5cpackage.json',
  ],
  ...['/assets/%2e%2e%2f%2e%2e%2fpackage.json', '//etc/passwd', '/index.html%00.png', '/assets/....//package.json'],
  ...['/api/v1/pictures/..%2f..%2farchive.duckdb', '/api/v1/documents/board/..%2f..%2fca', '/.git/config'],
];

export const paths: Row = {
  name: 'HTTP',
  async run(world) {
    const found: Attempt[] = [];
    for (const path of TRAVERSALS) found.push(judged(`GET ${path}`, await world.as('viewer', path)));
    return found;
  },
};

const CHANGE: Ask = { method: 'POST', body: { name: 'evil', password: 'a password of an attacker', role: 'admin' } };

export const headers: Row = {
  name: 'HTTP',
  async run(world) {
    const session = await login(world);
    const withCookie = (more: Record<string, string>, ask: Ask = CHANGE) =>
      world.ask('/api/v1/users', { ...ask, headers: { cookie: session, ...more } });
    const host = new URL(world.url).host;
    const ok: readonly [string, Promise<Answer>][] = [
      ['a foreign Host (DNS rebinding)', world.as('viewer', '/api/v1/me', { headers: { host: 'evil.example' } })],
      [
        'a Host that begins like ours',
        world.as('viewer', '/api/v1/me', { headers: { host: 'localhost.evil.example' } }),
      ],
      ['a Host with an account', world.as('viewer', '/api/v1/me', { headers: { host: 'localhost@evil.example' } })],
      ['CSRF: another origin with the cookie', withCookie({ origin: 'https://evil.example' })],
      ['CSRF: the origin null', withCookie({ origin: 'null' })],
      ['CSRF: another port of this host', withCookie({ origin: 'https://127.0.0.1:1' })],
      ['CSRF: said by the browser to be cross-site', withCookie({ 'sec-fetch-site': 'cross-site' })],
      ['CSRF: a page of a sister site', withCookie({ 'sec-fetch-site': 'same-site' })],
      [
        'CSRF: a form, which needs no leave of ours',
        withCookie(
          { origin: 'https://evil.example', 'content-type': 'text/plain' },
          { method: 'POST', body: JSON.stringify(CHANGE.body) },
        ),
      ],
      ['a form from our own page', withCookie({ origin: `https://${host}`, 'content-type': 'text/plain' })],
    ];
    const found: Attempt[] = [];
    for (const [what, asked] of ok) found.push(judged(what, await asked));
    found.push(await overridden(world), await forwarded(world), await redirected(world));
    return found;
  },
};

async function login(world: World): Promise<string> {
  const answer = await world.ask('/api/v1/login', { method: 'POST', body: OWNER });
  const cookie = String(answer.headers['set-cookie']?.[0]).split(';')[0] ?? '';
  if (answer.status !== 200) throw new Error(`the owner does not get in: ${answer.text}`);
  world.secrets.add(cookie.split('=')[1] ?? cookie);
  return cookie;
}

/** A reading call that another header would make a writing one. */
async function overridden(world: World): Promise<Attempt> {
  const what = 'X-HTTP-Method-Override';
  const headers = { 'x-http-method-override': 'POST', 'x-http-method': 'POST', 'x-method-override': 'POST' };
  const before = (await world.as('admin', '/api/v1/users')).text;
  const answer = await world.as('admin', '/api/v1/users?_method=POST&name=evil', { headers });
  const after = (await world.as('admin', '/api/v1/users')).text;
  return before === after ? refused(what, `${answer.status}, read as what it is`) : succeeded(what, after);
}

async function redirected(world: World): Promise<Attempt> {
  const what = 'a redirect to an address of the caller';
  const evil = encodeURIComponent('https://evil.example');
  const places = ['/api/v1/oidc/login', '/api/v1/oidc/callback', '/'];
  const answers = await Promise.all(
    places.map((path) => world.ask(`${path}?to=${evil}&redirect=${evil}&redirect_uri=${evil}&state=${evil}`)),
  );
  const to = answers.map(({ headers: { location } }) => location ?? 'nowhere').join(', ');
  return to.includes('evil') ? succeeded(what, to) : refused(what, `they lead to ${to}`);
}

/** Nobody comes from where a header says. */
async function forwarded(world: World): Promise<Attempt> {
  const what = 'X-Forwarded-For, -Host and Forwarded';
  const name = `nobody-${Math.floor(Math.random() * 1e9)}`;
  const headers = { 'x-forwarded-for': '10.9.9.9', 'x-forwarded-host': 'evil.example', forwarded: 'for=10.9.9.9' };
  await world.ask('/api/v1/login', { method: 'POST', body: { name, password: 'wrong' }, headers, from: '127.0.6.6' });
  const { text } = await world.as('admin', '/api/v1/audit?limit=20');
  const isFooled = text.includes('10.9.9.9') || !text.includes('127.0.6.6');
  return isFooled ? succeeded(what, 'stands in the audit log') : refused(what, 'the audit log has the real address');
}

const DEEP = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

export const json: Row = {
  name: 'JSON',
  async run(world) {
    const send = (text: string, path = '/api/v1/users') =>
      world.as('admin', path, { method: 'POST', body: text, headers: { 'content-type': 'application/json' } });
    const user = (more: string) => `{"name":"evil","password":"long enough words","role":"viewer","sites":null${more}}`;
    const cases: readonly [string, string, string?][] = [
      ['__proto__', user(',"__proto__":{"role":"admin"}').replace('"role":"viewer",', '')],
      ['constructor.prototype', user(',"constructor":{"prototype":{"role":"admin"}}').replace('"role":"viewer",', '')],
      ['a document nested 20,000 deep', `{"from":0,"body":${DEEP(20_000)}}`, '/api/v1/documents/board/evil'],
      ['10 MB', `{"name":"${'x'.repeat(10e6)}"}`],
      ['10 MB as a configuration', `{"from":0,"text":"${'x'.repeat(10e6)}"}`, '/api/v1/gateways/e2e/config/check'],
      ['broken', '{"name":'],
      ['a list', '[1,2,3]'],
      ['a number', '1e999'],
      ['no UTF-8', '"\u0000\uffff"'],
      ['a name of control characters', user('').replace('evil', 'a\\u0000b')],
      ['a name of markup', user('').replace('evil', '<img src=x>')],
      ['a role that is none', user('').replace('"viewer"', '"constructor"')],
    ];
    const found: Attempt[] = [];
    for (const [what, text, path] of cases) found.push(judged(what, await send(text, path)));
    return [...found, await tooMuch(world, send, user), await twice(world, send)];
  },
};

/** What no call asks for is not looked at. */
async function tooMuch(
  world: World,
  send: (text: string) => Promise<Answer>,
  user: (more: string) => string,
): Promise<Attempt> {
  const answer = await send(user(`,"x":${DEEP(20_000)}`).replace('evil', 'nested'));
  const { users } = await world.json<{ users: object[] }>('admin', '/api/v1/users');
  const isPlain = !JSON.stringify(users).includes('"x"');
  return harmless('more than is asked for, nested 20,000 deep', answer.status < 500 && isPlain, shortly(answer));
}

/** Of a key given twice one counts, for the check and for the act alike. */
async function twice(world: World, send: (text: string) => Promise<Answer>): Promise<Attempt> {
  const what = 'a key given twice';
  const name = `twice-${Math.floor(Math.random() * 1e9)}`;
  await send(`{"name":"${name}","password":"long enough words","role":"admin","sites":null,"role":"viewer"}`);
  const { users } = await world.json<{ users: { name: string; role: string }[] }>('admin', '/api/v1/users');
  const role = users.find((user) => user.name === name)?.role;
  const { text } = await world.as('admin', `/api/v1/audit?text=${name}&limit=5`);
  const isOne = role === undefined || (role === 'viewer' && !text.includes('\\"role\\":\\"admin\\"'));
  return isOne ? refused(what, `the last one counts, also in the audit log: ${role}`) : succeeded(what, `${role}`);
}

/** Slow and many: the hub waits for nobody for ever. */
export const slow: Row = {
  name: 'HTTP',
  isLong: true,
  async run(world) {
    const { hostname, port } = new URL(world.url);
    const open = () => {
      const socket = connect({ host: hostname, port: Number(port), ca: world.ca });
      socket.on('error', () => {}).resume();
      return socket;
    };
    const header = open();
    header.write('GET /api/v1/me HTTP/1.1\r\n');
    const body = open();
    body.write(
      `POST /api/v1/login HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n{`,
    );
    const drip = setInterval(() => {
      for (const [socket, text] of [
        [header, 'x: y\r\n'],
        [body, ' '],
      ] as const)
        if (!socket.destroyed) socket.write(text);
    }, 3000);
    const began = performance.now();
    const ends = { header: 0, body: 0 };
    while ((ends.header === 0 || ends.body === 0) && performance.now() - began < 170_000) {
      await pause(500);
      if (header.destroyed) ends.header ||= performance.now() - began;
      if (body.destroyed) ends.body ||= performance.now() - began;
    }
    clearInterval(drip);
    const many = Array.from({ length: 600 }, open);
    await pause(2000);
    await world.check();
    for (const socket of [header, body, ...many]) socket.destroy();
    const NEVER = 999;
    return [
      bounded('headers line by line: ended after', (ends.header || NEVER * 1000) / 1000, 125, 's'),
      bounded('a body byte by byte: ended after', (ends.body || NEVER * 1000) / 1000, 155, 's'),
      refused('600 connections that say nothing', 'the reader and the gateway go on'),
    ];
  },
};
