import { mkdtempSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Authority, makeAuthority, readAuthority } from '../../../cloud-sync/cloud-hub/authority.ts';
import { Ca } from '../../../cloud-sync/cloud-hub/ca.ts';
import { exportKey, newKeys, newSerial, provider, SIGN_SHA256, x509 } from '../../../cloud-sync/cloud-hub/x509.ts';
import { createRequest } from '../../../cloud-sync/edge-hub/certificate-request.ts';
import type { Identity } from '../../../cloud-sync/edge-hub/identity.ts';
import { instant, systemClock } from '../../../core/clock.ts';
import { type Attempt, type Row, refused, succeeded } from '../attempt.ts';
import { tryConnect } from '../mqtt.ts';
import { HEALTHY, type World } from '../world.ts';

const DAY = 86_400_000;
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

interface Forged {
  readonly name: string;
  readonly from?: number;
  readonly to?: number;
  readonly usage?: string;
}

/** A certificate by whoever holds a CA's key. */
async function forge(authority: Authority, ca: string, { name, from, to, usage }: Forged): Promise<Identity> {
  const keys = await newKeys();
  const now = systemClock.now();
  const certificate = await x509.X509CertificateGenerator.create(
    {
      ...{ serialNumber: newSerial(), subject: name, issuer: authority.certificate.subject },
      ...{ notBefore: instant(now + (from ?? -DAY)), notAfter: instant(now + (to ?? DAY)) },
      ...{ publicKey: keys.publicKey as CryptoKey, signingKey: authority.key as CryptoKey },
      signingAlgorithm: SIGN_SHA256,
      extensions: [new x509.ExtendedKeyUsageExtension([usage ?? CLIENT_AUTH])],
    },
    provider,
  );
  return { certificate: certificate.toString('pem'), key: await exportKey(keys.privateKey), ca };
}

async function present(world: World, what: string, identity: Identity, clientId = HEALTHY): Promise<Attempt> {
  const client = await tryConnect(world, identity, { clientId });
  if (typeof client === 'string') return refused(what, client);
  client.end(true);
  return succeeded(what, 'it was let in');
}

export const certificates: Row = {
  name: 'certificates',
  async run(world) {
    const { ca } = world;
    const pem = (name: string) => readFile(join(world.hubDir, 'ca', name), 'utf8');
    const own = await readAuthority(await pem('ca.crt'), await pem('ca.key'));
    const made = await makeAuthority(systemClock);
    const foreign = await readAuthority(made.certificate, made.key);
    const self = await Ca.open(mkdtempSync(join(world.dir, 'ca-')), systemClock);
    const name = `CN=${HEALTHY}`;
    const forged = (given: Forged, by = own) => forge(by, ca, given);
    return [
      await present(world, 'of another CA', await forged({ name }, foreign)),
      await present(world, 'self-signed hub CA for its own server', { ...(await serverOf(self)), ca }),
      await present(world, 'none at all', { certificate: '', key: '', ca }),
      await present(world, 'expired', await forged({ name, from: -90 * DAY, to: -DAY })),
      await present(world, 'not valid yet', await forged({ name, from: DAY, to: 2 * DAY })),
      await present(world, 'for servers', await forged({ name, usage: SERVER_AUTH })),
      ...(await odd(world, forged)),
      await present(world, 'right one under the name of another', world.hostile, HEALTHY),
      await present(world, 'right one under no name', world.hostile, ''),
      await present(world, 'right one under a name in capitals', world.hostile, 'PLANT-B'),
      ...(await revoked(world)),
    ];
  },
};

/** Names that a careless comparison takes for another's, even if the CA had signed them. */
async function odd(world: World, forged: (given: Forged) => Promise<Identity>): Promise<Attempt[]> {
  const names: readonly [string, string][] = [
    ['CN of two names', `CN=other, CN=${HEALTHY}`],
    ['CN with a zero byte', `CN=${HEALTHY}\u0000.evil`],
    ['CN in capitals', `CN=${HEALTHY.toUpperCase()}`],
    ['CN with a slash', `CN=${HEALTHY}/up`],
    ['CN of wildcards', 'CN=\\#'],
    ['CN of a plus', 'CN=\\+'],
    ['CN only in the organisation', `O=${HEALTHY}`],
    ['CN with blanks around', `CN=\\ ${HEALTHY}`],
  ];
  const found: Attempt[] = [];
  for (const [what, name] of names) found.push(await present(world, what, await forged({ name })));
  return found;
}

async function serverOf(ca: Ca): Promise<Omit<Identity, 'ca'>> {
  const { cert, key } = await ca.issueServer([]);
  return { certificate: cert, key };
}

/** By its gateway, by its serial, and by its key under a new certificate. */
async function revoked(world: World): Promise<Attempt[]> {
  const stolen = await world.enrol('plant-20');
  const live = await tryConnect(world, stolen, { clientId: 'plant-20' });
  if (typeof live === 'string') throw new Error(`a good certificate: ${live}`);
  const over = new Promise<boolean>((resolve) => {
    live.once('close', () => resolve(true));
    setTimeout(() => resolve(false), 20_000).unref();
  });
  await world.post('admin', '/api/v1/gateways/plant-20/revoke');
  const kicked = (await over) ? refused('revoked while connected', 'the connection was ended') : undefined;
  const two = await world.enrol('plant-21');
  const list = await world.json<{ certificates: { serial: string }[] }>(
    'admin',
    '/api/v1/gateways/plant-21/certificates',
  );
  const serial = list.certificates[0]?.serial ?? '';
  const body = { method: 'POST', body: { serial } };
  await world.as('admin', '/api/v1/gateways/plant-21/revoke', body);
  return [
    kicked ?? succeeded('revoked while connected', 'it stays'),
    await present(world, 'revoked with its gateway', stolen, 'plant-20'),
    await present(world, 'revoked by its serial', two, 'plant-21'),
    await revokedKey(world),
  ];
}

async function revokedKey(world: World): Promise<Attempt> {
  const what = 'a revoked key under a new token';
  const { csr } = await createRequest('plant-22');
  const joinOnce = async () =>
    world.ask('/api/v1/join', {
      ...{ method: 'POST', from: '127.0.4.4' },
      body: { token: await world.token('plant-22'), id: 'plant-22', csr },
    });
  await joinOnce();
  await world.post('admin', '/api/v1/gateways/plant-22/revoke');
  const again = await joinOnce();
  return again.status === 200 ? succeeded(what, 'a certificate') : refused(what, `${again.status} ${again.code}`);
}
