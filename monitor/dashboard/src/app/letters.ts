import { signal } from '@preact/signals';
import { remember, remembered } from '../data/memory.ts';

/** Single letters do something. */
export const lettersOn = signal(remembered('letters') !== 'off');

export function setLetters(on: boolean): void {
  lettersOn.value = on;
  remember('letters', on ? 'on' : 'off');
}
