import type { Me } from '../../data/api.ts';

/** May they change what concerns the whole hub? */
export function administers({ role, sites }: Pick<Me, 'role' | 'sites'>): boolean {
  return role === 'admin' && sites === null;
}
