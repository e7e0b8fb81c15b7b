import { Refusal } from '../../data/api.ts';
import { faultText } from '../../data/i18n.ts';

/** Why the hub did not do it, for people. */
export function whyOf(error: unknown): string {
  if (!(error instanceof Refusal)) return error instanceof Error ? error.message : String(error);
  const { text } = faultText(error.code, undefined);
  return error.detail === undefined ? text : `${text} (${error.detail})`;
}
