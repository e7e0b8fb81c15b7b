import { createHash, createPrivateKey, webcrypto } from 'node:crypto';
import { type Clock, instant } from '../../core/clock.ts';
import { EC_P256, exportKey, newKeys, newSerial, provider, SIGN_SHA256, x509 } from './x509.ts';

const DAY_MS = 86_400_000;
const CA_DAYS = 7300;
/** Certificates begin in the past: a gateway without a battery clock lags behind. */
export const SLACK_MS = DAY_MS;

/** A certificate authority: a certificate that signs others, and its key. */
export interface Authority {
  readonly certificate: x509.X509Certificate;
  readonly key: webcrypto.CryptoKey;
  readonly pem: string;
  /** SHA-256 of the certificate's DER, base64url. */
  readonly fingerprint: string;
}

export async function readAuthority(certificatePem: string, keyPem: string): Promise<Authority> {
  const der = createPrivateKey(keyPem).export({ type: 'pkcs8', format: 'der' });
  const key = await webcrypto.subtle.importKey('pkcs8', der, EC_P256, false, ['sign']);
  const certificate = new x509.X509Certificate(certificatePem);
  const fingerprint = createHash('sha256').update(Buffer.from(certificate.rawData)).digest('base64url');
  return { certificate, key, pem: `${certificate.toString('pem')}\n`, fingerprint };
}

/** A new one, good for twenty years, as PEM. */
export async function makeAuthority(clock: Clock): Promise<{ readonly certificate: string; readonly key: string }> {
  const keys = await newKeys();
  const now = clock.now();
  const serialNumber = newSerial();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber,
      // A name of its own: of two with one name OpenSSL takes the first it finds.
      name: `CN=Sluice hub CA ${serialNumber.slice(0, 8)}`,
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
  return { certificate: `${certificate.toString('pem')}\n`, key: await exportKey(keys.privateKey) };
}
