import { attention } from './alarm-store.ts';
import { post } from './api.ts';
import { formatAge } from './format.ts';
import { LANGUAGES, language, setLanguage, t, textIn } from './i18n.ts';
import { Mark } from './mark.tsx';
import { place } from './place.ts';
import { connection, session, ticking } from './store.ts';
import { setTheme, THEMES, theme } from './theme.ts';

export function Header() {
  const held = session.value;
  const me = held.state === 'in' ? held.me : undefined;
  return (
    <header class="bar">
      <h1 class="brand">
        <img src="/icon.svg" alt="" width="24" height="24" />
        Sluice
      </h1>
      {me ? <Views /> : null}
      {me ? <Link /> : null}
      {me?.demo ? (
        <span class="badge" title={t('demo.hint')}>
          {t('demo')}
        </span>
      ) : null}
      {me?.demo ? <span class="muted wide">{t('demo.hint')}</span> : null}
      <span class="spring" />
      <fieldset class="choice">
        <legend class="hidden">Language</legend>
        {LANGUAGES.map((name) => (
          <button
            type="button"
            key={name}
            lang={name}
            aria-pressed={language.value === name}
            onClick={() => setLanguage(name)}
          >
            {textIn(name, 'language')}
          </button>
        ))}
      </fieldset>
      <label class="select">
        <span class="hidden">{t('theme')}</span>
        <select value={theme.value} onChange={(event) => chooseTheme(event.currentTarget.value)}>
          {THEMES.map((name) => (
            <option key={name} value={name}>
              {t(`theme.${name}`)}
            </option>
          ))}
        </select>
      </label>
      {me && !me.demo ? (
        <button type="button" class="plain" onClick={logout}>
          {t('logout')}
        </button>
      ) : null}
    </header>
  );
}

/** The two halves of the page, with what waits to be seen. */
function Views() {
  const isAlarms = place.value.alarms !== undefined;
  const unseen = attention.value.filter(({ acknowledged }) => !acknowledged).length;
  return (
    <nav class="choice views">
      <a href="#/" aria-current={isAlarms ? undefined : 'page'}>
        {t('points')}
      </a>
      <a href="#/alarms?tab=active" aria-current={isAlarms ? 'page' : undefined}>
        {unseen > 0 ? <Mark shape="triangle" tone="high" /> : null}
        {t('alarms')}
        {attention.value.length > 0 ? <span class="count">{attention.value.length}</span> : null}
      </a>
    </nav>
  );
}

function Link() {
  const { state } = connection.value;
  if (state === 'live') {
    return (
      <span class="link">
        <Mark shape="circle" tone="quiet" />
        {t('link.live')}
      </span>
    );
  }
  return (
    <span class="link">
      <Mark shape="ring" tone="quiet" />
      {t('link.connecting')}
    </span>
  );
}

/** Says that what is on the screen has stopped being true. */
export function LostBar() {
  const held = connection.value;
  if (held.state !== 'lost') return null;
  return (
    <div class="lost" role="status">
      <Mark shape="triangle" tone="high" />
      {t('link.lost', { age: formatAge(ticking.value - held.since) })}
    </div>
  );
}

function chooseTheme(name: string): void {
  const wanted = THEMES.find((each) => each === name);
  if (wanted) setTheme(wanted);
}

async function logout(): Promise<void> {
  await post('/logout', {});
  location.reload();
}
