import { createHash, randomBytes } from 'node:crypto';

export const SECRET_FORM = /^[A-Za-z0-9_-]{43}$/;

/** 256 random bits need no slow hash: nobody guesses them. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

export function sha256(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** What a secret is called in lists and calls: says nothing of it that would help to find it. */
export function refOf(hash: string): string {
  return hash.slice(0, 16);
}
