import { t } from '../data/i18n.ts';
import type { PointState } from '../data/point-state.ts';
import { Mark } from './mark.tsx';
import { STATE_MARK } from './state-mark.ts';

/** The state of a point by shape, colour and word; nothing for one that is well. */
export function StateText({ state }: { readonly state: PointState }) {
  const mark = STATE_MARK[state];
  if (!mark) return null;
  const [shape, tone] = mark;
  return (
    <span class={`state tone-${tone}`}>
      <Mark shape={shape} tone={tone} />
      {t(`state.${state}`)}
    </span>
  );
}
