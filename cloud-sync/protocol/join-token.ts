import { GATEWAY_ID } from '../../core/reading.ts';
import type { GatewayId } from './numbers.ts';

/** What a person carries from the hub to a gateway: which hub it is, whom it admits, and the secret that is good once. */
export interface JoinToken {
  /** SHA-256 of the CA certificate's DER, base64url. */
  readonly fingerprint: string;
  /** Left out: one new id. */
  readonly gateway?: GatewayId;
  /** 192 random bits, base64url. */
  readonly secret: string;
}

const FINGERPRINT = /^[A-Za-z0-9_-]{43}$/;
const SECRET = /^[A-Za-z0-9_-]{32}$/;

export function formatToken({ fingerprint, gateway, secret }: JoinToken): string {
  return `sluice1.${fingerprint}.${gateway ?? '-'}.${secret}`;
}

/** Undefined if the text is no token. */
export function parseToken(text: string): JoinToken | undefined {
  const [version, fingerprint = '', gateway = '', secret = '', ...rest] = text.trim().split('.');
  if (version !== 'sluice1' || rest.length > 0 || !FINGERPRINT.test(fingerprint) || !SECRET.test(secret))
    return undefined;
  if (gateway === '-') return { fingerprint, secret };
  return GATEWAY_ID.test(gateway) ? { fingerprint, gateway, secret } : undefined;
}
