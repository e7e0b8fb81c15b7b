import { addressHash } from '../../app/address.ts';
import type { Gateway } from '../../data/api.ts';
import { t } from '../../data/i18n.ts';
import { Prose } from '../../kit/prose.tsx';
import { isBaseKnown, useConfig } from './config-data.ts';
import { ConfigEditor } from './config-editor.tsx';
import { ConfigHistory } from './config-history.tsx';
import { isAdmin, PhaseLine } from './config-panel.tsx';
import { tc } from './config-texts.ts';

/** Lines and devices of one gateway: what is wanted, what works, and what became of every change. */
export function ConfigPage({ gateway }: { readonly gateway: Gateway }) {
  const { config, reload } = useConfig(gateway.id);
  if (config === undefined) return <div class="card skeleton" role="status" aria-label={t('state.loading')} />;
  const mayChange = config.managed === 'hub' && isAdmin();
  const { phase, applied } = config;
  const isOther = phase !== 'applied' && phase !== 'trial' && phase !== 'own' && phase !== 'file' && applied;
  return (
    <div class="gateway-detail">
      <header>
        <a href={addressHash({ page: 'gateways', rest: [gateway.id] })}>← {tc('back')}</a>
        <h2>{gateway.site ?? gateway.id}</h2>
        <span class="muted">{gateway.id}</span>
        <PhaseLine config={config} />
      </header>
      {isOther ? (
        <p class="muted">{applied.version === 0 ? tc('works.own') : tc('works.with', { version: applied.version })}</p>
      ) : null}
      {mayChange ? (
        isBaseKnown(config) ? (
          <ConfigEditor gateway={gateway.id} config={config} saved={reload} />
        ) : (
          <p class="card hint" role="status">
            {tc('not.told')}
          </p>
        )
      ) : (
        <section class="card part">
          <p class="muted">
            <Prose text={tc(config.managed === 'hub' ? 'who.why' : 'file.why')} />
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, also by keys */}
          <section class="diff" tabIndex={0} aria-label={tc('text')}>
            <pre>{config.wanted?.text ?? applied?.text ?? ''}</pre>
          </section>
        </section>
      )}
      <ConfigHistory
        {...{ gateway: gateway.id, zone: gateway.timezone ?? 'UTC', config, mayChange, changed: reload }}
      />
    </div>
  );
}
