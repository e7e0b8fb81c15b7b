import { signal } from '@preact/signals';
import { post, Refusal } from '../../data/api.ts';
import { t } from '../../data/i18n.ts';
import { loadAll } from '../../data/store.ts';

type Trouble = { readonly kind: 'refused' } | { readonly kind: 'wait'; readonly seconds: number };
const trouble = signal<Trouble | undefined>(undefined);
const busy = signal(false);

export function Login({ done }: { readonly done: () => void }) {
  return (
    <main class="login">
      <form class="card" onSubmit={(event) => void submit(event, done)}>
        <h2>{t('login.title')}</h2>
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
        <p class="muted small">{t('login.first', { command: 'sluice user add' })}</p>
      </form>
    </main>
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
