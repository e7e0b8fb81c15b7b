import type { Point } from './api.ts';
import { formatAgo } from './format.ts';
import { lastOf, now, stateOf } from './store.ts';
import { valueText } from './value-text.ts';

export interface Present {
  /** With its unit; a dash where there is no value. */
  readonly text: string;
  /** Of this moment: else whoever acts on it must see of when it is. */
  readonly isNow: boolean;
  /** When it was read; empty where nothing was. */
  readonly ago: string;
}

/** What a point holds, as far as anybody knows. */
export function presentOf(point: Point): Present {
  const last = lastOf(point.id).value;
  const unit = last?.value == null ? '' : (point.unit ?? '');
  return {
    text: `${valueText(point, last)} ${unit}`.trim(),
    isNow: stateOf(point) === 'live',
    ago: last === null ? '' : formatAgo(now.value - last.at),
  };
}
