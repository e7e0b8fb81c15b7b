import { useSignal } from '@preact/signals';
import type { Point } from '../../data/api.ts';
import { points } from '../../data/store.ts';
import { nameOf } from './line-text.ts';
import { change, view } from './state.ts';
import { tt } from './texts.ts';
import { MOST_POINTS } from './view.ts';

const MOST_FOUND = 12;

/** Points by what they are called, in either language, or by their id. */
export function Picker() {
  const wanted = useSignal('');
  const chosen = new Set(view.value.points);
  const isFull = chosen.size >= MOST_POINTS;
  const words = wanted.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = (points.value ?? []).filter(
    (point) => !chosen.has(point.id) && point.kind !== 'text' && fits(point, words),
  );
  return (
    <section class="card picker">
      <label>
        <h2>{tt('add')}</h2>
        <input
          id="search"
          type="search"
          value={wanted.value}
          disabled={isFull}
          onInput={(event) => {
            wanted.value = event.currentTarget.value;
          }}
        />
      </label>
      {isFull ? <p class="muted small">{tt('add.full')}</p> : null}
      {!isFull && found.length === 0 ? <p class="muted small">{tt('add.none')}</p> : null}
      {isFull ? null : (
        <ul>
          {found.slice(0, MOST_FOUND).map((point) => (
            <li key={point.id}>
              <button type="button" class="plain" onClick={() => change({ points: [...view.peek().points, point.id] })}>
                <span>{nameOf(point)}</span> <span class="unit">{point.unit ?? ''}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {!isFull && found.length > MOST_FOUND ? (
        <p class="muted small">{tt('add.more', { n: found.length - MOST_FOUND })}</p>
      ) : null}
    </section>
  );
}

function fits(point: Point, words: readonly string[]): boolean {
  const text = [nameOf(point), point.id, point.title.en, point.title.ko].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}
