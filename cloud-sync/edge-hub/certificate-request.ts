import { webcrypto } from 'node:crypto';

/**
 * A new EC P-256 key, PEM, and a request signed with it. The hub takes nothing from it but the key. What makes it is loaded only now: it
 * costs 5 MB, and a gateway asks once in weeks.
 */
export async function createRequest(id: string): Promise<{ readonly key: string; readonly csr: string }> {
  await import('reflect-metadata');
  const { PemConverter, Pkcs10CertificateRequestGenerator } = await import('@peculiar/x509');
  const usages = ['sign', 'verify'] as const;
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [...usages]);
  const request = await Pkcs10CertificateRequestGenerator.create(
    {
      name: `CN=${id}`,
      keys: keys as unknown as CryptoKeyPair,
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    },
    webcrypto as unknown as Crypto,
  );
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { key, csr: request.toString('pem') };
}
