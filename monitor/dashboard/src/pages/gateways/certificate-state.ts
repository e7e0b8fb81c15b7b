export interface Certificate {
  readonly serial: string;
  readonly issuedAt: number;
  readonly notAfter: number;
  readonly revokedAt: number | null;
}

/** `used`: the newest that is good; `former`: good too, kept by the gateway to fall back on. */
export type CertificateState = 'used' | 'former' | 'expired' | 'revoked';

/** Newest first, each with what it is worth at this time. */
export function certificateStates(
  all: readonly Certificate[],
  now: number,
): readonly (Certificate & { readonly state: CertificateState })[] {
  const newest = [...all].sort((a, b) => b.issuedAt - a.issuedAt);
  const used = newest.find(({ revokedAt, notAfter }) => revokedAt === null && notAfter > now);
  return newest.map((certificate) => {
    const { revokedAt, notAfter } = certificate;
    if (revokedAt !== null) return { ...certificate, state: 'revoked' };
    if (notAfter <= now) return { ...certificate, state: 'expired' };
    return { ...certificate, state: certificate === used ? 'used' : 'former' };
  });
}
