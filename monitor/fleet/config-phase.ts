import type { ConfigStand } from '../../cloud-sync/protocol/downlink.ts';

/**
 * How far a gateway's configuration is, in one word. `unknown`: the gateway has not said; `file`: its own file owns it; `own`: nothing else
 * was ever wanted; `wanted`: it does not have it yet; `sent`: it has it; `trial`: it works with it, and confirms it next; `applied`,
 * `refused`, `returned`: what became of it.
 */
export const CONFIG_PHASES = [
  'unknown',
  'file',
  'own',
  'wanted',
  'sent',
  'trial',
  'applied',
  'refused',
  'returned',
] as const;
export type ConfigPhase = (typeof CONFIG_PHASES)[number];

/** `wanted`: newest version; 0 if none is. */
export function configPhase(wanted: number, stand: ConfigStand | undefined): ConfigPhase {
  if (stand === undefined) return wanted > 0 ? 'wanted' : 'unknown';
  if (stand.managed === 'file') return 'file';
  if (wanted > stand.held.version) return 'wanted';
  if (stand.held.version === 0) return 'own';
  const { state } = stand;
  return state === 'good' ? 'applied' : state === 'new' ? 'sent' : state;
}
