import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { addressHash, goTo } from '../../app/address.ts';
import { ask, post, Refusal } from '../../data/api.ts';
import { faultText, t } from '../../data/i18n.ts';
import { newPlace, newRound, withPart } from './draft.ts';
import { DueFields } from './due-fields.tsx';
import { PlaceFields } from './place-fields.tsx';
import { mayEdit } from './roles.ts';
import { makeId, type Round } from './round.ts';
import { tr } from './texts.ts';

interface Saved {
  readonly version: number;
  readonly savedBy: string;
  readonly body: Round;
}

interface Held {
  readonly id: string;
  /** The version that is changed; 0: a new one. */
  readonly from: number;
  readonly round: Round;
  readonly theirs?: Saved;
  readonly problem?: string;
}

/** Makes or changes a round. Two people never overwrite each other unseen. */
export function Editor({ id }: { readonly id?: string }) {
  const held = useSignal<Held | undefined>(undefined);
  const failed = useSignal(false);
  useEffect(() => {
    if (id === undefined) held.value = { id: makeId('round').slice(0, 18), from: 0, round: newRound() };
    else
      load(id).then(
        ({ version, body }) => {
          held.value = { id, from: version, round: body };
        },
        () => {
          failed.value = true;
        },
      );
  }, [id]);
  if (!mayEdit()) return <p class="card hint">{tr('edit.who')}</p>;
  if (failed.value) return <p class="card hint">{tr('unknown')}</p>;
  const now = held.value;
  if (now === undefined) return <div class="card skeleton" role="status" aria-label={t('state.loading')} />;
  const { round, theirs, problem } = now;
  const change = (next: Round) => {
    held.value = { ...now, round: next };
  };
  const save = async (from: number) => {
    try {
      await post(`/documents/round/${now.id}`, { from, body: round });
      goTo({ page: 'rounds', rest: [now.id] });
    } catch (error) {
      held.value = { ...now, ...(await refusalOf(error, now.id)) };
    }
  };
  return (
    <form
      class="editor"
      onSubmit={(event) => {
        event.preventDefault();
        void save(now.from);
      }}
    >
      <h2>{tr(id === undefined ? 'make' : 'edit.title')}</h2>
      <div class="card fields">
        <label>
          {tr('name')}
          <input
            required
            maxLength={100}
            value={round.name}
            onInput={(event) => change({ ...round, name: event.currentTarget.value })}
          />
        </label>
        <DueFields round={round} changed={change} />
      </div>
      {round.places.map((place, index) => (
        <PlaceFields
          key={place.id}
          place={place}
          isOnly={round.places.length === 1}
          changed={(next) => change({ ...round, places: withPart(round.places, index, next) })}
        />
      ))}
      <p>
        <button type="button" class="act" onClick={() => change({ ...round, places: [...round.places, newPlace()] })}>
          {tr('place.add')}
        </button>
      </p>
      {problem === undefined ? null : (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {theirs ? (
        <div class="card kept" role="alert" data-conflict={theirs.version}>
          <span>{tr('changed', { version: theirs.version, who: theirs.savedBy })}</span>
          <button
            type="button"
            class="act"
            onClick={() => {
              held.value = { id: now.id, from: theirs.version, round: theirs.body };
            }}
          >
            {tr('changed.theirs')}
          </button>
          <button type="button" class="act" onClick={() => void save(theirs.version)}>
            {tr('changed.mine')}
          </button>
        </div>
      ) : null}
      <footer>
        <a class="plain" href={addressHash({ page: 'rounds', rest: id === undefined ? [] : [id] })}>
          {tr('cancel')}
        </a>
        <button type="submit" class="act">
          {tr('save')}
        </button>
      </footer>
    </form>
  );
}

function load(id: string): Promise<Saved> {
  return ask<Saved>(`/documents/round/${encodeURIComponent(id)}`);
}

async function refusalOf(error: unknown, id: string): Promise<Pick<Held, 'theirs' | 'problem'>> {
  if (!(error instanceof Refusal)) return { problem: tr('offline') };
  try {
    if (error.code === 'document-changed') return { theirs: await load(id) };
  } catch {
    // It was removed meanwhile: what the hub said stands.
  }
  return { problem: tr('refused', { why: faultText(error.code, undefined).text }) };
}
