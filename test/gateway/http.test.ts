import { createServer, request } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { quietLog } from '../../core/log.ts';
import { Metrics } from '../../core/metrics.ts';
import { PATIENCE_MS } from '../../core/progress.ts';
import { HttpServer } from '../../gateway/http-server.ts';
import { listenOrExplain } from '../../gateway/listen.ts';
import type { StatusReport } from '../../gateway/status.ts';
import type { PageFacts } from '../../gateway/status-page.ts';
import { ownPort, untilOpen } from '../support/own-port.ts';

const HOSTILE = `"><script>alert('x')</script>&`;

const facts: PageFacts = {
  ...{ gateway: 'g', site: HOSTILE, version: HOSTILE, link: 'offline', linkFault: HOSTILE },
  ...{ backlog: 1, journalBytes: 1, atRiskMs: 1000, uptimeMs: 1 },
  channels: [
    {
      name: HOSTILE,
      port: HOSTILE,
      state: 'faulted',
      fault: HOSTILE,
      utilisation: 0.5,
      exchanges: 8,
      faults: 2,
      latenessMs: 3,
    },
  ],
  devices: [
    {
      ...{ name: HOSTILE, channel: HOSTILE, state: 'offline', fault: HOSTILE as never, latency: { p50: 4, p99: 1500 } },
      ...{ requests: 1000, faults: { [HOSTILE]: 120, 'no-answer': 3 }, refused: [HOSTILE] },
    },
    {
      ...{ name: 'well', channel: 'bus', state: 'answering', latency: { p50: 12, p99: 41.2 } },
      ...{ requests: 70, faults: {}, refused: ['holding 5', 'input 10–12'] },
    },
  ],
  values: [
    { point: HOSTILE, text: HOSTILE, unit: HOSTILE, ageMs: 0, fault: undefined },
    { point: 'p', text: '17', unit: 'V', ageMs: 0, fault: 'no-answer' },
  ],
};

const journal = { what: 'journal', forMs: 0, stalledMs: () => journal.forMs };
let port: number;
let abort: AbortController;
let done: Promise<void>;

beforeEach(async () => {
  port = await ownPort();
  const report = { page: async () => facts, latest: () => [] } as unknown as StatusReport;
  abort = new AbortController();
  done = new HttpServer(
    { host: '127.0.0.1', port },
    { report, metrics: new Metrics(), parts: [journal] },
    quietLog,
  ).run(abort.signal);
  await untilOpen(port);
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

test('lines and devices: what is well is said without a mark', async () => {
  const { body } = await get('/');
  const row = (name: string) =>
    body
      .split('<tr>')
      .slice(1)
      .find((part) => part.includes(name)) ?? '';
  expect(row('>well')).toContain('refuses holding 5, input 10–12');
  expect(row('>well')).toMatch(/answers<td class="n">12 ms .*\/ 41 ms/);
  expect(row('>well')).not.toMatch(/▲|no-answer/);
  expect(row('1.5 s')).toMatch(/▲ does not answer/);
  expect(row('1.5 s')).toContain('no-answer 0.3&nbsp;%');
  expect(row('50 %')).toContain('25&nbsp;%');
  expect((await get('/', { 'accept-language': 'ko' })).body).toContain('응답 없음');
});

test.each(['//', '///x', '/%', '/nothing?x=//', 'http://[/'])('the path %s is not found', async (path) => {
  expect((await get(path)).status).toBe(404);
});

test('health says what hangs, and that it is well again', async () => {
  expect(await get('/healthz')).toEqual({ status: 200, body: 'ok\n' });
  journal.forMs = PATIENCE_MS;
  expect(await get('/healthz')).toEqual({ status: 503, body: 'hangs: journal\n' });
  journal.forMs = 0;
  expect((await get('/healthz')).status).toBe(200);
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
