import { ask, post } from '../../data/api.ts';
import type { Compare, Range } from './view.ts';

export interface SavedHead {
  readonly id: string;
  readonly name: string;
  readonly version: number;
}

export interface SavedBody {
  readonly name: string;
  readonly points: readonly string[];
  readonly range: Range;
  readonly compare: Compare;
}

export interface Saved extends SavedHead {
  readonly body: SavedBody;
}

const PATH = '/documents/trend';

export async function listSaved(): Promise<readonly SavedHead[]> {
  const { documents } = await ask<{ documents: SavedHead[] }>(PATH);
  return documents;
}

export function getSaved(id: string): Promise<Saved> {
  return ask<Saved>(`${PATH}/${encodeURIComponent(id)}`);
}

/** `from`: the version that was changed; 0 for a new one. */
export function save(id: string, from: number, body: SavedBody): Promise<SavedHead> {
  return post<SavedHead>(`${PATH}/${encodeURIComponent(id)}`, { from, body });
}

export function removeSaved({ id, version }: SavedHead): Promise<unknown> {
  return post(`${PATH}/${encodeURIComponent(id)}/remove`, { from: version });
}

/** An id out of a name and the time: short, and like no other. */
export function idOf(name: string, at: number): string {
  const words = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 24);
  return `${words === '' ? 'trend' : words}-${Math.round(at).toString(36)}`.slice(0, 40);
}
