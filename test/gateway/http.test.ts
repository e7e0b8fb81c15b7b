import { createServer, request } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import { Metrics } from '../../core/metrics.ts';
import { HttpServer } from '../../gateway/http-server.ts';
import { listenOrExplain } from '../../gateway/listen.ts';
import type { StatusReport } from '../../gateway/status.ts';
import type { PageFacts } from '../../gateway/status-page.ts';

const HOSTILE = `"><script>alert('x')</script>&`;

const facts: PageFacts = {
  ...{ gateway: 'g', site: HOSTILE, version: HOSTILE, link: 'offline', linkFault: HOSTILE },
  ...{ backlog: 1, journalBytes: 1, atRiskMs: 1000, uptimeMs: 1 },
  channels: [{ name: HOSTILE, port: HOSTILE, state: 'faulted', fault: HOSTILE, utilisation: 0.5 }],
  values: [
    { point: HOSTILE, text: HOSTILE, unit: HOSTILE, ageMs: 0, fault: undefined },
    { point: 'p', text: '17', unit: 'V', ageMs: 0, fault: 'no-answer' },
  ],
};

let port: number;
let abort: AbortController;
let done: Promise<void>;

beforeEach(async () => {
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
  port = (free.address() as { port: number }).port;
  await new Promise((resolve) => free.close(resolve));
  const report = { page: async () => facts, latest: () => [] } as unknown as StatusReport;
  abort = new AbortController();
  done = new HttpServer({ host: '127.0.0.1', port }, report, new Metrics(), quietLog).run(abort.signal);
  await systemClock.sleep(50);
});

afterEach(async () => {
  abort.abort();
  await done;
});

function get(path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers, agent: false }, async (response) => {
      let body = '';
      for await (const part of response) body += String(part);
      resolve({ status: response.statusCode ?? 0, body });
    })
      .on('error', reject)
      .end();
  });
}

test('hostile names are text on the page, and a fault is never shown as a number', async () => {
  const { status, body } = await get('/');
  expect(status).toBe(200);
  expect(body).not.toContain('<script');
  expect(body).not.toContain(`alert('`);
  expect(body).not.toContain('17');
  expect(body).toContain('▲ no-answer');
});

test.each(['//', '///x', '/%', '/nothing?x=//', 'http://[/'])('the path %s is not found', async (path) => {
  expect((await get(path)).status).toBe(404);
});

test("another site's name is refused", async () => {
  expect((await get('/', { host: 'evil.example.com' })).status).toBe(421);
});

test('a connection that cannot be taken ends nothing', async () => {
  const server = createServer();
  expect(await listenOrExplain(server, { host: '127.0.0.1', port: 0 }, 'test', quietLog)).toBe(true);
  expect(() => server.emit('error', new Error('EMFILE'))).not.toThrow();
  await new Promise((resolve) => server.close(resolve));
});
