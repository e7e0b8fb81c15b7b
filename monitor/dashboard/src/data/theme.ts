import { effect, signal } from '@preact/signals';
import { remember, remembered } from './memory.ts';

export const THEMES = ['auto', 'light', 'dark', 'control'] as const;
export type Theme = (typeof THEMES)[number];

export const theme = signal<Theme>(THEMES.find((name) => name === remembered('theme')) ?? 'auto');

export function setTheme(to: Theme): void {
  theme.value = to;
  remember('theme', to);
}

/** Puts the choice where the style sheet sees it. */
export function applyTheme(): void {
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
  });
}
