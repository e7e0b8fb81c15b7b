import { useRef, useState } from 'preact/hooks';
import { post } from '../../data/api.ts';
import { t } from '../../data/i18n.ts';
import { now } from '../../data/store.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { type Access, AccessFields, accessText, isWhole } from './access-fields.tsx';
import { Card, Sure, Trouble } from './parts.tsx';
import { refusalText } from './refusal-text.ts';
import { ts } from './texts.ts';
import { useHub } from './use-hub.ts';
import { when } from './when.ts';

interface Key extends Access {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly madeBy: string | null;
  readonly expiresAt: number | null;
  readonly usedAt: number | null;
  readonly revokedAt: number | null;
}

const TERMS = ['30d', '90d', '1y', ''] as const;

/** What programs come with. */
export function KeysSection() {
  const { held, problem, load, act } = useHub<{ keys: readonly Key[] }>('/keys');
  const [isOpen, setOpen] = useState(false);
  const [made, setMade] = useState<string | undefined>(undefined);
  const good = held?.keys.filter((key) => isGood(key)) ?? [];
  const over = held?.keys.filter((key) => !isGood(key)) ?? [];
  return (
    <Card title={ts('keys')} hint={ts('keys.hint')}>
      <Trouble text={problem} />
      {made ? <MadeKey value={made} /> : null}
      <ul class="lines">
        {good.map((key) => (
          <li key={key.id} data-key={key.name}>
            <KeyLine held={key} />
            <Sure
              text={ts('key.revoke')}
              label={`${ts('key.revoke')}: ${key.name}`}
              act={() => void act(() => post(`/keys/${key.id}/revoke`, {}))}
            />
          </li>
        ))}
      </ul>
      {held && good.length === 0 ? <p class="muted">{ts('keys.none')}</p> : null}
      <p>
        <button type="button" class="act" onClick={() => setOpen(true)}>
          {ts('key.new')}
        </button>
      </p>
      {over.length > 0 ? (
        <details>
          <summary>{ts('keys.over', { n: over.length })}</summary>
          <ul class="lines">
            {over.map((key) => (
              <li key={key.id}>
                <KeyLine held={key} />
              </li>
            ))}
          </ul>
        </details>
      ) : null}
      {isOpen ? (
        <NewKey
          close={() => setOpen(false)}
          done={(key) => {
            setOpen(false);
            setMade(key);
            void load();
          }}
        />
      ) : null}
    </Card>
  );
}

function isGood({ revokedAt, expiresAt }: Key): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > now.value);
}

function KeyLine({ held }: { readonly held: Key }) {
  const { name, madeBy, createdAt, usedAt, expiresAt, revokedAt } = held;
  const end = expiresAt === null ? ts('key.endless') : ts('key.until', { at: when(expiresAt) });
  const said = [
    accessText(held),
    revokedAt === null ? end : ts('key.revoked', { at: when(revokedAt) }),
    usedAt === null ? ts('key.unused') : ts('key.used', { at: when(usedAt) }),
    ts('key.made', { at: when(createdAt), who: madeBy ?? '?' }),
  ];
  return (
    <span class="said">
      <strong>{name}</strong>
      <span class="muted small">{said.join(' · ')}</span>
    </span>
  );
}

/** Shown this once: the hub keeps only its hash. */
function MadeKey({ value }: { readonly value: string }) {
  const element = useRef<HTMLElement>(null);
  const [told, setTold] = useState('');
  const copy = async () => {
    try {
      // There is no clipboard on a page that came without TLS.
      await navigator.clipboard.writeText(value);
      setTold(ts('key.copied'));
    } catch {
      if (element.current) getSelection()?.selectAllChildren(element.current);
      setTold(ts('key.copy.failed'));
    }
  };
  return (
    <div class="made" role="status">
      <p>{ts('key.once')}</p>
      <code ref={element}>{value}</code>
      <p>
        <button type="button" class="act" onClick={() => void copy()}>
          {ts('key.copy')}
        </button>{' '}
        {told}
      </p>
    </div>
  );
}

function NewKey({ close, done }: { readonly close: () => void; readonly done: (key: string) => void }) {
  const [name, setName] = useState('');
  const [access, setAccess] = useState<Access>({ role: 'viewer', sites: null });
  const [term, setTerm] = useState<string>('1y');
  const [problem, setProblem] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      const { key } = await post<{ key: string }>('/keys', { name, ...access, ...(term === '' ? {} : { ttl: term }) });
      done(key);
    } catch (error) {
      setProblem(refusalText(error));
    }
  };
  return (
    <Dialog title={ts('key.new')} kind="key" close={close} closeText={t('close')}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <label>
          {ts('key.name')}
          <input
            name="name"
            required
            maxLength={63}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <AccessFields access={access} change={setAccess} />
        <div class="select">
          <label>
            {ts('key.term')}
            <select value={term} onChange={(event) => setTerm(event.currentTarget.value)}>
              {TERMS.map((each) => (
                <option key={each} value={each}>
                  {ts(`key.term.${each}`)}
                </option>
              ))}
            </select>
          </label>
        </div>
        <Trouble text={problem} />
        <button type="submit" class="act" disabled={!isWhole(access)}>
          {ts('create')}
        </button>
      </form>
    </Dialog>
  );
}
