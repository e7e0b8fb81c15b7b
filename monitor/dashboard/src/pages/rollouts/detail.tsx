import { useSignal } from '@preact/signals';
import { addressHash } from '../../app/address.ts';
import { post } from '../../data/api.ts';
import { formatInterval, formatTime } from '../../data/format.ts';
import { t } from '../../data/i18n.ts';
import { gateways } from '../../data/store.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { Mark } from '../../kit/mark.tsx';
import { Table } from '../gateways/table.tsx';
import { ownZone, StateMark } from './list.tsx';
import {
  type Member,
  mayRoll,
  memberMark,
  type Rollout,
  TURNS,
  type Turn,
  useFollowed,
  whyNot,
} from './rollout-data.ts';
import { tr } from './texts.ts';

const READY: readonly Member['state'][] = ['good', 'same', 'skipped', 'reverted', 'kept'];

/** How far one is, ring by ring, why it stands still, and what can be done. */
export function RolloutDetail({ id }: { readonly id: string }) {
  const { is: rollout, problem, reload } = useFollowed<Rollout>(`/rollouts/${encodeURIComponent(id)}`);
  if (rollout === undefined)
    return problem ? (
      <p role="alert">{problem}</p>
    ) : (
      <div class="card skeleton" role="status" aria-label={t('state.loading')} />
    );
  const { name, why, members, failures, tolerance, soakMs, change } = rollout;
  const rings = [...new Set(members.map(({ ring }) => ring))].sort((a, b) => a - b);
  const terms = { rings: [...rollout.rings, tr('rings.rest')].join(', '), soak: formatInterval(soakMs), tolerance };
  return (
    <>
      <section class="card part" aria-labelledby="rollout">
        <h2 id="rollout">{name}</h2>
        <p role="status">
          <StateMark state={rollout.state} />
        </p>
        {why ? <p>{tr(`why.${why}`, { failures, tolerance })}</p> : null}
        <p class="muted">{tr('terms', terms)}</p>
        {mayRoll() ? <Turns rollout={rollout} turned={reload} /> : null}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, also by keys */}
        <section class="diff" tabIndex={0} aria-label={tr('change')}>
          <pre>{change}</pre>
        </section>
      </section>
      {rings.map((ring) => (
        <Ring key={ring} ring={ring} members={members.filter((member) => member.ring === ring)} />
      ))}
    </>
  );
}

function Turns({ rollout, turned }: { readonly rollout: Rollout; readonly turned: () => void }) {
  const asking = useSignal<Exclude<Turn, 'pause'> | undefined>(undefined);
  const problem = useSignal('');
  const { id, state, failures, members } = rollout;
  const turn = (to: Turn) => {
    asking.value = undefined;
    post(`/rollouts/${id}/turn`, { turn: to }).then(turned, (error: unknown) => {
      problem.value = whyNot(error);
    });
  };
  const given = members.filter((each) => each.version !== null && each.state !== 'reverted' && each.state !== 'kept');
  const counts = { stop: 0, revert: given.length, resume: failures };
  const press = (to: Turn) => {
    // What takes nothing away from anybody is done at once.
    if (to === 'pause' || (to === 'resume' && failures === 0)) turn(to);
    else asking.value = to;
  };
  const asked = asking.value;
  return (
    <>
      <p class="ways">
        {TURNS[state].map((to) => (
          <button key={to} type="button" class="act" onClick={() => press(to)}>
            {tr(`turn.${to}`)}
          </button>
        ))}
      </p>
      {problem.value ? (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      ) : null}
      {asked ? (
        <Dialog
          title={tr(`turn.${asked}`)}
          closeText={tr('cancel')}
          close={() => {
            asking.value = undefined;
          }}
        >
          <p>{tr(`sure.${asked}`, { n: counts[asked] })}</p>
          <p class="ways">
            <button type="button" class="act" data-sure={asked} onClick={() => turn(asked)}>
              {tr(`turn.${asked}`)}
            </button>
          </p>
        </Dialog>
      ) : null}
    </>
  );
}

function Ring({ ring, members }: { readonly ring: number; readonly members: readonly Member[] }) {
  const ready = members.filter(({ state }) => READY.includes(state)).length;
  const name = tr('ring', { n: ring + 1 });
  return (
    <section class="card part" aria-label={name} data-ring={ring}>
      <h3>
        {name} <span class="muted">{tr('ring.count', { ready, all: members.length })}</span>
      </h3>
      <Table name={name} heads={[tr('gateway'), tr('state'), tr('version'), tr('since')]}>
        {members.map((member) => (
          <MemberRow key={member.gateway} member={member} />
        ))}
      </Table>
    </section>
  );
}

function MemberRow({ member }: { readonly member: Member }) {
  const { gateway, state, was, version, since } = member;
  const [shape, tone] = memberMark(member);
  return (
    <tr data-member={gateway} data-state={state}>
      <th scope="row">
        <a href={addressHash({ page: 'gateways', rest: [gateway, 'config'] })}>{gateway}</a>
      </th>
      <td>
        <span class={`state tone-${tone}`}>
          <Mark shape={shape} tone={tone} />
          {stateText(member)}
        </span>
      </td>
      <td class="number">{version === null ? '–' : tr('version.change', { was: was ?? 0, version })}</td>
      <td class="number">{formatTime(since, ownZone())}</td>
    </tr>
  );
}

function stateText({ gateway, state, reason, detail, accepted }: Member): string {
  const isAway = gateways.value?.find(({ id }) => id === gateway)?.state === 'offline';
  if (state === 'waiting' && isAway) return tr('member.away');
  const why = [reason ? tr(`reason.${reason}`) : '', detail ?? '', accepted ? tr('accepted') : ''].filter(Boolean);
  return [tr(`member.${state}`), ...why].join(': ');
}
