import { Fault } from '../core/faults.ts';
import { ROLES, type Role } from '../monitor/auth/access.ts';
import { textOption } from './options.ts';
import type { Arguments } from './verb.ts';

/** `--role` and `--site`. Throws Fault usage if there is no role and no default. */
export function accessFrom(values: Arguments['values'], preset?: Role): { role: Role; sites: string[] | null } {
  const text = textOption(values, 'role') ?? preset;
  const role = ROLES.find((name) => name === text);
  if (role === undefined) throw new Fault('usage', `--role must be one of: ${ROLES.join(', ')}`);
  const sites = [values.site ?? []].flat().filter((site) => typeof site === 'string');
  return { role, sites: sites.length === 0 ? null : sites };
}
