import { computed, signal } from '@preact/signals';
import { en, type Key } from './en.ts';
import { faultsKo } from './faults-ko.ts';
import { ko } from './ko.ts';
import { remember, remembered } from './memory.ts';

export const LANGUAGES = ['en', 'ko'] as const;
export type Language = (typeof LANGUAGES)[number];

const catalogues: Readonly<Record<Language, Readonly<Record<Key, string>>>> = { en, ko };

export const language = signal<Language>(firstLanguage());
export const locale = computed(() => (language.value === 'ko' ? 'ko-KR' : 'en-GB'));

export function setLanguage(to: Language): void {
  language.value = to;
  remember('language', to);
}

/** What somebody chose elsewhere holds here too, unless this browser was told otherwise. */
export function adoptLanguage(wanted: Language | null): void {
  if (wanted !== null && remembered('language') === undefined) language.value = wanted;
}

/** The text of a key; `{name}` stands for a value. */
export function t(key: Key, values: Readonly<Record<string, string | number>> = {}): string {
  return catalogues[language.value][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

export function textIn(which: Language, key: Key): string {
  return catalogues[which][key];
}

/** Texts of one page, both languages side by side, fetched with it. */
export function textsOf<K extends string>(texts: Readonly<Record<K, Readonly<Record<Language, string>>>>) {
  return (key: K, values: Readonly<Record<string, string | number>> = {}): string =>
    texts[key][language.value].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

export interface Titles {
  readonly en?: string | undefined;
  readonly ko?: string | undefined;
}

/** A title in the language of the page, else in the other, else the name. */
export function titleOf(titles: Titles, name: string): string {
  const other: Language = language.value === 'ko' ? 'en' : 'ko';
  return titles[language.value] || titles[other] || name;
}

/** What a fault says and what to do: ours in Korean, the hub's own words in English. */
export function faultText(
  code: string | undefined,
  english: { readonly text?: string | undefined; readonly action?: string | undefined } | undefined,
): { readonly text: string; readonly action: string } {
  const korean = language.value === 'ko' && code !== undefined ? faultsKo[code] : undefined;
  return korean ?? { text: english?.text ?? code ?? '', action: english?.action ?? '' };
}

function firstLanguage(): Language {
  const held = remembered('language');
  const wanted = held ?? globalThis.navigator?.language ?? 'en';
  return wanted.startsWith('ko') ? 'ko' : 'en';
}
