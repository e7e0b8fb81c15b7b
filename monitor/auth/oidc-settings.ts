import { z } from 'zod';
import { ROLES } from './access.ts';
import { isLoopback } from './origin.ts';

/** Passwords and tokens of everybody cross this line: over TLS, or within this machine. */
function isSafeIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && (hostname === 'localhost' || isLoopback(hostname)));
}

const claim = z
  .string()
  .min(1)
  .max(200)
  .describe('a claim of the ID token; dots lead into objects, such as realm_access.roles');

/** `auth.oidc` of hub.yaml. */
export const oidcSchema = z.strictObject({
  issuer: z.string().refine(isSafeIssuer, { message: 'expected an address that begins with https://' }),
  clientId: z.string().min(1).max(200),
  clientSecretFile: z.string().optional(),
  /** What the button says. */
  title: z.string().min(1).max(60).default('SSO'),
  scope: z.string().default('openid profile email'),
  nameClaim: claim.default('preferred_username'),
  roles: z.strictObject({
    claim,
    map: z.record(z.string().min(1), z.enum(ROLES)).refine((map) => Object.keys(map).length > 0, {
      message: 'names no group: nobody could come in',
    }),
  }),
  sites: z.strictObject({ claim }).optional(),
});
export type OidcSettings = z.output<typeof oidcSchema>;
