import { addressHash } from '../../app/address.ts';
import type { Gateway } from '../../data/api.ts';
import { session } from '../../data/store.ts';
import { Mark, type MarkShape } from '../../kit/mark.tsx';
import { Prose } from '../../kit/prose.tsx';
import { type Config, type ConfigPhase, useConfig } from './config-data.ts';
import { tc } from './config-texts.ts';

const PHASE_MARK: Readonly<Record<ConfigPhase, readonly [MarkShape, string]>> = {
  unknown: ['ring', 'stale'],
  file: ['circle', 'quiet'],
  own: ['circle', 'quiet'],
  wanted: ['ring', 'quiet'],
  sent: ['ring', 'quiet'],
  trial: ['ring', 'quiet'],
  applied: ['circle', 'quiet'],
  refused: ['triangle', 'high'],
  returned: ['triangle', 'high'],
};

export function isAdmin(): boolean {
  const held = session.value;
  return held.state === 'in' && held.me.role === 'admin';
}

/** How far it is, in one line. */
export function PhaseLine({ config }: { readonly config: Config }) {
  const [shape, tone] = PHASE_MARK[config.phase];
  return (
    <p class={`state tone-${tone}`} role="status" data-phase={config.phase}>
      <Mark shape={shape} tone={tone} />
      {tc(`phase.${config.phase}`, { version: config.wanted?.version ?? 0 })}
    </p>
  );
}

/** Who owns lines and devices of a gateway, how far a change is, and the ways to change it. */
export function ConfigPanel({ gateway }: { readonly gateway: Gateway }) {
  const { config } = useConfig(gateway.id);
  const mayChange = config?.managed === 'hub' && isAdmin();
  return (
    <section class="card part" aria-labelledby="config">
      <h3 id="config">{tc('title')}</h3>
      {config ? <PhaseLine config={config} /> : null}
      {config?.phase === 'file' ? (
        <p class="muted">
          <Prose text={tc('file.why')} />
        </p>
      ) : null}
      <p class="ways">
        {mayChange ? (
          <a class="act" href={addressHash({ page: 'connect', rest: [gateway.id] })}>
            {tc('add')}
          </a>
        ) : null}
        <a class="act" href={addressHash({ page: 'gateways', rest: [gateway.id, 'config'] })}>
          {tc(mayChange ? 'edit' : 'show')}
        </a>
      </p>
    </section>
  );
}
