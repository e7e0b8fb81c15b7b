import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHub, type TestHub } from '../support/hub.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub.stop());

const PLAN =
  '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 200"><rect width="9" height="9"/></svg>';

function chunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  // The checksum is nobody's business here: only the header is looked at.
  return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)]);
}
function png(width: number, height: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    magic,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.alloc(10))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const DAY = 86_400_000;
const svg = (n: number) => PLAN.replace('9"/>', `9" id="p${n}"/>`);
const sendFor = async (n: number) => (await send(svg(n))).json().id as string;
const isThere = async (id: string) => (await hub.get(`/api/v1/pictures/${id}`)).statusCode === 200;
const post = (path: string, payload: object) =>
  hub.server.inject({
    ...{ method: 'POST', url: `/api/v1/${path}`, payload },
    headers: { host: 'localhost', authorization: `Bearer ${hub.keys.admin}` },
  });
const walked = async (id: string, photo: string) => {
  const answers = { dry: { ok: true, photo } };
  const walk = { id, version: 1, startedAt: 1, finishedAt: 2, answers };
  expect((await post('rounds/wet/results', walk)).statusCode).toBe(200);
};

function send(payload: Buffer | string, type = 'image/png', role: 'operator' | 'viewer' = 'operator') {
  const headers = { host: 'localhost', authorization: `Bearer ${hub.keys[role]}`, 'content-type': type };
  return hub.server.inject({ method: 'POST', url: '/api/v1/pictures', headers, payload });
}

test('a picture is kept once, whatever it is called, and comes back byte by byte under a policy that runs nothing', async () => {
  const added = (await send(PLAN, 'image/png')).json();
  expect(added).toMatchObject({ type: 'image/svg+xml', width: 320, height: 200 });
  expect((await send(PLAN, 'image/svg+xml')).json().id).toBe(added.id);
  const got = await hub.get(`/api/v1/pictures/${added.id}`);
  expect(got.rawPayload.equals(Buffer.from(PLAN))).toBe(true);
  expect(got.headers).toMatchObject({ 'content-type': 'image/svg+xml', 'x-content-type-options': 'nosniff' });
  expect(got.headers['content-security-policy']).toContain('sandbox');
  expect(got.headers['content-security-policy']).not.toContain('script-src');
  expect((await send(png(640, 480))).json()).toMatchObject({ type: 'image/png', width: 640, height: 480 });
});

test.each<[string, Buffer | string, string]>([
  ['20 MB', Buffer.alloc(20 * 1024 * 1024, 1), 'it has 20 MB, and at most 5 MB are taken'],
  ['an SVG that ends too early', PLAN.slice(0, -10), 'the SVG is not well-formed'],
  ['an SVG without a size', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'neither its viewBox nor its width'],
  ['a page', '<html><body onload="alert(1)"/></html>', 'html is no picture'],
  [
    'entities that grow',
    `<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg viewBox="0 0 1 1">&b;</svg>`,
    'not well-formed',
  ],
  ['more than a browser can draw', png(60_000, 60_000), 'a side has at most 12000'],
  ['a cut-off picture', png(10, 10).subarray(0, 12), 'it is not a picture, or it is damaged'],
  ['a GIF', Buffer.from('47494638396101000100800000', 'hex'), 'it is gif, and PNG, JPEG, WebP or SVG are taken'],
  ['nothing', '', 'it is not a picture'],
])('%s is refused with the reason', async (_, payload, reason) => {
  const answer = await send(payload);
  expect(answer.statusCode).toBe(422);
  expect(answer.json()).toMatchObject({ code: 'picture-refused' });
  expect(answer.json().detail).toContain(reason);
});

test('only an operator adds one; a body of another type is no picture', async () => {
  expect((await send(PLAN, 'image/png', 'viewer')).statusCode).toBe(403);
  expect((await send('{}', 'application/json')).statusCode).toBe(400);
  expect((await hub.get(`/api/v1/pictures/${'0'.repeat(32)}`)).statusCode).toBe(404);
});

describe('how long pictures are kept', () => {
  beforeAll(async () => {
    const places = [{ id: 'room', name: 'Room', items: [{ id: 'dry', text: 'Dry', kind: 'ok', photo: true }] }];
    expect((await post('documents/round/wet', { from: 0, body: { name: 'Wet', places } })).statusCode).toBe(200);
  });
  const now = () => hub.context.clock.now();
  const remove = (at: number, mostBytes?: number) => hub.context.pictures.removeUnneeded(at, mostBytes);

  test('what nothing names goes after a day; what is sent again is new again', async () => {
    const [board, photo, loose, again] = [await sendFor(1), await sendFor(2), await sendFor(3), await sendFor(4)];
    const box = { id: 'b', x: 0, y: 0, width: 1, height: 1, kind: 'picture', picture: board };
    expect((await post('documents/board/b', { from: 0, body: { name: 'B', tiles: [box] } })).statusCode).toBe(200);
    await walked('walk-0001', photo);
    await remove(now() + DAY - 60_000);
    expect(await isThere(loose)).toBe(true);
    await hub.database.write((connection) => connection.run('UPDATE pictures SET added_ms = added_ms - 100000'));
    await sendFor(4);
    await remove(now() + DAY - 50_000);
    expect(await Promise.all([board, photo, loose, again].map(isThere))).toEqual([true, true, false, true]);
  });

  test('photos of rounds are limited by their bytes: the oldest go', async () => {
    const ids = [];
    for (const n of [11, 12, 13]) {
      ids.push(await sendFor(n));
      await walked(`walk-00${n}`, ids.at(-1) ?? '');
      await hub.database.write((connection) => connection.run('UPDATE pictures SET added_ms = added_ms - 1000'));
    }
    await remove(now(), 2 * svg(11).length + 10);
    expect(await Promise.all(ids.map(isThere))).toEqual([false, true, true]);
  });

  test('photos of rounds take no place of others; where there is none, a phone may try again', async () => {
    const photo = await sendFor(20);
    await walked('walk-0020', photo);
    await hub.database.write((connection) =>
      connection.run(
        `INSERT INTO pictures SELECT 'photo' || i, 'image/png', 1, 1, ''::BLOB, 0, '', 1 FROM range(600) t(i)`,
      ),
    );
    expect((await send(svg(21))).statusCode).toBe(201);
    await hub.database.write((connection) =>
      connection.run(
        `INSERT INTO pictures SELECT 'plan' || i, 'image/png', 1, 1, ''::BLOB, 0, '', NULL FROM range(500) t(i)`,
      ),
    );
    const full = await send(svg(22));
    expect([full.statusCode, full.json().code]).toEqual([503, 'pictures-full']);
  });
});
