import { Refusal } from '../../data/api.ts';
import { faultText } from '../../data/i18n.ts';
import { faultOf } from '../../data/store.ts';
import type { Order } from './order.ts';
import { tn } from './texts.ts';

/** Why the hub did not do it. */
export function whyOf(error: unknown): string {
  if (!(error instanceof Refusal)) return tn('unreachable');
  const [first] = error.problems;
  const { text } = faultText(error.code, { text: error.detail ?? faultOf(error.code)?.text ?? error.code });
  return tn('refused', { why: first ? `${text}: ${first.path} ${first.message}` : text });
}

/** Why the gateway did not do it; empty if nothing went wrong. */
export function orderProblem({ state, code, detail }: Order<unknown>): string {
  if (state !== 'failed' && state !== 'refused') return '';
  const { text } = faultText(code, faultOf(code));
  // What is wrong with a line or a device, in the words of the gateway's check.
  const words = detail?.split('\n').slice(1).join(' ').trim();
  return tn('failed', { why: [text, words].filter(Boolean).join(': ') || detail || '' });
}
