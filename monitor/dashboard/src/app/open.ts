import { signal } from '@preact/signals';

export type Sheet = 'search' | 'help' | 'more';

/** What lies over the page. */
export const opened = signal<Sheet | undefined>(undefined);

export function open(sheet: Sheet): void {
  opened.value = sheet;
}

export function close(): void {
  opened.value = undefined;
}
