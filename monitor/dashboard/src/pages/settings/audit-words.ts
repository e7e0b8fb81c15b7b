import { formatInterval } from '../../data/format.ts';
import { type SettingsKey, settingsTexts, ts } from './texts.ts';

export const OUTCOMES = ['done', 'refused', 'failed', 'begun'] as const;

export interface Act {
  readonly n: number;
  readonly at: number;
  readonly who: string;
  readonly via: 'session' | 'oidc' | 'key' | 'demo' | 'console' | 'certificate' | 'none';
  readonly address: string;
  readonly action: string;
  readonly object: string;
  readonly outcome: (typeof OUTCOMES)[number];
  readonly code: string;
  /** A JSON object, or ''. */
  readonly detail: string;
}

/** What was done, in words where there are some: other pages bring actions of their own. */
export function actionText({ action, object }: Pick<Act, 'action' | 'object'>): string {
  const key = `action.${action}`;
  const text = isKey(key) ? ts(key) : action;
  return object === '' || alarmOf({ action, object }) !== undefined ? text : `${text}: ${object}`;
}

/** The alarm it was done to. */
export function alarmOf({ action, object }: Pick<Act, 'action' | 'object'>): string | undefined {
  return action.startsWith('alarms ') && object !== '' ? object : undefined;
}

/** The acts whose words, in either language, hold a text that somebody looks for. */
export function actionsNamed(text: string): readonly string[] {
  const wanted = text.toLowerCase();
  return Object.entries(settingsTexts)
    .filter(
      ([key, words]) =>
        key.startsWith('action.') && Object.values(words).some((word) => word.toLowerCase().includes(wanted)),
    )
    .map(([key]) => key.slice('action.'.length));
}

/** `role: viewer, sites: [a]; before: …` rather than brackets. */
export function detailText(json: string): string {
  try {
    const { asked, ...rest } = JSON.parse(json) as Record<string, unknown>;
    return [
      ...(asked === undefined ? [] : [flat(asked)]),
      ...Object.entries(rest).map(([key, value]) => `${wordOf(key)}: ${flat(value)}`),
    ].join(' · ');
  } catch {
    return json;
  }
}

/** A key in words, where there are some. */
function wordOf(key: string): string {
  const text = `detail.${key}`;
  return isKey(text) ? ts(text) : key;
}

function flat(value: unknown): string {
  if (Array.isArray(value)) return value.map(flat).join(', ');
  if (typeof value !== 'object' || value === null) return String(value ?? '–');
  return Object.entries(value)
    .map(
      ([key, part]) =>
        `${wordOf(key)} ${key === 'ttl' && typeof part === 'number' ? formatInterval(part) : flat(part)}`,
    )
    .join(', ');
}

function isKey(key: string): key is SettingsKey {
  return Object.hasOwn(settingsTexts, key);
}
