import { useState } from 'preact/hooks';
import { setSound, soundOn } from '../../app/sound.ts';
import { type Me, post } from '../../data/api.ts';
import { LANGUAGES, language, setLanguage, t, textIn } from '../../data/i18n.ts';
import { session } from '../../data/store.ts';
import { setTheme, THEMES, theme } from '../../data/theme.ts';
import { browserZone, zones } from '../../data/zone.ts';
import { NewPassword } from '../login/new-password.tsx';
import { accessText } from './access-fields.tsx';
import { Card, Trouble } from './parts.tsx';
import { refusalText } from './refusal-text.ts';
import { SessionList } from './session-list.tsx';
import { ts } from './texts.ts';

/** Oneself: who the hub takes one for, how the page looks, where else one is logged in. */
export function MeSection() {
  const held = session.value;
  if (held.state !== 'in') return null;
  const { me } = held;
  return (
    <>
      <Card title={me.name} hint={accessText(me)}>
        {me.demo ? <p>{ts('me.demo')}</p> : null}
        {me.via === 'oidc' ? <p>{ts('me.oidc')}</p> : null}
        {me.via === 'key' ? <p>{ts('me.key')}</p> : null}
      </Card>
      <Looks me={me} />
      {me.via === 'session' ? <Password name={me.name} /> : null}
      {me.via === 'session' || me.via === 'oidc' ? (
        <Card title={ts('me.sessions')} hint={ts('me.sessions.hint')}>
          <SessionList all={false} />
        </Card>
      ) : null}
    </>
  );
}

function Looks({ me }: { readonly me: Me }) {
  const [problem, setProblem] = useState('');
  const keep = async (likes: { language?: string; timezone?: string }) => {
    // Of others than users the hub keeps nothing: it holds in this browser.
    if (me.via !== 'session') return;
    try {
      session.value = { state: 'in', me: await post<Me>('/me', likes) };
      setProblem('');
    } catch (error) {
      setProblem(refusalText(error));
    }
  };
  const zone = me.timezone ?? browserZone();
  return (
    <Card title={ts('me.looks')}>
      <div class="fields select">
        <label>
          {ts('me.language')}
          <select
            value={language.value}
            onChange={(event) => {
              const wanted = LANGUAGES.find((each) => each === event.currentTarget.value);
              if (!wanted) return;
              setLanguage(wanted);
              void keep({ language: wanted });
            }}
          >
            {LANGUAGES.map((each) => (
              <option key={each} value={each}>
                {textIn(each, 'language')}
              </option>
            ))}
          </select>
        </label>
        {me.via === 'session' ? (
          <label>
            {ts('me.zone')}
            <select value={zone} onChange={(event) => void keep({ timezone: event.currentTarget.value })}>
              {zones(zone).map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
        ) : null}
        <label>
          {t('theme')}
          <select
            value={theme.value}
            onChange={(event) => setTheme(THEMES.find((each) => each === event.currentTarget.value) ?? 'auto')}
          >
            {THEMES.map((each) => (
              <option key={each} value={each}>
                {t(`theme.${each}`)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <label class="check">
        <input type="checkbox" checked={soundOn.value} onChange={(event) => setSound(event.currentTarget.checked)} />
        {t('sound.hint')}
      </label>
      <Trouble text={problem} />
    </Card>
  );
}

function Password({ name }: { readonly name: string }) {
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [told, setTold] = useState({ problem: '', done: false });
  const [round, setRound] = useState(0);
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await post('/me/password', { current, password });
      setTold({ problem: '', done: true });
      setCurrent('');
      setPassword('');
      setRound(round + 1);
    } catch (error) {
      setTold({ problem: refusalText(error), done: false });
    }
  };
  return (
    <Card title={ts('me.password')} hint={ts('me.password.hint')}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <input type="hidden" name="username" autocomplete="username" value={name} />
        <label>
          {ts('me.password.current')}
          <input
            name="current"
            type="password"
            autocomplete="current-password"
            required
            value={current}
            onInput={(event) => setCurrent(event.currentTarget.value)}
          />
        </label>
        <NewPassword key={round} name={name} value={password} change={setPassword} />
        <Trouble text={told.problem} />
        <p>
          <button type="submit" class="act">
            {ts('me.password.change')}
          </button>{' '}
          <span role="status">{told.done ? ts('me.password.done') : ''}</span>
        </p>
      </form>
    </Card>
  );
}
