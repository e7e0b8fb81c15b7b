import type { Last, Point } from './api.ts';
import { decimalsOf, formatAge, formatNumber } from './format.ts';
import { faultText, t, titleOf } from './i18n.ts';
import { Mark, type MarkShape } from './mark.tsx';
import { go, place } from './place.ts';
import type { PointState } from './point-state.ts';
import { Problem } from './prose.tsx';
import { faultOf, lastOf, now, stateOf } from './store.ts';

export const STATE_MARK: Readonly<Record<PointState, readonly [MarkShape, string] | undefined>> = {
  live: undefined,
  late: ['diamond', 'medium'],
  stale: ['square', 'stale'],
  bad: ['triangle', 'high'],
  empty: ['ring', 'stale'],
};

/** The most decimals a point has shown: its numbers then stay in line while they change. */
const decimals = new Map<string, number>();

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

function ageText(ms: number): string {
  return ms < 1500 ? t('now') : formatAge(ms);
}

/** A value as people read it; a dash where there is none, never a zero. */
export function valueText(point: Point, last: Pick<Last, 'value'> | null): string {
  const value = last?.value ?? null;
  if (value === null) return '–';
  const named = point.enum?.[String(value)];
  if (named) return titleOf(named, String(value));
  if (typeof value === 'boolean') return value ? t('on') : t('off');
  // Words of a status, of which none is set; a device may also have nothing to say.
  if (typeof value === 'string') return value === '' ? t('text.empty') : value;
  const digits = Math.max(decimals.get(point.id) ?? 0, decimalsOf(value));
  decimals.set(point.id, digits);
  return formatNumber(value, digits);
}

/** A figure worked out from a point's values, no finer than they are. */
export function derivedText(point: Point, value: number): string {
  return formatNumber(value, decimals.get(point.id) ?? decimalsOf(value));
}
