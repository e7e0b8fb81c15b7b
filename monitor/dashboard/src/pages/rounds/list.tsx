import { useEffect } from 'preact/hooks';
import { addressHash } from '../../app/address.ts';
import { t } from '../../data/i18n.ts';
import { connection } from '../../data/store.ts';
import { Mark, type MarkShape } from '../../kit/mark.tsx';
import { sentCount } from './kept.ts';
import { here, list, loadList } from './known.ts';
import { mayEdit, mayHandIn } from './roles.ts';
import { inOrder, type Listed } from './round.ts';
import { tr } from './texts.ts';
import { timeText } from './time-text.ts';

const MARKS: Readonly<Record<'done' | 'open' | 'overdue' | 'any', readonly [MarkShape, string]>> = {
  overdue: ['triangle', 'high'],
  open: ['ring', 'quiet'],
  any: ['ring', 'quiet'],
  done: ['circle', 'quiet'],
};

export function RoundList() {
  const link = connection.value.state;
  const sent = sentCount.value;
  useEffect(() => {
    loadList().catch(() => {});
  }, [link, sent]);
  const held = list.value;
  if (held.state === 'loading') return <div class="card skeleton" role="status" aria-label={t('state.loading')} />;
  return (
    <>
      <p class="tools no-print">
        <a class="plain" href={addressHash({ page: 'rounds', query: { view: 'labels' } })}>
          {tr('labels')}
        </a>
        {mayEdit() ? (
          <a class="plain" href={addressHash({ page: 'rounds', query: { view: 'new' } })}>
            {tr('make')}
          </a>
        ) : null}
      </p>
      {held.state === 'old' ? (
        <p class="card kept" role="status">
          {tr('list.old')}
        </p>
      ) : null}
      {held.rounds.length === 0 ? (
        <div class="card hint">
          <strong>{tr('none')}</strong>
          <p>{tr('none.hint')}</p>
        </div>
      ) : null}
      <ul class="round-list">
        {inOrder(held.rounds).map((round) => (
          <Row key={round.id} round={round} isOld={held.state === 'old'} />
        ))}
      </ul>
      {mayHandIn() ? null : <p class="muted">{tr('viewer')}</p>}
    </>
  );
}

function Row({ round, isOld }: { readonly round: Listed; readonly isOld: boolean }) {
  const { id, name, due, lastDone } = round;
  const state = due?.state ?? 'any';
  const [shape, tone] = MARKS[state];
  const isHere = here.value.get(id) === round.version;
  const last = lastDone === null ? tr('never') : tr('last', { time: timeText(lastDone) });
  return (
    <li class="card" data-round={id} data-state={isOld ? 'old' : state} data-here={isHere}>
      <div>
        <h2>
          <a href={addressHash({ page: 'rounds', rest: [id] })}>{name}</a>
        </h2>
        {isOld ? null : (
          <p class="small facts-line">
            <span class={`state tone-${tone}`}>
              <Mark shape={shape} tone={tone} />
              {tr(`state.${state}`)}
            </span>
            {due?.missed === undefined ? null : <span>{tr('missed', { time: timeText(due.missed) })}</span>}
            {due ? <span class="muted">{tr('next', { time: timeText(due.next) })}</span> : null}
            <span class="muted">{last}</span>
            {isHere ? null : <span class="muted">{tr('not.here')}</span>}
          </p>
        )}
      </div>
      {mayHandIn() ? (
        <a class="act start" href={addressHash({ page: 'rounds', rest: [id, 'walk'] })}>
          {tr('walk')}
        </a>
      ) : null}
    </li>
  );
}
