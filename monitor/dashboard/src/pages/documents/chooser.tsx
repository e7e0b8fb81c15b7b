import { useState } from 'preact/hooks';
import { titleOf } from '../../data/i18n.ts';
import { devices, gateways, points } from '../../data/store.ts';
import { td } from './texts.ts';

export interface Choice {
  readonly kind: 'device' | 'point' | 'gateway';
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  /** In lower case: everything it may be called. */
  readonly words: string;
}

const MOST = 40;

/** All that can stand on a plan or a board, devices first. */
export function choices(kinds: readonly Choice['kind'][]): readonly Choice[] {
  const byId = new Map(devices.value.map((device) => [device.id, device]));
  const nameOf = (id: string, name: string) => titleOf(byId.get(id)?.title ?? {}, name);
  const all: Omit<Choice, 'words'>[] = [
    ...devices.value.map(({ id, gateway, name }) => ({
      ...{ kind: 'device' as const, id, title: nameOf(id, name), detail: gateway },
    })),
    ...(gateways.value ?? []).map(({ id, site }) => ({
      ...{ kind: 'gateway' as const, id, title: site ?? id, detail: id },
    })),
    ...(points.value ?? []).map(({ id, gateway, device, point, title }) => ({
      ...{ kind: 'point' as const, id, title: titleOf(title, point) },
      detail: nameOf(`${gateway}/${device}`, device),
    })),
  ];
  return all
    .filter(({ kind }) => kinds.includes(kind))
    .map((choice) => ({ ...choice, words: `${choice.title} ${choice.detail} ${choice.id}`.toLowerCase() }));
}

export function narrowed(all: readonly Choice[], query: string): readonly Choice[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter((choice) => words.every((word) => choice.words.includes(word)));
}

interface ChooserProps {
  readonly kinds: readonly Choice['kind'][];
  readonly choose: (choice: Choice) => void;
  readonly isChosen?: (choice: Choice) => boolean;
}

/** A list that is narrowed by typing; each entry is a button. */
export function Chooser({ kinds, choose, isChosen }: ChooserProps) {
  const [query, setQuery] = useState('');
  const found = narrowed(choices(kinds), query);
  const shown = found.slice(0, MOST);
  return (
    <div class="chooser">
      <input
        type="search"
        aria-label={td('find')}
        placeholder={td('find')}
        value={query}
        onInput={(event) => setQuery(event.currentTarget.value)}
      />
      <ul>
        {shown.map((choice) => (
          <li key={`${choice.kind} ${choice.id}`}>
            <button
              type="button"
              data-choice={choice.id}
              aria-pressed={isChosen?.(choice)}
              onClick={() => choose(choice)}
            >
              <span>{choice.title}</span>
              <span class="muted small">
                {td(`kind.${choice.kind}`)} · {choice.detail}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p class="muted small" role="status">
        {found.length === 0 ? td('find.none') : found.length > MOST ? td('find.more', { n: found.length - MOST }) : ''}
      </p>
    </div>
  );
}
