import { createPublicKey, X509Certificate } from 'node:crypto';
import { Fault } from '../../core/faults.ts';

/** Is it this gateway's, for its key, by its CA? Throws Fault message-malformed. */
export function checkCertificate(pem: string, { id, key, ca }: { id: string; key: string; ca: string }): void {
  try {
    const certificate = new X509Certificate(pem);
    const own = createPublicKey(key).export({ type: 'spki', format: 'der' });
    const fits =
      certificate.publicKey.export({ type: 'spki', format: 'der' }).equals(own) &&
      certificatesOf(ca).some((authority) => certificate.verify(authority.publicKey)) &&
      certificate.subject === `CN=${id}`;
    if (fits) return;
  } catch (cause) {
    throw new Fault('message-malformed', 'the certificate', { cause });
  }
  throw new Fault('message-malformed', 'the certificate is not for this gateway');
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Of a bundle. Throws what the parser throws. */
export function certificatesOf(pem: string): readonly X509Certificate[] {
  return (pem.match(CERTIFICATE) ?? []).map((text) => new X509Certificate(text));
}
