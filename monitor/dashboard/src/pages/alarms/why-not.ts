import { Refusal } from '../../data/api.ts';
import { faultText } from '../../data/i18n.ts';
import { faultOf } from '../../data/store.ts';
import { ta } from './alarm-texts.ts';

/** Why something was not done. */
export function whyNot(error: unknown): string {
  return error instanceof Refusal ? codeText(error.code) : ta('unreachable');
}

export function codeText(code: string): string {
  return faultText(code, faultOf(code)).text;
}
