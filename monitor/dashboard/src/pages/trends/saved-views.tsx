import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Refusal } from '../../data/api.ts';
import { browserNow } from '../../data/clock.ts';
import { session } from '../../data/store.ts';
import { getSaved, idOf, listSaved, removeSaved, type SavedHead, save } from './saved-client.ts';
import { showLive, view } from './state.ts';
import { tt } from './texts.ts';

/** Views under a name, the same for everybody. */
export function SavedViews() {
  const known = useSignal<readonly SavedHead[] | undefined>(undefined);
  const opened = useSignal<SavedHead | undefined>(undefined);
  const name = useSignal('');
  const said = useSignal('');
  const load = async () => {
    known.value = await listSaved();
  };
  useEffect(() => {
    // An older hub keeps no views: then there is nothing to show.
    load().catch(() => {});
  }, []);
  const attempt = async (act: () => Promise<string>) => {
    try {
      said.value = await act();
      await load();
    } catch (error) {
      said.value = whyNot(error);
    }
  };
  const open = (id: string) =>
    attempt(async () => {
      const { body, ...head } = await getSaved(id);
      opened.value = head;
      showLive({ points: body.points, range: body.range, compare: body.compare });
      return '';
    });
  const store = (id: string, from: number, called: string) =>
    attempt(async () => {
      const { points, range, compare } = view.peek();
      opened.value = await save(id, from, { name: called, points, range, compare });
      name.value = '';
      return tt('saved.done');
    });
  const remove = (head: SavedHead) =>
    attempt(async () => {
      await removeSaved(head);
      opened.value = undefined;
      return tt('saved.removed');
    });
  if (known.value === undefined) return null;
  const held = opened.value;
  const maySave = session.value.state === 'in' && session.value.me.role !== 'viewer' && view.value.points.length > 0;
  return (
    <section class="card saved">
      <h2>{tt('saved')}</h2>
      {known.value.length > 0 ? (
        <label class="select">
          <span class="hidden">{tt('saved.choose')}</span>
          <select value={held?.id ?? ''} onChange={(event) => void open(event.currentTarget.value)}>
            <option value="" disabled>
              {tt('saved.choose')}
            </option>
            {known.value.map((head) => (
              <option key={head.id} value={head.id}>
                {head.name}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      {maySave ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const called = name.value.trim();
            if (called !== '') void store(idOf(called, browserNow()), 0, called);
          }}
        >
          <label>
            <span class="muted">{tt('saved.name')}</span>{' '}
            <input
              value={name.value}
              maxLength={100}
              onInput={(event) => {
                name.value = event.currentTarget.value;
              }}
            />
          </label>
          <button type="submit" class="act" disabled={name.value.trim() === ''}>
            {tt('saved.new')}
          </button>
          {held ? (
            <>
              <button type="button" class="plain" onClick={() => void store(held.id, held.version, held.name)}>
                {tt('saved.again', { name: held.name })}
              </button>
              <button type="button" class="plain" onClick={() => void remove(held)}>
                {tt('saved.remove', { name: held.name })}
              </button>
            </>
          ) : null}
        </form>
      ) : null}
      <p class="small" role="status">
        {said.value}
      </p>
    </section>
  );
}

function whyNot(error: unknown): string {
  if (!(error instanceof Refusal)) return tt('saved.failed', { why: String(error) });
  if (error.code === 'document-changed') return tt('saved.changed');
  return error.status === 403 ? tt('saved.forbidden') : tt('saved.failed', { why: error.code });
}
