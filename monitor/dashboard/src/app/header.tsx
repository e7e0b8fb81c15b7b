import { post } from '../data/api.ts';
import { formatAge } from '../data/format.ts';
import { LANGUAGES, language, setLanguage, t, textIn } from '../data/i18n.ts';
import { connection, session, ticking } from '../data/store.ts';
import { setTheme, THEMES, theme } from '../data/theme.ts';
import { Mark } from '../kit/mark.tsx';
import { Icon } from './icon.tsx';
import { ICONS } from './icons.ts';
import { open } from './open.ts';
import { setSound, soundOn, soundWaits } from './sound.ts';

export function Header({ title }: { readonly title: string }) {
  const held = session.value;
  const me = held.state === 'in' ? held.me : undefined;
  return (
    <header class="bar">
      <h1>{title}</h1>
      {me ? <Link /> : null}
      {me?.demo ? (
        <span class="badge" title={t('demo.hint')}>
          {t('demo')}
        </span>
      ) : null}
      <span class="spring" />
      {me ? (
        <button type="button" class="finder" onClick={() => open('search')}>
          <Icon path={ICONS.search} size={18} />
          <span>{t('search')}</span>
          <kbd>Ctrl K</kbd>
        </button>
      ) : null}
      <div class={me ? 'settings' : 'settings always'}>
        <Choices />
      </div>
    </header>
  );
}

/** How the page looks and sounds, and the way out: in the bar, and behind "more" on a phone. */
export function Choices() {
  const held = session.value;
  const me = held.state === 'in' ? held.me : undefined;
  return (
    <>
      <fieldset class="choice languages">
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
      {me ? (
        <button
          type="button"
          class="plain tool"
          aria-pressed={soundOn.value}
          title={t(soundWaits.value && soundOn.value ? 'sound.waits' : 'sound.hint')}
          onClick={() => setSound(!soundOn.value)}
        >
          <Icon path={soundOn.value ? ICONS.soundOn : ICONS.soundOff} size={18} />
          <span>{t(soundOn.value ? 'sound.on' : 'sound.off')}</span>
        </button>
      ) : null}
      {me ? (
        <button type="button" class="plain tool" aria-label={t('help')} onClick={() => open('help')}>
          <Icon path={ICONS.help} size={18} />
          <span class="only-more">{t('help')}</span>
        </button>
      ) : null}
      {me && !me.demo ? (
        <button type="button" class="plain" onClick={() => void logout()}>
          {t('logout')}
        </button>
      ) : null}
    </>
  );
}

function Link() {
  const isLive = connection.value.state === 'live';
  return (
    <span class="link">
      <Mark shape={isLive ? 'circle' : 'ring'} tone="quiet" />
      {t(isLive ? 'link.live' : 'link.connecting')}
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
