import { createHash, createPrivateKey, webcrypto } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { type Clock, instant } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import { checkSecret, replaceFolder } from '../../core/secret-folder.ts';
import type { GatewayId } from '../protocol/numbers.ts';
import type { IssuedCertificate } from './archive.ts';
import { EC_P256, exportKey, newSerial, provider, SIGN_SHA256, x509 } from './x509.ts';

const DAY_MS = 86_400_000;
const CA_DAYS = 7300;
const GATEWAY_DAYS = 90;
/** Certificates begin in the past: a gateway without a battery clock lags behind. */
const SLACK_MS = DAY_MS;

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/** The hub's own certificate authority, for its gateways and its listeners. EC P-256, in `<dataDir>/ca`. */
export class Ca {
  readonly pem: string;
  /** SHA-256 of the certificate's DER, base64url: stands in every join token. */
  readonly fingerprint: string;
  readonly #certificate: x509.X509Certificate;
  readonly #key: webcrypto.CryptoKey;
  readonly #clock: Clock;

  private constructor(certificate: x509.X509Certificate, key: webcrypto.CryptoKey, clock: Clock) {
    this.#certificate = certificate;
    this.#key = key;
    this.#clock = clock;
    this.pem = `${certificate.toString('pem')}\n`;
    this.fingerprint = createHash('sha256').update(Buffer.from(certificate.rawData)).digest('base64url');
  }

  /**
   * Reads it, or makes it at the first start.
   * @throws Fault key-exposed, file-missing
   */
  static async open(dataDir: string, clock: Clock): Promise<Ca> {
    const folder = join(dataDir, 'ca');
    const found = await readFile(join(folder, 'ca.crt'), 'utf8').catch(() => undefined);
    const certificate = found ?? (await create(folder, clock));
    const keyFile = join(folder, 'ca.key');
    const keyPem = await readFile(keyFile, 'utf8').catch((cause: unknown) => {
      throw new Fault('file-missing', keyFile, { cause });
    });
    await checkSecret(keyFile);
    return new Ca(new x509.X509Certificate(certificate), await importKey(keyPem), clock);
  }

  /** For a listener known by these names, besides localhost and 127.0.0.1. The key is new each time. */
  async issueServer(names: readonly string[]): Promise<{ readonly cert: string; readonly key: string }> {
    const keys = await newKeys();
    const all = [...new Set(['localhost', '127.0.0.1', '::1', ...names])];
    const certificate = await x509.X509CertificateGenerator.create(
      {
        ...this.#common(CA_DAYS),
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
        ...this.#common(GATEWAY_DAYS),
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
      record: { gateway, serial, notAfter, issuedAt: this.#clock.now() },
    };
  }

  #common(days: number) {
    const now = this.#clock.now();
    const end = Math.min(now + days * DAY_MS, this.#certificate.notAfter.getTime());
    return {
      issuer: this.#certificate.subject,
      signingKey: this.#key as CryptoKey,
      signingAlgorithm: SIGN_SHA256,
      notBefore: instant(now - SLACK_MS),
      notAfter: instant(end),
    };
  }
}

const END_ENTITY = [
  new x509.BasicConstraintsExtension(false, undefined, true),
  new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
];

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(EC_P256, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

async function create(folder: string, clock: Clock): Promise<string> {
  const keys = await newKeys();
  const now = clock.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: newSerial(),
      name: 'CN=Sluice hub CA',
      notBefore: instant(now - SLACK_MS),
      notAfter: instant(now + CA_DAYS * DAY_MS),
      signingAlgorithm: SIGN_SHA256,
      keys: keys as CryptoKeyPair,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey as CryptoKey, false, provider),
      ],
    },
    provider,
  );
  const pem = `${certificate.toString('pem')}\n`;
  await replaceFolder(folder, { 'ca.crt': pem, 'ca.key': await exportKey(keys.privateKey) });
  return pem;
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, EC_P256, false, ['sign']);
}

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
