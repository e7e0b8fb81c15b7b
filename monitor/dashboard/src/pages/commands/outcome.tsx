import type { Point } from '../../data/api.ts';
import { valueText } from '../../data/value-text.ts';
import { Mark, type MarkShape } from '../../kit/mark.tsx';
import { tc } from './texts.ts';
import { type Command, reasonText } from './write-data.ts';

const MARKS: Readonly<Record<Command['state'], readonly [MarkShape, string]>> = {
  pending: ['ring', 'quiet'],
  sent: ['ring', 'quiet'],
  done: ['circle', 'quiet'],
  refused: ['diamond', 'medium'],
  failed: ['triangle', 'high'],
  unknown: ['triangle', 'high'],
  expired: ['diamond', 'medium'],
};

/** How far it is, and why it is not done. */
export function Outcome({ command, point }: { readonly command: Command; readonly point: Point | undefined }) {
  const { state, readBack, reason } = command;
  const [shape, tone] = MARKS[state];
  const held = readBack === null ? '' : tc('holds', { value: shownValue(point, readBack) });
  return (
    <span class="outcome" data-outcome={state}>
      <span class="state">
        <Mark shape={shape} tone={tone} /> {[tc(`state.${state}`), held].filter(Boolean).join(': ')}
      </span>
      {reason ? (
        <span class="small">
          {reasonText(reason)} {reason.detail ? <span class="muted">({reason.detail})</span> : null}
        </span>
      ) : null}
    </span>
  );
}

export function shownValue(point: Point | undefined, value: Command['before']): string {
  if (value === null) return '–';
  return point ? [valueText(point, { value }), point.unit].filter(Boolean).join(' ') : String(value);
}
