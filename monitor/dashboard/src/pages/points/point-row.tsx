import { useComputed } from '@preact/signals';
import type { Last, Point } from '../../data/api.ts';
import { faultText, t, titleOf } from '../../data/i18n.ts';
import type { PointState } from '../../data/point-state.ts';
import { faultOf, lastOf, nowFor, stateOf } from '../../data/store.ts';
import { ageText, valueText } from '../../data/value-text.ts';
import { Mark } from '../../kit/mark.tsx';
import { Problem } from '../../kit/prose.tsx';
import { STATE_MARK } from '../../kit/state-mark.ts';
import { go, place } from './place.ts';

interface PointRowProps {
  readonly point: Point;
  /** Its place in the list. */
  readonly row: number;
  /** The card says what is wrong with all of its points. */
  readonly explained: boolean;
}

/**
 * Of two thousand rows that change each second only the texts that
 * are new are touched: what a reading changes is bound to its text, not drawn with the row.
 */
export function PointRow({ point, row, explained }: PointRowProps) {
  const last = lastOf(point.id);
  const title = titleOf(point.title, point.point);
  const state = useComputed(() => stateOf(point, nowFor(row))).value;
  const isChosen = useComputed(() => place.value.point === point.id).value;
  const value = useComputed(() => valueText(point, last.value));
  const unit = useComputed(() => (last.value?.value == null ? '' : (point.unit ?? '')));
  const age = useComputed(() => (last.value === null ? '' : ageText(nowFor(row) - last.value.at)));
  return (
    <li>
      <button
        type="button"
        class={`row ${state}`}
        aria-pressed={isChosen}
        onClick={() => go({ point: point.id })}
        data-point={point.id}
      >
        <span class="title" title={title}>
          {title}
        </span>
        <span class="value">{value}</span>
        <span class="unit">{unit}</span>
        <span class="age">{age}</span>
        {state === 'live' ? null : <Condition last={explained ? null : last.value} state={state} />}
      </button>
    </li>
  );
}

function Condition({ last, state }: { readonly last: Last | null; readonly state: PointState }) {
  const mark = STATE_MARK[state];
  if (!mark) return null;
  const [shape, tone] = mark;
  const problem = last?.quality === 'bad' ? faultText(last.fault, faultOf(last.fault)) : undefined;
  return (
    <span class="condition">
      <span class={`state tone-${tone}`}>
        <Mark shape={shape} tone={tone} />
        {t(`state.${state}`)}
      </span>
      {problem ? (
        <span>
          <Problem {...problem} />
        </span>
      ) : null}
    </span>
  );
}
