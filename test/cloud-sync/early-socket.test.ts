import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Ca } from '../../cloud-sync/cloud-hub/ca.ts';
import { createRequest } from '../../cloud-sync/edge-hub/certificate-request.ts';
import { connectEarly } from '../../cloud-sync/edge-hub/early-socket.ts';
import { systemClock } from '../../core/clock.ts';
import { FakeClock } from '../support/fake-clock.ts';

const YEAR = 365 * 86_400_000;
const now = systemClock.now();
const aheadOf = (ms: number) => new FakeClock(now + ms);
let folder: string;
const servers: Server[] = [];
/** As the gateway's clock sees it, this CA comes from next year. */
let ca: Ca;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'early-'));
  ca = await Ca.open(join(folder, 'ca'), aheadOf(YEAR));
});
afterAll(async () => {
  for (const server of servers) server.close();
  await rm(folder, { recursive: true });
});

/** Resolves to what the hub heard, or the code of the error that ended the connection. */
async function talk(
  server: { cert: string; key: string },
  trusted: string,
  { host = '127.0.0.1', at = now } = {},
): Promise<string> {
  const heard: string[] = [];
  const listening = createServer(server, (socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      heard.push(String(bytes));
      socket.end();
    });
  });
  listening.on('tlsClientError', () => {});
  servers.push(listening);
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  const identity = { certificate: '', key: '', ca: trusted };
  const socket = connectEarly({ host, port }, identity, at);
  socket.write('hello');
  return new Promise((resolve) => {
    let code = '';
    socket.on('error', (error: NodeJS.ErrnoException) => {
      code = String(error.code);
    });
    socket.resume();
    socket.on('close', () => setTimeout(() => resolve(heard.join('') || code), 50));
  });
}

describe('a gateway whose clock is behind', () => {
  test('takes a certificate that is not valid yet', async () => {
    expect(await talk(await ca.issueServer(['localhost']), ca.pem)).toBe('hello');
  });

  test('takes one that is valid', async () => {
    const today = await Ca.open(join(folder, 'today'), systemClock);
    expect(await talk(await today.issueServer(['localhost']), today.pem)).toBe('hello');
  });

  test('says nothing to a hub of another CA', async () => {
    const other = await Ca.open(join(folder, 'other'), aheadOf(YEAR));
    expect(await talk(await other.issueServer(['localhost']), ca.pem)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  test('says nothing to somebody who has the name of a gateway', async () => {
    const { key, csr } = await createRequest('localhost');
    const { pem } = await ca.issueGateway('localhost', csr);
    expect(await talk({ cert: pem, key }, ca.pem, { host: 'localhost' })).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  test('says nothing to a hub of another name', async () => {
    const { key, csr } = await createRequest('other');
    const { pem } = await ca.issueGateway('other', csr);
    expect(await talk({ cert: pem, key }, ca.pem)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('says nothing to a hub whose certificate has expired', async () => {
    const old = await Ca.open(join(folder, 'old'), aheadOf(-20 * YEAR));
    expect(await talk(await old.issueServer(['localhost']), old.pem)).toBe('CERT_HAS_EXPIRED');
  });

  test('says nothing to one that will have expired by the time that is known to be past', async () => {
    const server = await ca.issueServer(['localhost']);
    expect(await talk(server, ca.pem, { at: now + 40 * YEAR })).toBe('CERT_HAS_EXPIRED');
  });
});
