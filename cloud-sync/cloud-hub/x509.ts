// The library needs metadata reflection to be there before it.
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** The provider is handed to every call: the library's own default is shared by all its users in the process. */
export const provider = webcrypto as unknown as Crypto;

export const EC_P256 = { name: 'ECDSA', namedCurve: 'P-256' } as const;
export const SIGN_SHA256 = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** 128 random bits, positive as a DER integer. */
export function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

export function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(EC_P256, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

export async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

export { x509 };
