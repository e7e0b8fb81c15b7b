import '../points/gateways.css';
import './gateways.css';
import './config.css';
import { address, addressHash } from '../../app/address.ts';
import { t } from '../../data/i18n.ts';
import { gateways } from '../../data/store.ts';
import { Connect } from '../connect/connect.tsx';
import { GatewayCard } from '../points/gateways.tsx';
import { seesRollouts } from '../rollouts/rollout-data.ts';
import { ConfigPage } from './config-page.tsx';
import { GatewayDetail } from './detail.tsx';
import { tg } from './texts.ts';
import { Topology } from './topology.tsx';

const TABS = ['list', 'topology'] as const;

/** Can the data be trusted? Every gateway with its link, and how the plant hangs together. */
export function GatewaysPage() {
  const { rest, query } = address.value;
  const list = gateways.value;
  if (list === undefined) return <div class="card skeleton" role="status" aria-label={t('state.loading')} />;
  const [id, view] = rest;
  if (id !== undefined) {
    const gateway = list.find((each) => each.id === id);
    if (gateway && view === 'config') return <ConfigPage key={id} gateway={gateway} />;
    return gateway ? <GatewayDetail key={id} gateway={gateway} /> : <Unknown />;
  }
  const tab = query.tab === 'topology' ? 'topology' : 'list';
  return (
    <section class="gateways-page">
      <nav class="choice views" aria-label={tg('tabs')}>
        {TABS.map((name) => (
          <a
            key={name}
            href={addressHash({ page: 'gateways', ...(name === 'list' ? {} : { query: { tab: name } }) })}
            aria-current={tab === name ? 'page' : undefined}
          >
            {tg(`tab.${name}`)}
          </a>
        ))}
        {seesRollouts() ? <a href={addressHash({ page: 'rollouts' })}>{t('page.rollouts')}</a> : null}
      </nav>
      {tab === 'topology' ? (
        <Topology />
      ) : (
        <>
          {list.length === 0 ? (
            <div class="card hint">
              <strong>{t('gateways.none')}</strong>
            </div>
          ) : null}
          <div class="gateway-cards">
            {list.map((gateway) => (
              <GatewayCard
                key={gateway.id}
                gateway={gateway}
                href={addressHash({ page: 'gateways', rest: [gateway.id] })}
              />
            ))}
          </div>
          <Connect />
        </>
      )}
    </section>
  );
}

function Unknown() {
  return (
    <div class="card hint">
      <strong>{tg('unknown')}</strong>
      <p>
        <a href={addressHash({ page: 'gateways' })}>{tg('back')}</a>
      </p>
    </div>
  );
}
