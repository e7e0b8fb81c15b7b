import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../../core/package-root.ts';
import { startHub } from '../support/hub.ts';

let folder: string;
let html: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'page-'));
  const root = join(packageRoot, 'monitor', 'dashboard');
  await build({
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true },
  });
  html = readFileSync(join(folder, 'index.html'), 'utf8');
});
afterAll(() => rm(folder, { recursive: true }));

test('what the browser must run before the page is usable stays below 60 kB', async () => {
  const scripts = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, path]) => path ?? '');
  expect(scripts.length).toBeGreaterThan(0);
  const sizes = await Promise.all(scripts.map(async (path) => gzipSync(await readFile(join(folder, path))).length));
  expect(sizes.reduce((a, b) => a + b)).toBeLessThan(60_000);
});

test('nothing is inline and nothing comes from elsewhere', async () => {
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/);
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
  expect(html).not.toMatch(/(?:src|href)="https?:/);
  const files = await readdir(join(folder, 'assets'));
  for (const name of files.filter((each) => each.endsWith('.css'))) {
    expect(await readFile(join(folder, 'assets', name), 'utf8')).not.toMatch(/@import|@font-face|https?:/);
  }
});

test('the hub serves it: compressed where asked, kept where the name has a hash', async () => {
  const hub = await startHub({ page: folder });
  const get = (url: string) => hub.server.inject({ url, headers: { host: 'localhost', 'accept-encoding': 'br' } });
  const page = await get('/');
  expect([page.statusCode, page.headers['content-encoding'], page.headers['cache-control']]).toEqual([
    200,
    'br',
    'no-cache',
  ]);
  const script = await get(/src="([^"]+)"/.exec(html)?.[1] ?? '');
  expect([script.statusCode, script.headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
  await hub.stop();
});
