import { useEffect, useState } from 'preact/hooks';
import { Refusal } from '../../data/api.ts';
import { dateOf } from '../../data/clock.ts';
import { locale, t } from '../../data/i18n.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { type DocumentHead, type DocumentKind, getDocument, listVersions, saveDocument } from './document-api.ts';
import type { DocumentEditor, Saving } from './editor.ts';
import { td } from './texts.ts';

/** What the hub said when it refused. */
export function refusalText(code: string, detail: string): string {
  if (code === 'unreachable') return td('unreachable');
  if (code === 'forbidden') return td('forbidden');
  return [td('refused'), detail || code].join(': ');
}

export function refusalOf(error: unknown): string {
  return error instanceof Refusal ? refusalText(error.code, error.detail ?? '') : td('unreachable');
}

interface ConflictProps<T extends object> {
  readonly editor: DocumentEditor<T>;
  readonly saving: Extract<Saving, { state: 'conflict' }>;
  readonly openAnew: () => void;
  readonly keepCopy: () => void;
}

/** Two people have changed the same version: the second one is asked, and nothing is lost. */
export function Conflict<T extends object>({ editor, saving, openAnew, keepCopy }: ConflictProps<T>) {
  return (
    <Dialog title={td('conflict')} kind="conflict" close={() => editor.settle()} closeText={t('close')}>
      <p>{td('conflict.why')}</p>
      {saving.detail ? <p class="muted small">{saving.detail}</p> : null}
      <div class="doc-actions">
        <button type="button" class="act" onClick={openAnew}>
          {td('conflict.anew')}
        </button>
        <button type="button" class="act" onClick={keepCopy}>
          {td('conflict.copy')}
        </button>
      </div>
    </Dialog>
  );
}

interface VersionsProps {
  readonly kind: DocumentKind;
  readonly head: DocumentHead;
  readonly mayEdit: boolean;
  readonly close: () => void;
  readonly brought: () => void;
}

/** What was saved, by whom and when; an old one comes back as the newest, so that nothing is lost. */
export function Versions({ kind, head, mayEdit, close, brought }: VersionsProps) {
  const [versions, setVersions] = useState<readonly DocumentHead[] | undefined>();
  const [problem, setProblem] = useState('');
  const fail = (error: unknown) => setProblem(refusalOf(error));
  useEffect(() => {
    listVersions(kind, head.id).then(setVersions, fail);
  }, [kind, head.id]);
  const bring = async (version: number) => {
    const { body } = await getDocument<object>(kind, head.id, version);
    await saveDocument(kind, head.id, head.version, body);
    brought();
  };
  return (
    <Dialog title={`${td('versions')}: ${head.name}`} kind="versions" close={close} closeText={t('close')}>
      {problem ? <p role="alert">{problem}</p> : null}
      <ul class="doc-versions">
        {versions?.map(({ version, savedAt, savedBy, name }) => (
          <li key={version} data-version={version}>
            <span class="names">
              <strong>
                {td('versions.of', { n: version })}
                {version === head.version ? ` · ${td('versions.now')}` : ''}
              </strong>
              <span class="muted small">
                {[when(savedAt), savedBy, name === head.name ? '' : name].filter(Boolean).join(' · ')}
              </span>
            </span>
            {mayEdit && version !== head.version ? (
              <button type="button" class="act" onClick={() => void bring(version).catch(fail)}>
                {td('versions.back')}
              </button>
            ) : null}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

/** On the clock of whoever looks: documents belong to no site. */
function when(at: number): string {
  return dateOf(at).toLocaleString(locale.value, { dateStyle: 'medium', timeStyle: 'short' });
}

interface NewProps {
  readonly title: string;
  readonly create: (name: string) => Promise<void>;
  readonly close: () => void;
}

export function NewDocument({ title, create, close }: NewProps) {
  const [name, setName] = useState('');
  const [problem, setProblem] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    if (name.trim() === '') return;
    create(name.trim()).catch((error) => setProblem(refusalOf(error)));
  };
  return (
    <Dialog title={title} kind="new-document" close={close} closeText={t('close')}>
      <form class="doc-form" onSubmit={submit}>
        <label>
          {td('new.name')}
          <input
            type="text"
            maxLength={100}
            value={name}
            autofocus
            required
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        {problem ? <p role="alert">{problem}</p> : null}
        <div class="doc-actions">
          <button type="submit" class="act">
            {td('create')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
