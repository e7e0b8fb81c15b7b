import { signal } from '@preact/signals';
import { ask, Refusal } from '../../data/api.ts';
import { phone } from './kept.ts';
import type { KnownRound } from './phone-store.ts';
import type { Listed } from './round.ts';

export type List =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly rounds: readonly Listed[] }
  /** Without a link: the rounds this phone knows, of which nothing is due that it could tell. */
  | { readonly state: 'old'; readonly rounds: readonly Listed[] };

export const list = signal<List>({ state: 'loading' });

/** Every round is kept on the phone as it is listed: it can be walked where there is no link. */
export async function loadList(): Promise<void> {
  try {
    const { rounds } = await ask<{ rounds: Listed[] }>('/rounds');
    list.value = { state: 'ready', rounds };
    const held = new Map((await known()).map(({ id, version }) => [id, version]));
    for (const { id, version } of rounds) if (held.get(id) !== version) await loadRound(id);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const rounds = (await known()).map(({ id, version, body }) => ({ id, version, name: body.name, lastDone: null }));
    list.value = { state: 'old', rounds };
  }
}

/** As the hub has it, else as the phone knows it. Throws what the hub refused; undefined: neither. */
export async function loadRound(id: string, version?: number): Promise<KnownRound | undefined> {
  try {
    const asked = version === undefined ? '' : `?version=${version}`;
    const found = await ask<KnownRound>(`/documents/round/${encodeURIComponent(id)}${asked}`);
    const round = { id, version: found.version, body: found.body };
    if (version === undefined) await phone.keepRound(round).catch(() => {});
    return round;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    return (await known()).find((round) => round.id === id && (version ?? round.version) === round.version);
  }
}

/** A browser may keep nothing. */
function known(): Promise<readonly KnownRound[]> {
  return phone.knownRounds().catch(() => []);
}
