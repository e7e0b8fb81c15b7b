import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verb } from '../../cli/export.ts';
import type { Io } from '../../cli/verb.ts';
import { systemClock } from '../../core/clock.ts';

let server: Server;
let hub: string;

beforeAll(async () => {
  server = createServer((_, response) => response.end('time,point,value\n'));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  hub = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const quiet: Io = { out() {}, err() {}, isTty: false, clock: systemClock, signal: new AbortController().signal };

async function run(...args: string[]): Promise<number> {
  const all = ['--point', 'g/d/p', '--hub', hub, ...args];
  const { values, positionals } = parseArgs({ args: all, options: verb.options, allowPositionals: true });
  return verb.run({ values, positionals }, quiet);
}

test.each([
  [['-o', '/does/not/exist/x.csv'], 'file-unwritable'],
  [['--ca', '/does/not/exist.crt'], 'file-missing'],
  [['--format', 'xls'], 'usage'],
  [['--hub', 'http://127.0.0.1:1'], 'hub-unreachable'],
] as const)('%s is told in one line', async (args, code) => {
  await expect(run(...args)).rejects.toMatchObject({ code });
});
