import type { ComponentChildren } from 'preact';
import { t } from '../data/i18n.ts';
import type { PointState } from '../data/point-state.ts';
import { Mark } from './mark.tsx';
import { StateText } from './state-text.tsx';

export type TileState = PointState | 'loading' | 'forbidden' | 'unconfigured' | 'error';

interface TileProps {
  readonly title: string;
  readonly state: TileState;
  /** How old what it shows is, in words. */
  readonly age?: string | undefined;
  /** Why it is bad, empty or refused; for an error something to quote. */
  readonly note?: string | undefined;
  readonly isSimulated?: boolean;
  readonly isMaintained?: boolean;
  readonly retry?: () => void;
  readonly href?: string;
  readonly children?: ComponentChildren;
}

/** A frame that says how far what stands in it can be trusted. */
export function Tile(props: TileProps) {
  const { title, state, isSimulated = false, isMaintained = false, href } = props;
  return (
    <article class={`card tile ${state}${isMaintained ? ' maintained' : ''}`} aria-busy={state === 'loading'}>
      <header>
        <h3>{href === undefined ? title : <a href={href}>{title}</a>}</h3>
        <span class="tile-signs">
          {isSimulated ? <span class="sim">{t('tile.simulated')}</span> : null}
          {isMaintained ? (
            <span class="state tone-maintenance">
              <Mark shape="ring" tone="maintenance" />
              {t('tile.maintenance')}
            </span>
          ) : null}
        </span>
      </header>
      <Content {...props} />
    </article>
  );
}

function Content({ state, age, note, retry, children }: TileProps) {
  if (state === 'loading') return <div class="tile-skeleton" role="status" aria-label={t('state.loading')} />;
  if (state === 'error') {
    return (
      <div class="tile-note" role="alert">
        <State state={state} />
        {note ? <code>{note}</code> : null}
        {retry ? (
          <button type="button" class="act" onClick={retry}>
            {t('tile.retry')}
          </button>
        ) : null}
      </div>
    );
  }
  if (state === 'forbidden' || state === 'unconfigured') {
    return (
      <div class="tile-note">
        <State state={state} />
        {note ? <p class="muted">{note}</p> : null}
      </div>
    );
  }
  return (
    <>
      <div class="tile-content">{children}</div>
      <footer class="small">
        <State state={state} />
        {note ? <span>{note}</span> : null}
        {age ? <span class="muted">{age}</span> : null}
      </footer>
    </>
  );
}

function State({ state }: { readonly state: TileState }) {
  if (state === 'live' || state === 'loading') return null;
  if (state === 'forbidden' || state === 'unconfigured' || state === 'error') {
    const isError = state === 'error';
    return (
      <span class={`state tone-${isError ? 'high' : 'stale'}`}>
        <Mark shape={isError ? 'triangle' : 'ring'} tone={isError ? 'high' : 'stale'} />
        {t(`tile.${state}`)}
      </span>
    );
  }
  return <StateText state={state} />;
}
