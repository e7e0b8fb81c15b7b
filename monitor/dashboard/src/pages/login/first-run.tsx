import { useState } from 'preact/hooks';
import { post, Refusal } from '../../data/api.ts';
import { LANGUAGES, language, setLanguage, t, textIn } from '../../data/i18n.ts';
import { loadAll } from '../../data/store.ts';
import { browserZone, zones } from '../../data/zone.ts';
import { NewPassword } from './new-password.tsx';
import { tl } from './texts.ts';

/** Nobody can log in yet: whoever has the code that the hub printed becomes its owner. */
export function FirstRun({ done }: { readonly done: () => void }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState(codeInAddress);
  const [timezone, setTimezone] = useState(browserZone);
  const [trouble, setTrouble] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await post('/setup', { code, name, password, language: language.value, timezone });
      location.hash = '#/';
      await loadAll();
      done();
    } catch (error) {
      setTrouble(troubleOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <main class="login">
      <form class="card" onSubmit={(event) => void submit(event)}>
        <h2>{tl('first.title')}</h2>
        <p class="muted small">{tl('first.why')}</p>
        <label>
          {tl('first.code')}
          <input
            name="code"
            required
            autocomplete="off"
            spellcheck={false}
            maxLength={100}
            value={code}
            onInput={(event) => setCode(event.currentTarget.value)}
          />
        </label>
        <label>
          {tl('first.name')}
          <input
            name="name"
            required
            autocomplete="username"
            maxLength={63}
            aria-describedby="name-hint"
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <p id="name-hint" class="small muted">
          {tl('first.name.hint')}
        </p>
        <NewPassword name={name} value={password} change={setPassword} />
        <div class="select pair">
          <label>
            {tl('first.language')}
            <select value={language.value} onChange={(event) => chooseLanguage(event.currentTarget.value)}>
              {LANGUAGES.map((each) => (
                <option key={each} value={each}>
                  {textIn(each, 'language')}
                </option>
              ))}
            </select>
          </label>
          <label>
            {tl('first.zone')}
            <select value={timezone} onChange={(event) => setTimezone(event.currentTarget.value)}>
              {zones(timezone).map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
        </div>
        <p role="alert" class="trouble">
          {trouble}
        </p>
        <button type="submit" class="main" disabled={busy}>
          {tl('first.create')}
        </button>
      </form>
    </main>
  );
}

/** `#/setup?code=…`: behind the hash, so that it stands in no log of a server. */
function codeInAddress(): string {
  return new URLSearchParams(location.hash.split('?')[1]).get('code') ?? '';
}

function chooseLanguage(name: string): void {
  const wanted = LANGUAGES.find((each) => each === name);
  if (wanted) setLanguage(wanted);
}

function troubleOf(error: unknown): string {
  if (!(error instanceof Refusal)) return tl('first.exists', { why: '' });
  if (error.status === 429) return t('login.wait', { seconds: error.retryAfterS });
  if (error.code === 'setup-refused') return tl('first.refused');
  return tl('first.exists', { why: error.detail ?? error.code });
}
