import type { Last, Point } from '../../data/api.ts';
import { faultText, t, titleOf } from '../../data/i18n.ts';
import type { PointState } from '../../data/point-state.ts';
import { faultOf, lastOf, now, stateOf } from '../../data/store.ts';
import { ageText, valueText } from '../../data/value-text.ts';
import { Mark } from '../../kit/mark.tsx';
import { Problem } from '../../kit/prose.tsx';
import { STATE_MARK } from '../../kit/state-mark.ts';
import { go, place } from './place.ts';

/** `explained`: the card says what is wrong with all of its points. */
export function PointRow({ point, explained }: { readonly point: Point; readonly explained: boolean }) {
  const last = lastOf(point.id).value;
  const state = stateOf(point);
  const chosen = place.value.point === point.id;
  return (
    <li>
      <button
        type="button"
        class={`row ${state}`}
        aria-pressed={chosen}
        onClick={() => go({ point: point.id })}
        data-point={point.id}
      >
        <span class="title">{titleOf(point.title, point.point)}</span>
        <span class="value">{valueText(point, last)}</span>
        <span class="unit">{last?.value == null ? '' : (point.unit ?? '')}</span>
        <span class="age">{last === null ? '' : ageText(now.value - last.at)}</span>
        <Condition last={explained ? null : last} state={state} />
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
