import { useState } from 'preact/hooks';
import { post } from '../../data/api.ts';
import { t } from '../../data/i18n.ts';
import { session } from '../../data/store.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { NewPassword } from '../login/new-password.tsx';
import { type Access, AccessFields, accessText, isWhole } from './access-fields.tsx';
import { Card, Sure, Trouble } from './parts.tsx';
import { refusalText } from './refusal-text.ts';
import { ts } from './texts.ts';
import { useHub } from './use-hub.ts';
import { when } from './when.ts';

interface User extends Access {
  readonly name: string;
  readonly createdAt: number;
}

type Opened = { readonly kind: 'new' } | { readonly kind: 'access' | 'password'; readonly user: User };

/** People with a password here. */
export function UsersSection() {
  const { held, problem, load, act } = useHub<{ users: readonly User[] }>('/users');
  const [opened, setOpened] = useState<Opened | undefined>(undefined);
  const own = session.value.state === 'in' ? session.value.me.name : '';
  return (
    <Card title={ts('users')} hint={ts('users.hint')}>
      <Trouble text={problem} />
      <ul class="lines">
        {held?.users.map((user) => (
          <li key={user.name} data-user={user.name}>
            <span class="said">
              <strong>
                {user.name}
                {user.name === own ? <span class="badge own">{ts('user.you')}</span> : null}
              </strong>
              <span class="muted small">{`${accessText(user)} · ${ts('user.since', { at: when(user.createdAt) })}`}</span>
            </span>
            <span class="acts">
              <Open text={ts('user.access')} user={user} open={() => setOpened({ kind: 'access', user })} />
              <Open text={ts('user.password')} user={user} open={() => setOpened({ kind: 'password', user })} />
              <Sure
                text={ts('remove')}
                label={`${ts('remove')}: ${user.name}`}
                act={() => void act(() => post(`/users/${encodeURIComponent(user.name)}/remove`, {}))}
              />
            </span>
          </li>
        ))}
      </ul>
      {held?.users.length === 0 ? <p class="muted">{ts('users.none')}</p> : null}
      <p>
        <button type="button" class="act" onClick={() => setOpened({ kind: 'new' })}>
          {ts('user.new')}
        </button>
      </p>
      {opened ? (
        <UserDialog
          opened={opened}
          close={() => setOpened(undefined)}
          done={() => {
            setOpened(undefined);
            void load();
          }}
        />
      ) : null}
    </Card>
  );
}

function Open({ text, user, open }: { readonly text: string; readonly user: User; readonly open: () => void }) {
  return (
    <button type="button" class="act" aria-label={`${text}: ${user.name}`} onClick={open}>
      {text}
    </button>
  );
}

interface UserDialogProps {
  readonly opened: Opened;
  readonly close: () => void;
  readonly done: () => void;
}

function UserDialog({ opened, close, done }: UserDialogProps) {
  const user = opened.kind === 'new' ? undefined : opened.user;
  const [name, setName] = useState(user?.name ?? '');
  const [access, setAccess] = useState<Access>({ role: user?.role ?? 'viewer', sites: user?.sites ?? null });
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      const path = `/users/${encodeURIComponent(name)}`;
      if (opened.kind === 'new') await post('/users', { name, password, ...access });
      else if (opened.kind === 'access') await post(path, access);
      else await post(`${path}/password`, { password });
      done();
    } catch (error) {
      setProblem(refusalText(error));
    }
  };
  const titles = { new: ts('user.new'), access: ts('user.access'), password: ts('user.password') };
  const title = user ? `${titles[opened.kind]}: ${user.name}` : titles.new;
  return (
    <Dialog title={title} kind="user" close={close} closeText={t('close')}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        {user ? null : (
          <label>
            {ts('user.name')}
            <input
              name="name"
              required
              maxLength={63}
              autocomplete="off"
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </label>
        )}
        {opened.kind === 'password' ? null : <AccessFields access={access} change={setAccess} />}
        {opened.kind === 'access' ? null : <NewPassword name={name} value={password} change={setPassword} />}
        <Trouble text={problem} />
        <button type="submit" class="act" disabled={!isWhole(access)}>
          {ts(opened.kind === 'new' ? 'create' : 'save')}
        </button>
      </form>
    </Dialog>
  );
}
