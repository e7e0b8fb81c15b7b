import type { Outcome, Value } from '../../core/reading.ts';

/** What EdgeCore takes as a twin's value: anything else is dropped without a word. */
const ALLOWED = /^[a-zA-Z0-9\-_.,:/@#]{0,512}$/;
const NAME_ALLOWED = /^[a-zA-Z0-9\-_.,:/@#]{1,128}$/;
const FORBIDDEN = /[^a-zA-Z0-9\-_.,:/@#]/g;
const MOST = 512;

/** A reading as a twin's value. A fault is no value: an empty text, never a 0, and never the value from before. */
export function twinText(outcome: Outcome | undefined): string {
  return outcome?.quality === 'good' ? valueText(outcome.value) : '';
}

/** `1e+21` has a sign that is not allowed; `1e21` says the same. What a text may not hold becomes `_`. */
export function valueText(value: Value): string {
  const text = typeof value === 'number' ? String(value).replace('e+', 'e') : String(value);
  return ALLOWED.test(text) ? text : text.replaceAll(FORBIDDEN, '_').slice(0, MOST);
}

/** Whether EdgeCore takes a property of this name: of any other it drops every value. */
export function isTwinName(property: string): boolean {
  return NAME_ALLOWED.test(property);
}

/** What a desired text means for a point; undefined if it means nothing. */
export function wantedValue(text: string, kind: 'number' | 'boolean' | 'text'): Value | undefined {
  const plain = text.trim();
  if (kind === 'text') return text;
  if (kind === 'boolean') {
    if (/^(true|1|on)$/i.test(plain)) return true;
    return /^(false|0|off)$/i.test(plain) ? false : undefined;
  }
  const number = Number(plain);
  return plain === '' || !Number.isFinite(number) ? undefined : number;
}
