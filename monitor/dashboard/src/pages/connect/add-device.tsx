import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { addressHash } from '../../app/address.ts';
import { ask, type Gateway, post } from '../../data/api.ts';
import { after } from '../../data/clock.ts';
import { language, t, titleOf } from '../../data/i18n.ts';
import { lastOf, points } from '../../data/store.ts';
import { valueText } from '../../data/value-text.ts';
import { Prose } from '../../kit/prose.tsx';
import { baseOf, type Config, type ConfigHead, configPath, useConfig } from '../gateways/config-data.ts';
import { isAdmin, PhaseLine } from '../gateways/config-panel.tsx';
import { DeviceStep, type ProfileEntry } from './device-step.tsx';
import { type Draft, deviceOf, isReady, lineOf, newDraft } from './draft.ts';
import { FindStep } from './find-step.tsx';
import { LineStep } from './line-step.tsx';
import { tn } from './texts.ts';
import { whyOf } from './why.ts';

const LOOK_AGAIN_MS = 2000;
const MOST_SHOWN = 8;

/** A device from the line it hangs on to its values on the screen. */
export function AddDevice({ gateway }: { readonly gateway: Gateway }) {
  const { config, reload } = useConfig(gateway.id);
  if (config === undefined) return <div class="card skeleton" role="status" aria-label={t('state.loading')} />;
  return (
    <div class="gateway-detail add-device">
      <header>
        <a href={addressHash({ page: 'gateways', rest: [gateway.id] })}>← {tn('back')}</a>
        <h2>{tn('title')}</h2>
        <span class="muted">{gateway.site ?? gateway.id}</span>
      </header>
      <Body gateway={gateway} config={config} reload={reload} />
    </div>
  );
}

interface BodyProps {
  readonly gateway: Gateway;
  readonly config: Config;
  readonly reload: () => void;
}

function Body({ gateway, config, reload }: BodyProps) {
  if (!isAdmin()) return <p class="card hint">{tn('who')}</p>;
  if (config.managed === 'file')
    return (
      <p class="card hint">
        <Prose text={tn('file')} />
      </p>
    );
  return <Steps gateway={gateway} config={config} reload={reload} />;
}

interface Saved {
  readonly version: number;
  readonly name: string;
}

function Steps({ gateway, config, reload }: BodyProps) {
  const lines = gateway.channels;
  const draft = useSignal<Draft>(newDraft(lines));
  const saved = useSignal<Saved | undefined>(undefined);
  const problem = useSignal('');
  const profiles = useProfiles(gateway.id);
  const changed = (change: Partial<Draft>) => {
    draft.value = { ...draft.value, ...change };
  };
  const line = lineOf(draft.value, lines);
  const save = async () => {
    problem.value = '';
    try {
      const { version } = await post<ConfigHead>(configPath(gateway.id, '/devices'), {
        from: baseOf(config).version,
        ...(draft.value.known === undefined ? { line } : {}),
        device: deviceOf(draft.value, language.value),
      });
      saved.value = { version, name: draft.value.name };
      reload();
    } catch (error) {
      problem.value = whyOf(error);
    }
  };
  if (saved.value)
    return (
      <Arrived
        {...{ gateway, config, saved: saved.value }}
        again={() => {
          saved.value = undefined;
          draft.value = newDraft(gateway.channels);
        }}
      />
    );
  const step = { gateway: gateway.id, line, draft: draft.value, changed };
  return (
    <form
      class="steps"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {gateway.state === 'offline' ? (
        <p class="card warning" role="status">
          {tn('away')}
        </p>
      ) : null}
      <LineStep gateway={gateway.id} lines={lines} draft={draft.value} changed={changed} />
      <FindStep key={String(line.port)} {...step} profiles={profiles} />
      <DeviceStep {...step} profiles={profiles} />
      <fieldset class="card part step">
        <legend>{tn('save.title')}</legend>
        <p class="muted">{tn('save.note')}</p>
        <p class="ways">
          <button type="submit" class="act" disabled={!isReady(draft.value)}>
            {tn('save')}
          </button>
        </p>
        {problem.value ? (
          <p class="problem" role="alert">
            {problem.value}
          </p>
        ) : null}
      </fieldset>
    </form>
  );
}

/** What the gateway can be told it has. Asked for until the gateway has sent it. */
function useProfiles(gateway: string): readonly ProfileEntry[] {
  const held = useSignal<readonly ProfileEntry[]>([]);
  useEffect(() => {
    let stop = () => {};
    const look = () => {
      ask<{ document: { profiles: ProfileEntry[] } | null }>(configPath(gateway, '/schema')).then(
        ({ document }) => {
          if (document) held.value = document.profiles;
          else stop = after(LOOK_AGAIN_MS, look);
        },
        () => {
          stop = after(LOOK_AGAIN_MS, look);
        },
      );
    };
    look();
    return () => stop();
  }, [gateway]);
  return held.value;
}

interface ArrivedProps {
  readonly gateway: Gateway;
  readonly config: Config;
  readonly saved: Saved;
  readonly again: () => void;
}

/** From saved to a value: how far it is, then what it says. */
function Arrived({ gateway, config, saved, again }: ArrivedProps) {
  const own = (points.value ?? []).filter((point) => point.gateway === gateway.id && point.device === saved.name);
  const isOn = own.some((point) => lastOf(point.id).value !== null);
  return (
    <section class="card part" data-arrived={isOn ? saved.name : undefined}>
      <h3>{tn(isOn ? 'done.title' : 'saved.title', { name: saved.name })}</h3>
      <PhaseLine config={config} />
      {config.phase === 'refused' && config.lastRefusal?.problems ? (
        <ul class="config-problems" role="alert">
          {config.lastRefusal.problems.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              <code>{path}</code> <Prose text={message} />
            </li>
          ))}
        </ul>
      ) : null}
      {isOn ? null : (
        <p class="muted" role="status">
          {tn('done.waits')}
        </p>
      )}
      {isOn ? (
        <dl class="facts">
          {own.slice(0, MOST_SHOWN).map((point) => (
            <div key={point.id}>
              <dt>{titleOf(point.title, point.point)}</dt>
              <dd>
                {valueText(point, lastOf(point.id).value)} {point.unit ?? ''}
              </dd>
            </div>
          ))}
        </dl>
      ) : null}
      <p class="ways">
        {isOn ? (
          <a class="act" href={addressHash({ page: 'equipment', rest: [gateway.id, saved.name] })}>
            {tn('done.open')}
          </a>
        ) : (
          <a class="act" href={addressHash({ page: 'gateways', rest: [gateway.id, 'config'] })}>
            {tn('change.it')}
          </a>
        )}
        <button type="button" class="act" onClick={again}>
          {tn('done.next')}
        </button>
      </p>
    </section>
  );
}
