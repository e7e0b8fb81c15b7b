import type { Hello } from '../protocol/messages.ts';
import type { CursorState } from './archive.ts';

type Told = Hello['epochs'][number];

/**
 * Is what a gateway tells of a journal the continuation of what the hub has of it? They parted if the hub has more than the
 * journal, if a boot both know began elsewhere, or if a boot new to the hub began before the hub's cursor.
 */
export function hasParted(stored: CursorState, told: Told): boolean {
  if (stored.next > told.next || (stored.next === told.next && stored.chain !== told.chain)) return true;
  const known = new Map(stored.boots.map(([boot, next, chain]) => [boot, { next, chain }]));
  return told.boots.some(([boot, next, chain]) => {
    const mark = known.get(boot);
    if (mark) return mark.next !== next || mark.chain !== chain;
    return next < stored.next || (next === stored.next && chain !== stored.chain);
  });
}

const MAX_BOOTS = 1000;

/** The boots to keep with a cursor: those told, newest last. */
export function mergeBoots(stored: CursorState['boots'], told: Told['boots']): CursorState['boots'] {
  const all = new Map([...stored, ...told].map((mark) => [mark[0], mark]));
  return [...all.values()].sort((one, other) => one[0] - other[0]).slice(-MAX_BOOTS);
}
