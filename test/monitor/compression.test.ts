import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogue, entry, Journal } from './support/batches.ts';
import { startHub, type TestHub } from './support/hub.ts';

const POINTS = 500;
const UNPACK = { br: brotliDecompressSync, gzip: gunzipSync } as const;

let hub: TestHub;

beforeAll(async () => {
  hub = await startHub();
  const journal = new Journal();
  const points = Array.from({ length: POINTS }, (_, i) => entry(i, `device-${i}`, 'power'));
  await hub.archive.append([journal.batch([journal.publish(catalogue(points))])]);
});
afterAll(() => hub.stop());

const ask = (path: string, encoding: string) =>
  hub.server.inject({
    url: `/api/v1${path}`,
    headers: { host: 'localhost', authorization: `Bearer ${hub.keys.viewer}`, 'accept-encoding': encoding },
  });

test.each(['br', 'gzip'] as const)('a long answer is sent packed with %s, and says the same', async (encoding) => {
  const plain = await ask('/devices', 'identity');
  const packed = await ask('/devices', encoding);
  expect(packed.headers['content-encoding']).toBe(encoding);
  expect(UNPACK[encoding](packed.rawPayload).toString()).toBe(plain.body);
  expect(packed.rawPayload.length).toBeLessThan(plain.rawPayload.length / 5);
  expect(packed.headers.vary, 'a cache between must not give it to somebody else').toMatch(/accept-encoding/i);
});

test('a short one, and what nobody asked to have packed, goes as it is', async () => {
  expect((await ask('/me', 'br, gzip')).headers['content-encoding']).toBeUndefined();
  expect((await ask('/devices', 'identity')).headers['content-encoding']).toBeUndefined();
});

test('what comes packed is not unpacked: a few kilobytes could be gigabytes', async () => {
  const answer = await hub.server.inject({
    method: 'POST',
    url: '/api/v1/login',
    headers: { host: 'localhost', 'content-type': 'application/json', 'content-encoding': 'gzip' },
    payload: gzipSync(JSON.stringify({ name: 'a', password: 'b' })),
  });
  expect(answer.statusCode).toBe(400);
});
