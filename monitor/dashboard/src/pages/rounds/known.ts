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
/** The version of each round that this phone keeps: who goes down to the cellar sees it before. */
export const here = signal<ReadonlyMap<string, number>>(new Map());

/** A cellar has often not no link but one that answers never: then what the phone keeps serves. */
const PATIENCE_MS = 4000;

/** Every round is kept on the phone as it is listed: it can be walked where there is no link. */
export async function loadList(): Promise<void> {
  try {
    const { rounds } = await ask<{ rounds: Listed[] }>('/rounds', patience((await known()).length > 0));
    list.value = { state: 'ready', rounds };
    for (const { id, version } of rounds) if (here.peek().get(id) !== version) await keepListed(id);
  } catch (error) {
    if (isRefused(error)) throw error;
    const rounds = (await known()).map(({ id, version, body }) => ({ id, version, name: body.name, lastDone: null }));
    list.value = { state: 'old', rounds };
  }
}

/** As the hub has it, else as the phone knows it. Throws what the hub refused; undefined: neither. */
export async function loadRound(id: string, version?: number): Promise<KnownRound | undefined> {
  const own = (await known()).find((round) => round.id === id && (version ?? round.version) === round.version);
  try {
    const asked = version === undefined ? '' : `?version=${version}`;
    const found = await ask<KnownRound>(
      `/documents/round/${encodeURIComponent(id)}${asked}`,
      patience(own !== undefined),
    );
    const round = { id, version: found.version, body: found.body };
    if (version === undefined) await keep(round).catch(() => {});
    return round;
  } catch (error) {
    if (isRefused(error)) throw error;
    return own;
  }
}

/** A proxy in front of a hub that is away answers in its stead. */
function isRefused(error: unknown): error is Refusal {
  return error instanceof Refusal && error.status < 500;
}

function patience(hasOwn: boolean): RequestInit {
  return hasOwn ? { signal: AbortSignal.timeout(PATIENCE_MS) } : {};
}

/** A round that ended since it was listed keeps the others from no phone. */
async function keepListed(id: string): Promise<void> {
  try {
    await loadRound(id);
  } catch (error) {
    if (!isRefused(error)) throw error;
  }
}

async function keep(round: KnownRound): Promise<void> {
  await phone.keepRound(round);
  here.value = new Map(here.peek()).set(round.id, round.version);
}

/** A browser may keep nothing. */
async function known(): Promise<readonly KnownRound[]> {
  const rounds = await phone.knownRounds().catch(() => []);
  here.value = new Map(rounds.map(({ id, version }) => [id, version]));
  return rounds;
}
