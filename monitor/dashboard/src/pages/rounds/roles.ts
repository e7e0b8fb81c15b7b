import { session } from '../../data/store.ts';

export function mayHandIn(): boolean {
  const held = session.value;
  return held.state === 'in' && held.me.role !== 'viewer';
}

export function mayEdit(): boolean {
  const held = session.value;
  return held.state === 'in' && held.me.role === 'admin';
}
