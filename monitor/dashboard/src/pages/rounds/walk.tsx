import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { addressHash } from '../../app/address.ts';
import { after, browserNow } from '../../data/clock.ts';
import { t } from '../../data/i18n.ts';
import { session } from '../../data/store.ts';
import { ItemField } from './item-field.tsx';
import { kept, lookAtKept, phone, sendKept } from './kept.ts';
import { loadRound } from './known.ts';
import type { Walk } from './outbox.ts';
import { mayHandIn } from './roles.ts';
import { type Answer, itemsOf, makeId, missingOf } from './round.ts';
import { tr } from './texts.ts';

const AGAIN_MS = 3000;

type Held =
  | { readonly state: 'loading' | 'unknown' | 'unreachable' }
  | { readonly state: 'walking'; readonly walk: Walk }
  | { readonly state: 'done'; readonly id: string };

/** One walk, place by place. Every touch is kept on the phone: it may be put away, and go on later. */
export function WalkPage({ id }: { readonly id: string }) {
  const held = useSignal<Held>({ state: 'loading' });
  const asked = useSignal(false);
  const isKept = useSignal<boolean | undefined>(undefined);
  const isSought = () => ['loading', 'unreachable'].includes(held.peek().state);
  const begin = async () => {
    const found = await beginWalk(id).then(
      (walk): Held => (walk ? { state: 'walking', walk } : { state: 'unreachable' }),
      (): Held => ({ state: 'unknown' }),
    );
    // What was asked for before the link came back may answer when the walk goes on already.
    if (isSought()) held.value = found;
  };
  const now = held.value;
  useEffect(() => void begin(), [id]);
  useEffect(() => {
    if (now.state === 'unreachable') return after(AGAIN_MS, () => void begin());
  }, [now]);
  if (!mayHandIn()) return <p class="card hint">{tr('viewer')}</p>;
  if (now.state === 'loading') return <div class="card skeleton" role="status" aria-label={t('state.loading')} />;
  if (now.state === 'done') return <HandedIn id={now.id} round={id} />;
  if (now.state !== 'walking') return <p class="card hint">{tr(now.state)}</p>;

  const { walk } = now;
  const change = (next: Walk) => {
    held.value = { state: 'walking', walk: next };
    isKept.value = undefined;
    phone.keepDraft(next).then(
      () => {
        const latest = held.peek();
        if (latest.state === 'walking' && latest.walk === next) isKept.value = true;
      },
      () => {
        isKept.value = false;
      },
    );
  };
  const missing = missingOf(walk.body, walk.answers, new Set(Object.keys(walk.photos)));
  const handIn = async (event: Event) => {
    event.preventDefault();
    asked.value = true;
    const [first] = missing;
    if (first) {
      document.querySelector<HTMLElement>(`#item-${first.id} :is(input, textarea, button)`)?.focus();
      return;
    }
    const done = { ...walk, answers: withoutBlanks(walk.answers), finishedAt: browserNow() };
    await phone.finish(done);
    held.value = { state: 'done', id: walk.id };
    await lookAtKept();
    await sendKept().catch(() => {});
  };
  const dropDraft = async () => {
    await phone.dropDraft(id);
    held.value = { state: 'loading' };
    await begin();
  };
  const all = itemsOf(walk.body).length;
  return (
    <form class="walk" data-draft={draftState(isKept.value)} onSubmit={(event) => void handIn(event)} noValidate>
      <header>
        <a class="back" href={addressHash({ page: 'rounds' })}>
          ← {tr('back')}
        </a>
        <h2>{walk.body.name}</h2>
      </header>
      {walk.body.places.map((place) => (
        <section key={place.id} class="card place" aria-label={place.name}>
          <h3>{place.name}</h3>
          {place.items.map((item) => (
            <ItemField
              key={item.id}
              item={item}
              answer={walk.answers[item.id] ?? {}}
              photo={walk.photos[item.id]}
              isMissing={asked.value && missing.includes(item)}
              changed={(answer) => change({ ...walk, answers: { ...walk.answers, [item.id]: answer } })}
              photographed={(photo) => change({ ...walk, photos: withPhoto(walk.photos, item.id, photo) })}
            />
          ))}
        </section>
      ))}
      <footer>
        <span class="muted">{tr('progress', { n: all - missing.length, all })}</span>
        {asked.value && missing.length > 0 ? (
          <p class="problem" role="alert">
            {tr('missing', { items: missing.map(({ text }) => text).join(', ') })}
          </p>
        ) : null}
        {isKept.value === false ? (
          <p class="problem" role="alert">
            {tr('not.kept')}
          </p>
        ) : null}
        <button type="button" class="plain" onClick={() => void dropDraft()}>
          {tr('drop')}
        </button>
        <button type="submit" class="act hand-in">
          {tr('hand.in')}
        </button>
      </footer>
    </form>
  );
}

function HandedIn({ id, round }: { readonly id: string; readonly round: string }) {
  const isWaiting = kept.value.some((walk) => walk.id === id);
  return (
    <div class="card hint" role="status" data-handed-in={isWaiting ? 'kept' : 'sent'}>
      <strong>{tr(isWaiting ? 'sent.later' : 'sent')}</strong>
      <p>
        <a href={addressHash({ page: 'rounds', rest: [round] })}>{tr('results')}</a>
      </p>
    </div>
  );
}

/** Goes on with what was begun by the same person, else begins with the round as it is now. */
async function beginWalk(id: string): Promise<Walk | undefined> {
  const held = session.peek();
  const who = held.state === 'in' ? held.me.name : '';
  const draft = await phone.draft(id).catch(() => undefined);
  if (draft?.who === who) return draft;
  const round = await loadRound(id);
  if (round === undefined) return undefined;
  const { version, body } = round;
  return { id: makeId('walk'), round: id, version, body, who, startedAt: browserNow(), answers: {}, photos: {} };
}

/** Of what was touched last: a phone that is full keeps nothing, and whoever walks must know. */
function draftState(isKept: boolean | undefined): 'kept' | 'lost' | undefined {
  if (isKept === undefined) return undefined;
  return isKept ? 'kept' : 'lost';
}

function withPhoto(photos: Walk['photos'], item: string, photo: Blob | undefined): Walk['photos'] {
  const { [item]: _, ...others } = photos as Record<string, Blob>;
  return photo === undefined ? others : { ...others, [item]: photo };
}

/** The hub takes no empty text. */
function withoutBlanks(answers: Walk['answers']): Walk['answers'] {
  return Object.fromEntries(
    Object.entries(answers).map(([id, { note, ...answer }]): [string, Answer] => [
      id,
      note === undefined || note.trim() === '' ? answer : { ...answer, note },
    ]),
  );
}
