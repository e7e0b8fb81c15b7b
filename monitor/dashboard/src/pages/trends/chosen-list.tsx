import { t } from '../../data/i18n.ts';
import { lastOf, stateOf } from '../../data/store.ts';
import { valueText } from '../../data/value-text.ts';
import { Mark } from '../../kit/mark.tsx';
import { STATE_MARK } from '../../kit/state-mark.ts';
import { nameOf } from './line-text.ts';
import type { Line } from './lines.ts';
import { change, view } from './state.ts';
import { Swatch } from './swatch.tsx';
import { tt } from './texts.ts';

interface Props {
  readonly lines: readonly Line[];
  /** Points of the address that the hub does not know. */
  readonly missing: readonly string[];
}

/** The lines by name, with their newest value. */
export function ChosenList({ lines, missing }: Props) {
  if (lines.length + missing.length === 0) return null;
  return (
    <section class="card chosen" aria-label={tt('chosen')}>
      <h2>{tt('chosen')}</h2>
      <ul>
        {lines.map((line) => (
          <Chosen key={line.point.id} line={line} />
        ))}
        {missing.map((id) => (
          <li key={id}>
            <span />
            <span class="chosen-name">
              <code>{id}</code> <span class="muted small">{tt('unknown')}</span>
            </span>
            <Remove id={id} name={id} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Chosen({ line: { point, look } }: { readonly line: Line }) {
  const last = lastOf(point.id).value;
  const state = stateOf(point);
  const mark = STATE_MARK[state];
  return (
    <li data-chosen={point.id}>
      <Swatch look={look} />
      <span class="chosen-name">
        <span>{nameOf(point)}</span>
        <span class={`chosen-now ${state}`}>
          {valueText(point, last)} {last?.value == null ? '' : (point.unit ?? '')}
          {mark ? (
            <span class={`state tone-${mark[1]}`}>
              <Mark shape={mark[0]} tone={mark[1]} />
              {t(`state.${state}`)}
            </span>
          ) : null}
        </span>
      </span>
      <Remove id={point.id} name={nameOf(point)} />
    </li>
  );
}

function Remove({ id, name }: { readonly id: string; readonly name: string }) {
  return (
    <button
      type="button"
      class="plain close"
      aria-label={tt('remove', { point: name })}
      onClick={() => change({ points: view.peek().points.filter((each) => each !== id) })}
    >
      ×
    </button>
  );
}
