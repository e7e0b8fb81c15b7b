import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Ca } from '../../cloud-sync/cloud-hub/ca.ts';
import { createRequest } from '../../cloud-sync/edge-hub/certificate-request.ts';
import { type Identity, loadIdentity, loadPrevious, saveIdentity } from '../../cloud-sync/edge-hub/identity.ts';
import { renewAt } from '../../cloud-sync/edge-hub/renewal.ts';
import { systemClock } from '../../core/clock.ts';
import { MemoryOutbox } from '../support/memory-outbox.ts';
import { enrol, HubHome, type RunningEdge, type RunningHub, startEdge, until } from '../support/sync-pair.ts';

const DAY_MS = 86_400_000;
const ID = 'plant-1';
let home: HubHome;
let running: RunningHub;
let dataDir: string;
const edges: RunningEdge[] = [];

beforeEach(async () => {
  home = await HubHome.create();
  running = await home.start();
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-renewal-'));
});
afterEach(async () => {
  for (const edge of edges.splice(0)) await edge.stop();
  await running.stop();
  await home.remove();
  await rm(dataDir, { recursive: true, force: true });
});

/** As if the gateway had joined that long ago. */
async function joined(daysAgo: number): Promise<Identity> {
  const then = { ...systemClock, now: () => systemClock.now() - daysAgo * DAY_MS };
  const { key, csr } = await createRequest(ID);
  const { pem, record } = await (await Ca.open(home.dataDir, then)).issueGateway(ID, csr);
  home.enrolment.issued.push(record);
  return { certificate: pem, key, ca: running.hub.caPem };
}

function start(identity: Identity, previous?: Identity): { outbox: MemoryOutbox; edge: RunningEdge } {
  const outbox = new MemoryOutbox().writeCatalogue();
  const save = (next: Identity) => saveIdentity(dataDir, next);
  const edge = startEdge({ gateway: ID, port: running.hub.port, identity, outbox, renewal: { previous, save } });
  edges.push(edge);
  return { outbox, edge };
}

const serialOf = ({ certificate }: Identity) => new X509Certificate(certificate).serialNumber.toLowerCase();
const saved = () => loadIdentity(dataDir).catch(() => undefined);

test('is due when two thirds of a certificate are over, not of all at the same time', async () => {
  const ages = [];
  for (let each = 0; each < 8; each++) {
    const { certificate } = await enrol(running.hub, `plant-${each}`);
    ages.push((renewAt(certificate) - Date.now()) / DAY_MS);
  }
  expect(Math.min(...ages)).toBeGreaterThan(59);
  expect(Math.max(...ages)).toBeLessThan(68);
  expect(new Set(ages.map((age) => age.toFixed(3))).size).toBeGreaterThan(6);
});

test('brings a new key and certificate, kept beside the old ones and used at once', async () => {
  const old = await joined(70);
  await saveIdentity(dataDir, old);
  const { outbox, edge } = start(old);
  await until('a new certificate', async () => serialOf((await saved()) ?? old) !== serialOf(old));
  const next = (await saved()) as Identity;
  expect(next.key).not.toBe(old.key);
  expect((Date.parse(new X509Certificate(next.certificate).validTo) - Date.now()) / DAY_MS).toBeGreaterThan(89);
  expect((await loadPrevious(dataDir))?.key).toBe(old.key);
  // The old one is of no more use to anybody, and the gateway is there.
  await running.hub.revoke(ID, serialOf(old));
  await until('welcomed', () => edge.state().link === 'welcomed');
  outbox.writeCatalogue();
  await until('confirmed', () => outbox.confirmed.get(outbox.epoch) === 2);
  expect(edge.state().link).toBe('welcomed');
});

test('waits until it is time', async () => {
  const young = await joined(50);
  const { edge } = start(young);
  await until('welcomed', () => edge.state().link === 'welcomed');
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(home.enrolment.issued).toHaveLength(1);
  expect(await saved()).toBeUndefined();
});

test('falls back on the old certificate while the hub does not take the new one', { timeout: 60_000 }, async () => {
  const [old, revoked] = [await joined(70), await joined(1)];
  await running.hub.revoke(ID, serialOf(revoked));
  start(revoked, old);
  await until('another one', async () => serialOf((await saved()) ?? old) !== serialOf(old), 20_000);
  expect(home.enrolment.issued).toHaveLength(3);
});

describe('what is revoked', () => {
  test('gets no certificate that follows, not even one that was asked for before', async () => {
    const old = await joined(70);
    const store = home.enrolment;
    const renew = store.renew.bind(store);
    // The revocation comes while the hub is at work on the answer.
    store.renew = async (under, certificate) => {
      await store.revoke(ID, 0);
      return renew(under, certificate);
    };
    const { edge } = start(old);
    await until('refused', () => edge.state().fault === 'hub-refused' || store.revoked.size > 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(store.issued).toHaveLength(1);
    expect(await saved()).toBeUndefined();
  });

  test('by its serial loses its session; another certificate of the gateway keeps it', async () => {
    const [stolen, own] = [await joined(1), await joined(1)];
    const { edge } = start(own);
    await until('welcomed', () => edge.state().link === 'welcomed');
    const { session } = edge.state();
    expect(await running.hub.revoke(ID, serialOf(stolen))).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(edge.state()).toMatchObject({ link: 'welcomed', session });
    expect(await running.hub.revoke(ID, serialOf(own))).toBe(1);
    await until('cut off', () => edge.state().fault === 'hub-refused');
  });

  test('does not come back with its key under a new certificate', async () => {
    const { key, csr } = await createRequest(ID);
    const token = () => running.hub.createToken({ gateway: ID, ttlMs: 60_000 });
    await running.hub.join({ token: await token(), id: ID, csr });
    expect(key).toContain('PRIVATE KEY');
    await running.hub.revoke(ID);
    await expect(running.hub.join({ token: await token(), id: ID, csr })).rejects.toMatchObject({
      code: 'csr-refused',
    });
    await expect(enrol(running.hub, ID)).resolves.toMatchObject({});
  });
});

describe('another CA', () => {
  const caOf = async () => (await saved())?.ca ?? '';
  const finish = (force = false) => running.hub.ca.finish(force);

  test('is learnt by gateways that are there and by those that come, and then the old one is gone', async () => {
    const old = await joined(1);
    await saveIdentity(dataDir, old);
    const { outbox, edge } = start(old);
    await until('welcomed', () => edge.state().link === 'welcomed');
    await enrol(running.hub, 'far-away');
    expect(await running.hub.ca.state()).toEqual({ fingerprint: running.hub.fingerprint, waiting: [] });

    const { fingerprint, next } = await running.hub.ca.rotate();
    expect(fingerprint).toBe(running.hub.fingerprint);
    await until('both are trusted', async () => (await caOf()).split('BEGIN CERTIFICATE').length === 3);
    await until('the gateway is welcomed', () => edge.state().link === 'welcomed');
    expect(await running.hub.ca.state()).toMatchObject({ next, waiting: ['far-away'] });
    await expect(finish()).rejects.toMatchObject({ code: 'ca-awaited', message: expect.stringContaining('far-away') });

    // A restart in between changes nothing; a newcomer of these days is fit for both.
    await running.stop();
    running = await home.start();
    expect((await running.hub.ca.state()).next).toBe(next);
    const newcomer = await enrol(running.hub, 'newcomer');
    await running.hub.revoke('far-away');
    expect(await finish()).toEqual({ fingerprint: next, waiting: [] });
    expect(running.hub.fingerprint).toBe(next);

    const again = start((await saved()) as Identity);
    await until('welcomed under the new CA', () => again.edge.state().link === 'welcomed');
    const other = new MemoryOutbox().writeCatalogue();
    edges.push(startEdge({ gateway: 'newcomer', port: running.hub.port, identity: newcomer, outbox: other }));
    await until('the newcomer too', () => other.confirmed.get(other.epoch) === 1);
    expect(outbox.epoch).not.toBe(other.epoch);
  });

  test('locks out who was never told, if that is wanted', async () => {
    const old = await joined(1);
    await running.hub.ca.rotate();
    await finish(true);
    const { edge } = start(old);
    await until('untrusted', () => edge.state().fault !== undefined);
    expect(['hub-untrusted', 'hub-refused']).toContain(edge.state().fault);
  });
});
