import { post } from '../../data/api.ts';
import type { Settings } from './receiver-fields.ts';

export type Source = 'hub.yaml' | 'page';

export interface Receiver {
  readonly name: string;
  readonly source: Source;
  readonly settings: Settings;
  /** Keys of the secrets that the hub has. */
  readonly secrets: readonly string[];
}

export interface Turn {
  readonly days: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly receivers: readonly string[];
}

export interface Roster {
  readonly name: string;
  readonly source: Source;
  readonly timezone: string | null;
  readonly turns: readonly Turn[];
}

export interface Step {
  readonly afterMs: number;
  readonly to: readonly string[];
}

export interface NotifySettings {
  readonly version: number;
  readonly problem: string | null;
  readonly timezone: { readonly source: Source; readonly name: string; readonly isSet: boolean };
  readonly receivers: readonly Receiver[];
  readonly smtp: Omit<Receiver, 'name'> | null;
  readonly rosters: readonly Roster[];
  readonly escalation: { readonly source: Source; readonly steps: readonly Step[] };
  readonly heartbeat: { readonly everyMs: number } | null;
}

const ROOT = '/notify/settings';
export const NOTIFY_SETTINGS = ROOT;

export interface Given {
  readonly from: number;
  readonly settings: Settings;
  readonly secrets: Readonly<Record<string, string>>;
}

export function saveReceiver(name: string, given: Given & { readonly timezone?: string }): Promise<unknown> {
  return post(`${ROOT}/receivers/${encodeURIComponent(name)}`, given);
}

export function removeReceiver(name: string, from: number): Promise<unknown> {
  return post(`${ROOT}/receivers/${encodeURIComponent(name)}/remove`, { from });
}

export function saveSmtp(
  given: Pick<Given, 'from'> & { readonly settings: Settings | null; readonly secrets?: Given['secrets'] },
) {
  return post(`${ROOT}/smtp`, given);
}

export interface Plan {
  readonly timezone?: string;
  readonly rosters: readonly Omit<Roster, 'source'>[];
  readonly steps: readonly Step[];
}

/** As hub.yaml would have it. */
export function savePlan(from: number, { timezone, rosters, steps }: Plan): Promise<unknown> {
  const named = rosters.map(({ name, timezone: zone, turns }) => [
    name,
    { ...(zone ? { timezone: zone } : {}), turns },
  ]);
  const escalation = steps.map(({ afterMs, to }) => ({ after: `${Math.round(afterMs / 1000)}s`, to }));
  const zone = timezone === undefined ? {} : { timezone };
  return post(`${ROOT}/plan`, { from, ...zone, roster: Object.fromEntries(named), escalation });
}

export interface Sent {
  readonly state: 'waiting' | 'delivered' | 'given-up';
  readonly error: string | null;
}

/** Sends a message that says it is a test. */
export function testReceiver(name: string): Promise<Sent> {
  return post<Sent>(`/notify/receivers/${encodeURIComponent(name)}/test`, {});
}
