import { signal } from '@preact/signals';
import { after } from '../data/clock.ts';

/** Long enough to be read twice. */
const SHOWN_MS = 6000;

/** What was just done, for eyes and screen readers alike: the row it was done to may be gone. */
export const said = signal('');

let forget: () => void = () => {};

export function say(text: string): void {
  forget();
  said.value = text;
  forget = after(SHOWN_MS, () => {
    said.value = '';
  });
}
