import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CloudHub } from '../../cloud-sync/cloud-hub/cloud-hub.ts';
import { createRequest } from '../../cloud-sync/edge-hub/certificate-request.ts';
import { loadIdentity, saveIdentity } from '../../cloud-sync/edge-hub/identity.ts';
import { joinHub } from '../../cloud-sync/edge-hub/join.ts';
import { formatToken, parseToken } from '../../cloud-sync/protocol/join-token.ts';
import { isFault } from '../../core/faults.ts';
import { fastClock } from '../support/fast-clock.ts';
import { MemoryOutbox } from '../support/memory-outbox.ts';
import { HubHome, type RunningHub, startEdge, until } from '../support/sync-pair.ts';

let home: HubHome;
let running: RunningHub;
let dataDir: string;
const servers: Server[] = [];

beforeEach(async () => {
  home = await HubHome.create();
  running = await home.start();
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-edge-'));
});

afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await running.stop();
  await home.remove();
  await rm(dataDir, { recursive: true, force: true });
});

/** The two calls of the hub's HTTP that joining needs. */
async function serve(
  hub: CloudHub,
  options: { tls?: { cert: string; key: string }; ca?: string } = {},
): Promise<string> {
  const answer: Parameters<typeof createServer>[1] = (request, response) => {
    if (request.url === '/api/v1/ca.crt') {
      response.end(options.ca ?? hub.caPem);
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      Promise.resolve()
        .then(() => hub.join(JSON.parse(Buffer.concat(chunks).toString())))
        .then(
          (joined) => response.end(JSON.stringify(joined)),
          (error: unknown) => {
            response.statusCode = 403;
            response.end(JSON.stringify({ code: isFault(error) ? error.code : 'x', detail: String(error) }));
          },
        );
    });
  };
  const server = options.tls ? createTlsServer(options.tls, answer) : createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `${options.tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const token = (options: { gateway?: string; ttlMs?: number } = {}) =>
  running.hub.createToken({ ttlMs: 60_000, ...options });

describe('joining', () => {
  test.each(['http', 'https'])('gives an identity that the broker takes, over %s', async (scheme) => {
    const tls = scheme === 'https' ? { tls: await running.hub.issueServer([]) } : {};
    const hub = await serve(running.hub, tls);
    const { url } = await joinHub({ hub, token: await token({ gateway: 'plant-1' }), id: 'plant-1', dataDir });
    expect(url).toBe(`mqtts://127.0.0.1:${running.hub.port}`);
    const outbox = new MemoryOutbox().writeCatalogue();
    const identity = await loadIdentity(dataDir);
    const edge = startEdge({ gateway: 'plant-1', port: running.hub.port, identity, outbox });
    await until('confirmed', () => outbox.confirmed.get(outbox.epoch) === 1);
    await edge.stop();
    expect((await stat(join(dataDir, 'identity', 'gateway.key'))).mode & 0o777).toBe(0o600);
  });

  test('a token is good once', async () => {
    const hub = await serve(running.hub);
    const text = await token();
    await joinHub({ hub, token: text, id: 'plant-1', dataDir });
    await expect(joinHub({ hub, token: text, id: 'plant-2', dataDir })).rejects.toMatchObject({
      code: 'token-refused',
    });
    expect(home.enrolment.issued).toHaveLength(1);
  });

  test('two at once get one certificate', async () => {
    const text = await token();
    const { csr } = await createRequest('x');
    const ids = ['plant-1', 'plant-2'];
    const answers = await Promise.allSettled(ids.map((id) => running.hub.join({ token: text, id, csr })));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const [one, other] = [await token(), await token()];
    const same = await Promise.allSettled(
      [one, other].map((each) => running.hub.join({ token: each, id: 'plant-7', csr })),
    );
    expect(same.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('an open token admits no gateway that is enrolled; one of its own does', async () => {
    const { csr } = await createRequest('plant-1');
    await running.hub.join({ token: await token(), id: 'plant-1', csr });
    await expect(running.hub.join({ token: await token(), id: 'plant-1', csr })).rejects.toMatchObject({
      code: 'token-refused',
    });
    await running.hub.join({ token: await token({ gateway: 'plant-1' }), id: 'plant-1', csr });
  });

  test.each([
    ['expired', async () => token({ ttlMs: -1 })],
    ['for another gateway', async () => token({ gateway: 'plant-2' })],
    ['made up', async () => formatToken({ fingerprint: running.hub.fingerprint, secret: 'x'.repeat(32) })],
    [
      'bound to this gateway by its bearer',
      async () => (await token({ gateway: 'plant-2' })).replace('.plant-2.', '.plant-1.'),
    ],
  ])('a token %s is refused', async (_, make) => {
    const { csr } = await createRequest('plant-1');
    await expect(running.hub.join({ token: await make(), id: 'plant-1', csr })).rejects.toMatchObject({
      code: 'token-refused',
    });
    expect(home.enrolment.issued).toHaveLength(0);
  });

  test('a hub with another CA than the token names is not told anything', async () => {
    const elsewhere = await HubHome.create();
    const other = await elsewhere.start();
    const hub = await serve(other.hub);
    await expect(joinHub({ hub, token: await token(), id: 'plant-1', dataDir })).rejects.toMatchObject({
      code: 'ca-mismatch',
    });
    const tls = await other.hub.issueServer([]);
    const posing = await serve(running.hub, { tls, ca: running.hub.caPem });
    await expect(joinHub({ hub: posing, token: await token(), id: 'plant-1', dataDir })).rejects.toMatchObject({
      code: 'hub-untrusted',
    });
    await other.stop();
    await elsewhere.remove();
  });

  test.each([
    ['http://hub.example.com', 'usage'],
    ['hub.example.com', 'usage'],
    ['http://127.0.0.1:1', 'hub-unreachable'],
  ])('through %s is refused', async (hub, code) => {
    await expect(joinHub({ hub, token: await token(), id: 'plant-1', dataDir })).rejects.toMatchObject({ code });
  });

  test('too many attempts are refused unseen', async () => {
    await running.stop();
    // They fall into one minute, however slow the machine.
    running = await home.start({ clock: { ...fastClock(10), ticks: () => 0 } });
    const { csr } = await createRequest('plant-1');
    const wrong = formatToken({ fingerprint: running.hub.fingerprint, secret: 'x'.repeat(32) });
    const attempt = async () => running.hub.join({ token: wrong, id: 'plant-1', csr, address: '10.0.0.1' });
    for (let at = 0; at < 30; at++) await expect(attempt()).rejects.toMatchObject({ code: 'token-refused' });
    await expect(attempt()).rejects.toThrow(/attempts/);
    expect(home.enrolment.issued).toHaveLength(0);
    await running.hub.join({ token: await token(), id: 'plant-1', csr, address: '10.0.0.2' });
  });
});

test('a fleet with good tokens joins from one address', async () => {
  const { csr } = await createRequest('plant');
  for (let at = 0; at < 40; at++) {
    const id = `plant-${at}`;
    await running.hub.join({ token: await token({ gateway: id }), id, csr, address: '10.0.0.1' });
  }
  expect(home.enrolment.issued).toHaveLength(40);
});

describe('certificates', () => {
  test('take nothing from the request but its key', async () => {
    const { csr } = await createRequest('admin');
    const { certificate } = await running.hub.join({ token: await token(), id: 'plant-1', csr });
    const parsed = new X509Certificate(certificate);
    expect(parsed.subject).toBe('CN=plant-1');
    expect(parsed.subjectAltName).toBeUndefined();
    expect(parsed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(parsed.ca).toBe(false);
    expect(parsed.verify(new X509Certificate(running.hub.caPem).publicKey)).toBe(true);
    const days = (Date.parse(parsed.validTo) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(89);
    expect(days).toBeLessThan(91);
    expect(home.enrolment.issued[0]?.serial).toBe(parsed.serialNumber.toLowerCase());
  });

  test('are not given for requests that are not signed with their key', async () => {
    const { csr } = await createRequest('plant-1');
    const der = Buffer.from(csr.replace(/-----[^-]+-----/g, ''), 'base64');
    der[der.length - 5] = (der[der.length - 5] ?? 0) ^ 1;
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
    for (const bad of [forged, 'nonsense', '', 'x'.repeat(20_000)]) {
      const text = await token();
      await expect(running.hub.join({ token: text, id: 'plant-1', csr: bad })).rejects.toMatchObject({
        code: 'csr-refused',
      });
      // The token is still good.
      expect(home.enrolment.tokens.size).toBeGreaterThan(0);
    }
  });

  test('come from the same CA after a restart, and never from one whose key others can read', async () => {
    const before = running.hub.fingerprint;
    await running.stop();
    running = await home.start();
    expect(running.hub.fingerprint).toBe(before);
    await chmod(join(home.dataDir, 'ca', 'ca.key'), 0o640);
    await expect(home.start()).rejects.toMatchObject({ code: 'key-exposed' });
  });
});

describe('the identity', () => {
  const bundle = (mark: string) => ({ certificate: `c${mark}`, key: `k${mark}`, ca: `a${mark}` });

  test('is missing until the gateway has joined', async () => {
    await expect(loadIdentity(dataDir)).rejects.toMatchObject({ code: 'not-enrolled' });
  });

  test('that cannot be read is another thing than none', async () => {
    await saveIdentity(dataDir, bundle('1'));
    await rm(join(dataDir, 'identity', 'gateway.crt'));
    await mkdir(join(dataDir, 'identity', 'gateway.crt'));
    await expect(loadIdentity(dataDir)).rejects.toMatchObject({ code: 'data-dir' });
  });

  test('is replaced whole, and the one before serves when a power cut fell in between', async () => {
    await saveIdentity(dataDir, bundle('1'));
    await saveIdentity(dataDir, bundle('2'));
    expect(await loadIdentity(dataDir)).toEqual(bundle('2'));
    await rename(join(dataDir, 'identity'), join(dataDir, 'gone'));
    expect(await loadIdentity(dataDir)).toEqual(bundle('1'));
    expect(await readFile(join(dataDir, 'gone', 'gateway.key'), 'utf8')).toBe('k2');
  });
});

describe('the text of a token', () => {
  test('says hub, gateway and secret', () => {
    const secret = 's'.repeat(32);
    const fingerprint = 'f'.repeat(43);
    expect(parseToken(formatToken({ fingerprint, secret }))).toEqual({ fingerprint, secret });
    expect(parseToken(` ${formatToken({ fingerprint, secret, gateway: 'a-1' })}\n`)).toEqual({
      fingerprint,
      secret,
      gateway: 'a-1',
    });
  });

  test.each([
    '',
    'sluice1.x.-.y',
    `sluice2.${'f'.repeat(43)}.-.${'s'.repeat(32)}`,
    `sluice1.${'f'.repeat(43)}.A.${'s'.repeat(32)}`,
  ])('%s is none', (text) => {
    expect(parseToken(text)).toBeUndefined();
  });
});
