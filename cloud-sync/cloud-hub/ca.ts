import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { type Clock, instant } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import { checkSecret, mendReplaced, previousOf, replaceFolder } from '../../core/secret-folder.ts';
import type { GatewayId } from '../protocol/numbers.ts';
import type { IssuedCertificate } from './archive.ts';
import { type Authority, makeAuthority, readAuthority, SLACK_MS } from './authority.ts';
import { exportKey, newKeys, newSerial, provider, SIGN_SHA256, x509 } from './x509.ts';

const DAY_MS = 86_400_000;
const SERVER_DAYS = 7300;
const GATEWAY_DAYS = 90;

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

const FILES = { certificate: 'ca.crt', key: 'ca.key', nextCertificate: 'next.crt', nextKey: 'next.key' } as const;
export const CA_FILES = Object.values(FILES);

/**
 * The hub's own certificate authority, for its gateways and its listeners. EC P-256, in `<dataDir>/ca`. While it is being replaced there
 * are two: gateways get certificates of the next one and learn to trust both; the hub's own certificate is of the old one until all know
 * the new.
 */
export class Ca {
  readonly #folder: string;
  readonly #clock: Clock;
  #current: Authority;
  #next: Authority | undefined;

  private constructor(folder: string, clock: Clock, current: Authority, next: Authority | undefined) {
    this.#folder = folder;
    this.#clock = clock;
    this.#current = current;
    this.#next = next;
  }

  /**
   * Reads it, or makes it at the first start. A certificate and key of one's own may lie there before.
   * @throws Fault key-exposed, file-missing
   */
  static async open(dataDir: string, clock: Clock): Promise<Ca> {
    const folder = join(dataDir, 'ca');
    await mendReplaced(folder);
    if (!existsSync(join(folder, FILES.certificate))) await keep(folder, await makeAuthority(clock));
    const current = await read(folder, FILES.certificate, FILES.key);
    const next = existsSync(join(folder, FILES.nextCertificate))
      ? await read(folder, FILES.nextCertificate, FILES.nextKey)
      : undefined;
    return new Ca(folder, clock, current, next);
  }

  /** What the hub's own certificate is of, and join tokens vouch for. */
  get pem(): string {
    return this.#current.pem;
  }

  get fingerprint(): string {
    return this.#current.fingerprint;
  }

  /** What certificates of gateways may be of, and what gateways are to trust. */
  get trusted(): string {
    return this.#current.pem + (this.#next?.pem ?? '');
  }

  /** Certificates that began before this are to be followed at once; 0: as they age. Unix ms. */
  get renewBefore(): number {
    return this.#next?.certificate.notBefore.getTime() ?? 0;
  }

  get nextFingerprint(): string | undefined {
    return this.#next?.fingerprint;
  }

  /** Begins to replace it. Once begun it stays begun. */
  async rotate(): Promise<void> {
    if (this.#next) return;
    const next = await makeAuthority(this.#clock);
    await keep(this.#folder, await this.#files(), next);
    this.#next = await readAuthority(next.certificate, next.key);
  }

  /** The old one is trusted no more, and its key is gone. */
  async finish(): Promise<void> {
    if (!this.#next) return;
    const [certificate, key] = [FILES.nextCertificate, FILES.nextKey].map((name) => join(this.#folder, name));
    await keep(this.#folder, {
      certificate: await readFile(certificate as string, 'utf8'),
      key: await readFile(key as string, 'utf8'),
    });
    await rm(previousOf(this.#folder), { recursive: true, force: true });
    this.#current = this.#next;
    this.#next = undefined;
  }

  async #files() {
    const [certificate, key] = [FILES.certificate, FILES.key].map((name) => join(this.#folder, name));
    return {
      certificate: await readFile(certificate as string, 'utf8'),
      key: await readFile(key as string, 'utf8'),
    };
  }

  /** For a listener known by these names, besides localhost and 127.0.0.1. The key is new each time. */
  async issueServer(names: readonly string[]): Promise<{ readonly cert: string; readonly key: string }> {
    const keys = await newKeys();
    const all = [...new Set(['localhost', '127.0.0.1', '::1', ...names])];
    const certificate = await x509.X509CertificateGenerator.create(
      {
        ...this.#common(this.#current, SERVER_DAYS),
        subject: `CN=${names[0] ?? 'localhost'}`,
        publicKey: keys.publicKey as CryptoKey,
        extensions: [
          ...END_ENTITY,
          new x509.ExtendedKeyUsageExtension([SERVER_AUTH], true),
          new x509.SubjectAlternativeNameExtension(
            all.map((name) => ({ type: isIP(name) ? ('ip' as const) : ('dns' as const), value: name })),
          ),
        ],
      },
      provider,
    );
    return { cert: `${certificate.toString('pem')}\n`, key: await exportKey(keys.privateKey) };
  }

  /**
   * Takes nothing from the request but its key, and that only if the request is signed with it.
   * @throws Fault csr-refused
   */
  async issueGateway(
    gateway: GatewayId,
    csr: string,
  ): Promise<{ readonly pem: string; readonly record: IssuedCertificate }> {
    const publicKey = await readRequest(csr);
    const serial = newSerial();
    const certificate = await x509.X509CertificateGenerator.create(
      {
        ...this.#common(this.#next ?? this.#current, GATEWAY_DAYS),
        serialNumber: serial,
        subject: `CN=${gateway}`,
        publicKey,
        extensions: [...END_ENTITY, new x509.ExtendedKeyUsageExtension([CLIENT_AUTH], true)],
      },
      provider,
    );
    const notAfter = certificate.notAfter.getTime();
    return {
      pem: `${certificate.toString('pem')}\n`,
      record: {
        ...{ gateway, serial, notAfter },
        key: keyHash(publicKey.rawData),
        issuer: (this.#next ?? this.#current).fingerprint,
        issuedAt: this.#clock.now(),
      },
    };
  }

  #common({ certificate, key }: Authority, days: number) {
    const now = this.#clock.now();
    const end = Math.min(now + days * DAY_MS, certificate.notAfter.getTime());
    return {
      issuer: certificate.subject,
      signingKey: key as CryptoKey,
      signingAlgorithm: SIGN_SHA256,
      notBefore: instant(now - SLACK_MS),
      notAfter: instant(end),
    };
  }
}

interface Pems {
  readonly certificate: string;
  readonly key: string;
}

async function keep(folder: string, current: Pems, next?: Pems): Promise<void> {
  await replaceFolder(folder, {
    [FILES.certificate]: current.certificate,
    [FILES.key]: current.key,
    ...(next ? { [FILES.nextCertificate]: next.certificate, [FILES.nextKey]: next.key } : {}),
  });
}

async function read(folder: string, certificate: string, key: string): Promise<Authority> {
  const keyFile = join(folder, key);
  const keyPem = await readFile(keyFile, 'utf8').catch((cause: unknown) => {
    throw new Fault('file-missing', keyFile, { cause });
  });
  await checkSecret(keyFile);
  return readAuthority(await readFile(join(folder, certificate), 'utf8'), keyPem);
}

/** SHA-256 of a public key's DER [SubjectPublicKeyInfo], hex. */
export function keyHash(spki: ArrayBuffer | Uint8Array): string {
  return createHash('sha256')
    .update(Buffer.from(spki as Uint8Array))
    .digest('hex');
}

const END_ENTITY = [
  new x509.BasicConstraintsExtension(false, undefined, true),
  new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
];

const MAX_CSR_BYTES = 16_384;

async function readRequest(csr: string): Promise<x509.PublicKey> {
  if (csr.length > MAX_CSR_BYTES) throw new Fault('csr-refused', 'too long');
  try {
    const request = new x509.Pkcs10CertificateRequest(csr);
    const { name, namedCurve } = request.publicKey.algorithm as { name: string; namedCurve?: string };
    if (name !== 'Ed25519' && !(name === 'ECDSA' && namedCurve === 'P-256'))
      throw new Fault('csr-refused', 'kind of key');
    if (!(await request.verify(provider))) throw new Fault('csr-refused', 'signature');
    return request.publicKey;
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('csr-refused', 'not a certificate request', { cause });
  }
}
