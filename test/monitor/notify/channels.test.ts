import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toTerms } from '../../../monitor/alarms/terms.ts';
import { HttpReceiver } from './http-receiver.ts';
import { MailReceiver } from './mail-receiver.ts';
import { gatewayOffline, startNotifying, until } from './support.ts';

let mail: MailReceiver;
let http: HttpReceiver;
let world: Awaited<ReturnType<typeof startNotifying>>;
beforeEach(async () => {
  http = await HttpReceiver.start();
  mail = await MailReceiver.start();
});
afterEach(async () => {
  await world?.stop();
  await http.stop();
  await mail.stop();
});

const KEY = '${'.concat('KEY}');
const sender = (name: string) => {
  const found = world.notify.senders.get(name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};

describe('what each receiver gets', () => {
  test('mail, in Korean, with an id that stays the same', async () => {
    const server = `smtp: ${mail.settings}`;
    world = await startNotifying(
      `{ receivers: { kim: { kind: email, to: [kim@plant.test], language: ko } }, ${server} }`,
    );
    await gatewayOffline(world.hub, 'plant-1', true);
    await until(() => mail.mails.length === 1);
    const [text = ''] = mail.mails;
    const [, encoded = ''] = text.split('\r\n\r\n');
    const body = /base64/i.test(text) ? Buffer.from(encoded, 'base64').toString('utf8') : encoded;
    expect(body).toMatch(/^\[높음\] plant-1 .* 발생 · 조치: [\s\S]*http:\/\/hub\.test:8080\/#\/alarms/);
    await until(() => sender('kim').last !== undefined);
    expect(text).toContain(`Message-ID: <${sender('kim').last?.id}@sluice>`);
  });

  test('Telegram and Slack: text, to the chat', async () => {
    http.answer = (response, { path }) => response.end(path.startsWith('/bot') ? '{"ok":true,"result":{}}' : 'ok');
    world = await startNotifying(
      `{ groupWait: 100ms, receivers: { t: { kind: telegram, chat: "-42", token: "${KEY}", api: "${http.url}" }, s: { kind: slack, url: "${KEY}" } } }`,
      { KEY: `${http.url}/token` },
    );
    await gatewayOffline(world.hub, 'plant-1', true);
    await gatewayOffline(world.hub, 'plant-2', true);
    await until(() => http.received.length === 4);
    const telegram = http.received.filter(({ path }) => path.startsWith('/bot'));
    expect(JSON.parse(telegram[0]?.text ?? '')).toMatchObject({
      chat_id: '-42',
      text: expect.stringMatching(/^\[High\] plant-1 .* raised · Do: /),
    });
    const slack = http.received.filter(({ path }) => path === '/token');
    expect(JSON.parse(slack[0]?.text ?? '').text).toMatch(/^\[High\] plant-1/);
  });

  test('알림톡: an approved template and its fields, one request for each number', async () => {
    world = await startNotifying(
      `{ receivers: { k: { kind: alimtalk, url: "${http.url}/send", to: ["01011112222", "01033334444"], templates: { raised: R1, cleared: C1, acknowledged: A1, digest: D1 }, headers: { x-key: "k ${KEY}" }, body: { templateCode: "{template}", messages: [{ to: "{to}", content: "{content}", fields: { what: "{what}", other: "{unknown}" } }] } } } }`,
      { KEY: 'secret' },
    );
    await gatewayOffline(world.hub, 'plant-1', true);
    await until(() => http.received.length === 2);
    expect(http.received[0]?.headers['x-key']).toBe('k secret');
    expect(http.bodies.map(({ messages }) => messages[0].to)).toEqual(['01011112222', '01033334444']);
    expect(http.bodies[0]).toMatchObject({
      templateCode: 'R1',
      messages: [
        { content: expect.stringMatching(/^\[높음\] 알람 발생\n위치: plant-1\n/), fields: { other: '{unknown}' } },
      ],
    });
    await gatewayOffline(world.hub, 'plant-1', false);
    await until(() => http.received.length === 4);
    expect(http.bodies[2].templateCode).toBe('C1');
  });
});

describe('receivers that misbehave', () => {
  const hook = (name: string) => `${name}: { kind: webhook, url: "${http.url}/${name}" }`;

  test('one that hangs is nothing to another', { timeout: 60_000 }, async () => {
    http.answer = (response, { path }) => (path === '/hangs' ? undefined : response.end());
    world = await startNotifying(`{ receivers: { ${hook('hangs')}, ${hook('works')} } }`);
    await gatewayOffline(world.hub, 'plant-1', true);
    await until(() => sender('works').last !== undefined);
    expect(sender('hangs').lastFailed).toBeUndefined();
    await until(() => sender('hangs').lastFailed !== undefined, 30_000);
    expect(sender('hangs').lastFailed?.error).toMatch(/no answer in time/);
    expect(sender('hangs').waiting).toBe(1);
  });

  test.each([
    ['fails', 500],
    ['asks for time', 429],
    ['closes the connection', 0],
  ])('one that %s is tried again, with the same id, and then takes it', async (_, status) => {
    http.answer = (response) => {
      if (http.received.length > 1) return response.end();
      if (status === 0) return response.destroy();
      return response.writeHead(status, { 'retry-after': '1' }).end('busy');
    };
    world = await startNotifying(`{ receivers: { ${hook('a')} } }`);
    await gatewayOffline(world.hub, 'plant-1', true);
    await until(() => sender('a').last !== undefined);
    const [first, second] = http.received;
    expect(second?.headers['x-sluice-delivery']).toBe(first?.headers['x-sluice-delivery']);
    expect(second?.text).toBe(first?.text);
    if (status === 429) expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990);
    expect(sender('a').last).toMatchObject({ attempts: 2, state: 'delivered' });
  });

  test('nonsense from what should be Slack is no delivery', async () => {
    http.answer = (response) => response.end('<html>captive portal</html>');
    world = await startNotifying(`{ receivers: { s: { kind: slack, url: "${KEY}" } } }`, { KEY: http.url });
    await gatewayOffline(world.hub, 'plant-1', true);
    await until(() => sender('s').lastFailed !== undefined);
    expect(sender('s').lastFailed?.error).toMatch(/not of Slack: <html>/);
    expect(sender('s').waiting).toBe(1);
  });

  test('a long digest is cut between characters, and Rocket.Chat is understood', async () => {
    http.answer = (response, { path }) => response.end(path.startsWith('/bot') ? '{"ok":true}' : '{"success":true}');
    world = await startNotifying(
      `{ receivers: { t: { kind: telegram, chat: x, token: "${KEY}", api: "${http.url}" }, s: { kind: slack, url: "${KEY}" } } }`,
      { KEY: `${http.url}/hook` },
    );
    // Of two units each; the text before it has an odd or an even length.
    for (const before of ['', 'x']) {
      const text = { en: before + '🔥'.repeat(2500) };
      const raise = { terms: toTerms({ priority: 'high', text, action: {} }) };
      await world.hub.desk.take([{ name: { gateway: 'p', device: '', rule: `r${before}`, point: '' }, at: 1, raise }]);
    }
    await until(
      () => sender('s').last !== undefined && sender('t').waiting === 0 && sender('t').counts.delivered === 2,
    );
    const texts = http.received.filter(({ path }) => path.startsWith('/bot')).map(({ text }) => JSON.parse(text).text);
    expect(texts.map((text) => text.length).sort()).toEqual([3999, 4000]);
  });

  test('what is refused for good is given up at once, and shown; the next is sent', async () => {
    http.answer = (response) => response.writeHead(http.received.length === 1 ? 400 : 200).end('no such field');
    world = await startNotifying(`{ receivers: { ${hook('a')} } }`);
    await gatewayOffline(world.hub, 'plant-1', true);
    await until(() => sender('a').counts.givenUp === 1);
    await gatewayOffline(world.hub, 'plant-1', false);
    await until(() => sender('a').last !== undefined);
    const { receivers } = (await world.hub.get('/api/v1/notify/receivers')).json();
    expect(receivers).toMatchObject([
      {
        name: 'a',
        kind: 'webhook',
        state: 'idle',
        waiting: 0,
        lastFailed: { error: expect.stringMatching(/400: no such field/) },
      },
    ]);
  });

  test('one message that is never taken does not hold up the others: it is given up once the next one is taken', {
    timeout: 60_000,
  }, async () => {
    const isPoison = (text: string) => text.includes('plant-1');
    http.answer = (response, { text }) => response.writeHead(isPoison(text) ? 500 : 200).end('boom');
    world = await startNotifying(`{ receivers: { ${hook('a')} } }`);
    await gatewayOffline(world.hub, 'plant-1', true);
    await until(() => sender('a').counts.failures >= 2);
    await gatewayOffline(world.hub, 'plant-2', true);
    await until(() => sender('a').last !== undefined, 25_000);
    await until(() => sender('a').waiting === 0);
    expect(sender('a').lastFailed).toMatchObject({ state: 'given-up', error: expect.stringMatching(/500: boom/) });
    expect(http.bodies.map(({ commonLabels }) => commonLabels.gateway).at(-1)).toBe('plant-2');
  });

  test('a mail server that refuses for now is tried again, one that refuses for good is not', async () => {
    const server = `smtp: ${mail.settings}`;
    world = await startNotifying(`{ receivers: { kim: { kind: email, to: [kim@plant.test] } }, ${server} }`);
    mail.refusal = { code: 451, text: 'greylisted' };
    await gatewayOffline(world.hub, 'plant-1', true);
    await until(() => sender('kim').lastFailed !== undefined);
    expect(sender('kim').lastFailed).toMatchObject({ state: 'waiting', error: expect.stringMatching(/greylisted/) });
    mail.refusal = { code: 550, text: 'no such user' };
    await until(() => sender('kim').counts.givenUp === 1);
    expect(mail.mails).toEqual([]);
  });
});

test('no secret is in a log, an answer or an error, though the other side quotes what it was told', async () => {
  const lines: string[] = [];
  http.answer = (response, { path, headers }) =>
    response.writeHead(502).end(`cannot reach ${path} with ${headers.authorization}`);
  const environment = { URL: `${http.url}/services/T0/hidden-1`, BEARER: 'hidden-2', TOKEN: '1:hidden-3' };
  const of = (name: string) => '${'.concat(name, '}');
  world = await startNotifying(
    `{ receivers: { s: { kind: slack, url: "${of('URL')}" }, w: { kind: webhook, url: "${of('URL')}", bearer: "${of('BEARER')}" }, t: { kind: telegram, chat: x, token: "${of('TOKEN')}", api: "${http.url}" } } }`,
    environment,
    { log: pino({}, { write: (line: string) => lines.push(line) }) },
  );
  await gatewayOffline(world.hub, 'plant-1', true);
  const names = ['s', 'w', 't'];
  await until(() => names.every((name) => sender(name).lastFailed !== undefined));
  for (const name of names) await world.notify.test(name);
  expect(http.received.some(({ path }) => path.includes('hidden-3'))).toBe(true);
  const answers = [await world.hub.get('/api/v1/notify/receivers'), await world.hub.get('/api/v1/notify/log')];
  const told = [...lines, ...answers.map(({ body }) => body)].join();
  expect(told).toContain('cannot reach');
  expect(told).not.toContain('hidden');
});

describe('the API', () => {
  test('tells who was told what and when, of one alarm and of all, in pages; a test is sent at once', async () => {
    world = await startNotifying(`{ receivers: { a: { kind: webhook, url: "${http.url}/a", bearer: "${KEY}" } } }`, {
      KEY: 'hidden',
    });
    const { hub } = world;
    await gatewayOffline(hub, 'plant-1', true);
    await until(() => http.received.length === 1);
    await gatewayOffline(hub, 'plant-1', false);
    await until(() => sender('a').waiting === 0 && http.received.length === 2);
    const call = (key: string) =>
      hub.server.inject({
        ...{ method: 'POST', url: '/api/v1/notify/receivers/a/test' },
        headers: { host: 'localhost', authorization: `Bearer ${key}` },
      });
    expect((await call(hub.keys.operator)).statusCode).toBe(403);
    const tested = await call(hub.keys.admin);
    expect(tested.json()).toMatchObject({ state: 'delivered', reason: 'test', attempts: 1 });
    expect(http.received[2]?.headers.authorization).toBe('Bearer hidden');

    const log = (await hub.get('/api/v1/notify/log?limit=2')).json();
    expect(log.told.map(({ what }: { what: string }) => what)).toEqual(['test', 'cleared']);
    const rest = (await hub.get(`/api/v1/notify/log?limit=2&cursor=${encodeURIComponent(log.cursor)}`)).json();
    expect(rest.told).toMatchObject([
      { what: 'raised', receiver: 'a', state: 'delivered', attempts: 1, response: '200 ok' },
    ]);
    expect(rest.cursor).toBeUndefined();
    const detail = (await hub.get(`/api/v1/alarms/${rest.told[0].alarm}`)).json();
    expect(detail.told.map(({ what }: { what: string }) => what)).toEqual(['cleared', 'raised']);
    expect(JSON.stringify([(await hub.get('/api/v1/notify/receivers')).json(), log])).not.toContain('hidden');
    expect((await hub.get('/api/v1/notify/log?cursor=x')).statusCode).toBe(400);
  });
});
