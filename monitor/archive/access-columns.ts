import { type Access, ROLES, type Role } from '../auth/access.ts';
import type { Row } from './database.ts';

/** The columns `role` and `sites` of a row. */
export function accessOf(row: Row): Access {
  return { role: roleOf(row.role), sites: sitesOf(row.sites) };
}

export function sitesText(sites: readonly string[] | undefined): string | null {
  return sites === undefined ? null : JSON.stringify(sites);
}

export function textOf(value: Row[string] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function timeOf(value: Row[string] | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function sitesOf(value: Row[string] | undefined): readonly string[] | undefined {
  return typeof value === 'string' ? (JSON.parse(value) as string[]) : undefined;
}

function roleOf(value: Row[string] | undefined): Role {
  const role = ROLES.find((name) => name === value);
  if (role === undefined) throw new TypeError(`no such role: ${value}`);
  return role;
}
