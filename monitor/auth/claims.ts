import { Fault } from '../../core/faults.ts';
import { type Access, ROLES } from './access.ts';
import type { OidcSettings } from './oidc-settings.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** Stands for all sites in the claim of sites. */
const ALL_SITES = '*';
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,62}$/u;

/** Who somebody is here, by what the provider says of them. Throws Fault sso-refused, with the reason. */
export function whoIs(claims: Claims, settings: OidcSettings): Access & { readonly name: string } {
  const { nameClaim, roles, sites } = settings;
  const name = textsAt(claims, nameClaim)[0] ?? '';
  if (!NAME.test(name)) throw new Fault('sso-refused', `the claim ${nameClaim} holds no name`);
  const groups = textsAt(claims, roles.claim);
  const role = ROLES.findLast((each) => groups.some((group) => roles.map[group] === each));
  if (role === undefined) throw new Fault('sso-refused', `no group of ${name} is in auth.oidc.roles.map`);
  if (sites === undefined) return { name, role, sites: undefined };
  const theirs = textsAt(claims, sites.claim);
  if (theirs.length === 0) throw new Fault('sso-refused', `the claim ${sites.claim} gives ${name} no site`);
  return { name, role, sites: theirs.includes(ALL_SITES) ? undefined : theirs };
}

/** One text, or several; what is neither is none. */
function textsAt(claims: Claims, path: string): readonly string[] {
  const own = Object.hasOwn(claims, path) ? claims[path] : path.split('.').reduce(within, claims as unknown);
  return (Array.isArray(own) ? own : [own]).filter((each): each is string => typeof each === 'string' && each !== '');
}

function within(part: unknown, key: string): unknown {
  return typeof part === 'object' && part !== null && Object.hasOwn(part, key)
    ? (part as Record<string, unknown>)[key]
    : undefined;
}
