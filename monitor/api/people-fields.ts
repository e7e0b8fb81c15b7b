import { z } from 'zod';
import { isTimeZone } from '../../core/local-time.ts';
import { type Access, ROLES } from '../auth/access.ts';

/** Fields that calls about people and programs share. */
const roleField = z.enum(ROLES);
const sitesField = z
  .array(z.string().min(1).max(100))
  .min(1)
  .max(100)
  .nullable()
  .default(null)
  .describe('sites of gateways; null: all');
export const nameField = z.string().min(1).max(63);
export const passwordField = z.string().max(1024);
export const languageField = z.enum(['en', 'ko']);
export const zoneField = z.string().max(64).refine(isTimeZone, { message: 'expected a time zone such as Asia/Seoul' });
export const atField = z.number().describe('Unix milliseconds, hub’s clock');

export const accessFields = { role: roleField, sites: sitesField };
export const shownAccess = { role: roleField, sites: z.array(z.string()).nullable() };

export function toAccess({ role, sites }: { role: Access['role']; sites: readonly string[] | null }): Access {
  return { role, sites: sites ?? undefined };
}

export function showAccess({ role, sites }: Access): { role: Access['role']; sites: string[] | null } {
  return { role, sites: sites ? [...sites] : null };
}
