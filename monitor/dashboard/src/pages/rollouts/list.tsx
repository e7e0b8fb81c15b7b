import { addressHash } from '../../app/address.ts';
import { formatTime } from '../../data/format.ts';
import { t } from '../../data/i18n.ts';
import { Mark } from '../../kit/mark.tsx';
import { Table } from '../gateways/table.tsx';
import {
  MEMBER_STATES,
  mayRoll,
  ROLLOUT_MARK,
  type RolloutHead,
  type RolloutState,
  useFollowed,
  useGroups,
} from './rollout-data.ts';
import { tr } from './texts.ts';

export function RolloutList() {
  const { is, problem } = useFollowed<{ readonly rollouts: readonly RolloutHead[] }>('/rollouts');
  const groups = useGroups().is?.documents;
  if (is === undefined || groups === undefined)
    return problem ? (
      <p role="alert">{problem}</p>
    ) : (
      <div class="card skeleton" role="status" aria-label={t('state.loading')} />
    );
  return (
    <>
      <section class="card part" aria-labelledby="rollouts">
        <h2 id="rollouts">{tr('title')}</h2>
        <p class="muted">{tr('title.hint')}</p>
        {is.rollouts.length === 0 ? <p data-rollouts="none">{tr('none')}</p> : <Rollouts list={is.rollouts} />}
        {mayRoll() && groups.length > 0 ? (
          <p class="ways">
            <a class="act" href={addressHash({ page: 'rollouts', rest: ['new'] })}>
              {tr('new')}
            </a>
          </p>
        ) : null}
      </section>
      <section class="card part" aria-labelledby="groups">
        <h3 id="groups">{tr('groups')}</h3>
        {groups.length === 0 ? <p class="muted">{tr('groups.none')}</p> : null}
        <ul class="group-list">
          {groups.map(({ id, name }) => (
            <li key={id}>
              <a href={addressHash({ page: 'rollouts', rest: ['group', id] })}>{name}</a>
            </li>
          ))}
        </ul>
        {mayRoll() ? (
          <p class="ways">
            <a class="act" href={addressHash({ page: 'rollouts', rest: ['group'] })}>
              {tr('group.new')}
            </a>
          </p>
        ) : null}
      </section>
    </>
  );
}

function Rollouts({ list }: { readonly list: readonly RolloutHead[] }) {
  return (
    <Table name={tr('title')} heads={[tr('name'), tr('state'), tr('progress'), tr('begun'), tr('by')]}>
      {list.map((rollout) => (
        <tr key={rollout.id} data-rollout={rollout.id}>
          <th scope="row">
            <a href={addressHash({ page: 'rollouts', rest: [String(rollout.id)] })}>{rollout.name}</a>
          </th>
          <td>
            <StateMark state={rollout.state} />
          </td>
          <td>{countText(rollout)}</td>
          <td class="number">{formatTime(rollout.madeAt, ownZone())}</td>
          <td>{rollout.by}</td>
        </tr>
      ))}
    </Table>
  );
}

export function StateMark({ state }: { readonly state: RolloutState }) {
  const [shape, tone] = ROLLOUT_MARK[state];
  return (
    <span class={`state tone-${tone}`} data-state={state}>
      <Mark shape={shape} tone={tone} />
      {tr(`state.${state}`)}
    </span>
  );
}

/** `3 good, 1 failed`. */
function countText({ count }: RolloutHead): string {
  return MEMBER_STATES.flatMap((state) => (count[state] ? [`${tr(`member.${state}`)}: ${count[state]}`] : [])).join(
    ', ',
  );
}

/** Rollouts are of no site: the time of whoever looks. */
export function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
