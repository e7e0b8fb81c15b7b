import './login.css';
import { signal } from '@preact/signals';
import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { address } from '../../app/address.ts';
import { ask, post, Refusal } from '../../data/api.ts';
import { after } from '../../data/clock.ts';
import { t } from '../../data/i18n.ts';
import { loadAll } from '../../data/store.ts';
import { tl } from './texts.ts';

type Trouble = { readonly kind: 'refused' } | { readonly kind: 'wait'; readonly seconds: number };
const trouble = signal<Trouble | undefined>(undefined);
const busy = signal(false);

interface Entrance {
  /** Nobody can log in yet. */
  readonly setup: boolean;
  /** What the provider of single sign-on is called. */
  readonly sso: string | null;
}

type Form = FunctionComponent<{ readonly done: () => void }>;
const RETRY_MS = 3000;

/** The way in; on a new hub, the way to its first user. */
export function Login({ done }: { readonly done: () => void }) {
  const [sso, setSso] = useState<string | null>(null);
  const [FirstRun, setFirstRun] = useState<Form | undefined>(undefined);
  useEffect(() => {
    let stop = () => {};
    const look = async () => {
      try {
        const entrance = await ask<Entrance>('/entrance');
        setSso(entrance.sso);
        if (!entrance.setup) return;
        const { FirstRun: form } = await import('./first-run.tsx');
        setFirstRun(() => form);
      } catch {
        stop = after(RETRY_MS, () => void look());
      }
    };
    void look();
    return () => stop();
  }, []);
  return FirstRun ? <FirstRun done={done} /> : <WithPassword done={done} sso={sso} />;
}

function WithPassword({ done, sso }: { readonly done: () => void; readonly sso: string | null }) {
  return (
    <main class="login">
      <form class="card" onSubmit={(event) => void submit(event, done)}>
        <h2>{t('login.title')}</h2>
        {sso === null ? null : <SingleSignOn name={sso} />}
        <label>
          {t('login.name')}
          <input name="name" autocomplete="username" required maxLength={63} />
        </label>
        <label>
          {t('login.password')}
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        <p role="alert" class="trouble">
          {troubleText()}
        </p>
        <button type="submit" class="main" disabled={busy.value}>
          {t('login.submit')}
        </button>
      </form>
    </main>
  );
}

/** By a link, since the provider's page comes in the place of this one; it leads back here. */
function SingleSignOn({ name }: { readonly name: string }) {
  const refused = address.value.query.sso;
  return (
    <>
      <a class="main sso" href="/api/v1/oidc/login">
        {tl('sso.login', { name })}
      </a>
      {refused === undefined ? null : (
        <p role="alert" class="trouble">
          {tl(refused === 'unreachable' ? 'sso.unreachable' : 'sso.refused')}
        </p>
      )}
      <p class="muted small">{tl('sso.or')}</p>
    </>
  );
}

function troubleText(): string {
  const held = trouble.value;
  if (held === undefined) return '';
  return held.kind === 'wait' ? t('login.wait', { seconds: held.seconds }) : t('login.refused');
}

async function submit(event: Event, done: () => void): Promise<void> {
  event.preventDefault();
  const form = new FormData(event.currentTarget as HTMLFormElement);
  busy.value = true;
  try {
    await post('/login', { name: form.get('name'), password: form.get('password') });
    trouble.value = undefined;
    await loadAll();
    done();
  } catch (error) {
    const wait = error instanceof Refusal && error.status === 429;
    trouble.value = wait ? { kind: 'wait', seconds: error.retryAfterS } : { kind: 'refused' };
  } finally {
    busy.value = false;
  }
}
