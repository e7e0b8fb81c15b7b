import { ask, type Point, patch, post, Refusal, type Value } from '../../data/api.ts';
import { faultText } from '../../data/i18n.ts';
import { session } from '../../data/store.ts';
import { tc } from './texts.ts';

export interface Reason {
  readonly code: string;
  readonly text: string;
  readonly action: string;
  readonly detail?: string;
}

export interface Command {
  readonly id: string;
  readonly point: string;
  readonly value: Value;
  readonly by: string;
  readonly madeAt: number;
  readonly expires: number;
  readonly state: 'pending' | 'sent' | 'done' | 'refused' | 'failed' | 'unknown' | 'expired';
  readonly before: Value | null;
  readonly readBack: Value | null;
  readonly reason: Reason | null;
}

export interface TwinRow {
  readonly point: string;
  readonly desired: {
    readonly value: Value;
    readonly enforce: boolean;
    readonly by: string;
    readonly at: number;
  } | null;
  readonly state: 'none' | 'pending' | 'waiting' | 'held' | 'drift' | 'refused' | 'unknown';
  readonly reason: Reason | null;
}

export interface Twin {
  readonly version: number;
  readonly points: readonly TwinRow[];
}

export interface Asking {
  readonly value: Value;
  readonly confirm?: Value;
}

export function giveCommand(
  point: Point,
  asking: Asking & { readonly expiresIn: string; readonly expect?: Value },
): Promise<Command> {
  return post<Command>('/commands', { point: point.id, ...asking });
}

export function findCommand(id: string): Promise<Command> {
  return ask<Command>(`/commands/${id}`);
}

export function twinPath(gateway: string, device: string): string {
  return `/twins/${encodeURIComponent(gateway)}/${encodeURIComponent(device)}`;
}

/** null: nothing is wanted of it any more. */
export function want(point: Point, asking: (Asking & { readonly enforce: boolean }) | null): Promise<Twin> {
  return patch<Twin>(twinPath(point.gateway, point.device), { desired: { [point.point]: asking } });
}

export function isOver({ state }: Command): boolean {
  return state !== 'pending' && state !== 'sent';
}

export function mayWrite(): boolean {
  const held = session.value;
  return held.state === 'in' && held.me.role !== 'viewer';
}

/** In words: what it is, and what to do. */
export function reasonText(reason: Reason | null): string {
  if (reason === null) return '';
  const { text, action } = faultText(reason.code, reason);
  return [text, action].filter(Boolean).join('. ');
}

/** Why the hub did not take it. */
export function whyNot(error: unknown): string {
  if (!(error instanceof Refusal)) return tc('unreachable');
  const { text } = faultText(error.code, { text: error.detail ?? error.code });
  return error.detail && text !== error.detail ? `${text} (${error.detail})` : text;
}

/** What was typed or chosen; undefined if it is no value of the point. */
export function readValue(point: Pick<Point, 'kind'>, text: string): Value | undefined {
  if (text.trim() === '' && point.kind !== 'text') return undefined;
  if (point.kind === 'text') return text;
  if (point.kind === 'boolean') return text === 'true';
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}
