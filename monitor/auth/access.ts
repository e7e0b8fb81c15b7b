/** From the least to the most; each may do what those before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** What somebody may do, and where. */
export interface Access {
  readonly role: Role;
  /** Sites of the gateways that are theirs to see; undefined: all there are and will be. */
  readonly sites: readonly string[] | undefined;
}

/** Who asks, and what they may do. */
export interface Identity extends Access {
  readonly name: string;
  /** oidc: a session too, that the provider of single sign-on vouched for. */
  readonly via: 'session' | 'oidc' | 'key' | 'demo';
  /** Of the session or key, to show and to end it by; '' for the demo. */
  readonly ref: string;
}

export function hasRole({ role }: Access, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

/** Whoever decides about the hub itself, its users and its gateways, has all sites. */
export function isEverywhere({ sites }: Access): boolean {
  return sites === undefined;
}
