import '../gateways/gateways.css';
import '../gateways/config.css';
import './rollouts.css';
import { address, addressHash } from '../../app/address.ts';
import { RolloutDetail } from './detail.tsx';
import { GroupForm } from './group-form.tsx';
import { RolloutList } from './list.tsx';
import { NewRollout } from './new-rollout.tsx';
import { seesRollouts } from './rollout-data.ts';
import { tr } from './texts.ts';

/** One change for many gateways: the rollouts, one of them, a new one, the groups. */
export function RolloutsPage() {
  const [first, id] = address.value.rest;
  return (
    <section class="gateway-detail">
      <header>
        <a href={addressHash({ page: first === undefined ? 'gateways' : 'rollouts' })}>
          ← {tr(first === undefined ? 'back' : 'back.list')}
        </a>
      </header>
      <Part first={first} id={id} />
    </section>
  );
}

function Part({ first, id }: { readonly first: string | undefined; readonly id: string | undefined }) {
  if (!seesRollouts())
    return (
      <div class="card hint">
        <strong>{tr('everywhere')}</strong>
      </div>
    );
  if (first === undefined) return <RolloutList />;
  if (first === 'new') return <NewRollout />;
  if (first === 'group') return <GroupForm key={id} id={id} />;
  return <RolloutDetail key={first} id={first} />;
}
