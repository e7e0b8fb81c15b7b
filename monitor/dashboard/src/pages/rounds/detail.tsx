import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { addressHash } from '../../app/address.ts';
import { ask, Refusal } from '../../data/api.ts';
import { t } from '../../data/i18n.ts';
import { sentCount } from './kept.ts';
import { loadRound } from './known.ts';
import { ResultCard } from './result.tsx';
import { mayEdit, mayHandIn } from './roles.ts';
import { type Found, type Round, rangeText } from './round.ts';
import { tr } from './texts.ts';

interface Held {
  readonly round?: Round;
  readonly results?: readonly Found[];
  /** Rounds as they were when they were walked, by version. */
  readonly walked: ReadonlyMap<number, Round>;
  readonly problem?: 'unknown' | 'unreachable';
}

/** A round and what was found on it: also on paper. */
export function Detail({ id }: { readonly id: string }) {
  const held = useSignal<Held>({ walked: new Map() });
  const sent = sentCount.value;
  useEffect(() => {
    void load(id).then((loaded) => {
      held.value = loaded;
    });
  }, [id, sent]);
  const { round, results, walked, problem } = held.value;
  if (problem) return <p class="card hint">{tr(problem)}</p>;
  if (round === undefined) return <div class="card skeleton" role="status" aria-label={t('state.loading')} />;
  return (
    <div class="round-detail">
      <header>
        <a class="back no-print" href={addressHash({ page: 'rounds' })}>
          ← {tr('back')}
        </a>
        <h2>{round.name}</h2>
        <span class="spring" />
        <button type="button" class="plain no-print" onClick={() => print()}>
          {tr('print')}
        </button>
        {mayEdit() ? (
          <a class="plain no-print" href={addressHash({ page: 'rounds', rest: [id, 'edit'] })}>
            {tr('edit')}
          </a>
        ) : null}
        {mayHandIn() ? (
          <a class="act start no-print" href={addressHash({ page: 'rounds', rest: [id, 'walk'] })}>
            {tr('walk')}
          </a>
        ) : (
          <span class="muted">{tr('viewer')}</span>
        )}
      </header>
      <section aria-label={tr('results')} class="results">
        <h3>{tr('results')}</h3>
        {results === undefined ? <p class="card hint">{tr('results.failed')}</p> : null}
        {results?.length === 0 ? <p class="card hint">{tr('results.none')}</p> : null}
        {results?.map((found) => (
          <ResultCard key={found.id} found={found} round={walked.get(found.version) ?? round} />
        ))}
      </section>
      <Places round={round} />
    </div>
  );
}

function Places({ round }: { readonly round: Round }) {
  return (
    <section class="card places" aria-label={tr('places')}>
      <h3>{tr('places')}</h3>
      {round.places.map((place) => (
        <div key={place.id}>
          <h4>{place.name}</h4>
          <ul>
            {place.items.map((item) => (
              <li key={item.id}>
                {item.text} <span class="muted small">{rangeText(item) ?? ''}</span>{' '}
                {item.device ? (
                  <a class="small" href={addressHash({ page: 'equipment', rest: item.device.split('/') })}>
                    {tr('equipment')}
                  </a>
                ) : null}
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

async function load(id: string): Promise<Held> {
  const walked = new Map<number, Round>();
  let round: Round | undefined;
  try {
    const known = await loadRound(id);
    if (known === undefined) return { walked, problem: 'unreachable' };
    round = known.body;
    walked.set(known.version, round);
  } catch {
    return { walked, problem: 'unknown' };
  }
  try {
    const { results } = await ask<{ results: Found[] }>(`/rounds/${encodeURIComponent(id)}/results?limit=50`);
    for (const version of new Set(results.map((found) => found.version))) {
      if (walked.has(version)) continue;
      const older = await loadRound(id, version).catch((error) => {
        // The hub keeps so many versions: an older walk is shown by the ids of its items.
        if (error instanceof Refusal) return undefined;
        throw error;
      });
      if (older) walked.set(version, older.body);
    }
    return { round, results, walked };
  } catch {
    return { round, walked };
  }
}
