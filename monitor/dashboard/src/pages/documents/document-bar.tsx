import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { addressHash, goTo } from '../../app/address.ts';
import { FileButton } from '../../kit/file-button.tsx';
import { NewDocument, refusalOf, Versions } from './dialogs.tsx';
import { newDocumentId, removeDocument, type SavedDocument, saveDocument } from './document-api.ts';
import { parseFile, saveFile } from './files.ts';
import type { Shelf } from './shelf.ts';
import { td } from './texts.ts';

interface BarProps<T extends object> {
  readonly label: string;
  readonly shelf: Shelf<T>;
  readonly open: SavedDocument<T> | undefined;
  readonly mayEdit: boolean;
  readonly blank: (name: string) => T;
  /** More buttons, before those of the bar. */
  readonly children?: ComponentChildren;
}

/** Which documents there are, and what can be done with the one that is open. */
export function DocumentBar<T extends object>(props: BarProps<T>) {
  const { label, shelf, open, mayEdit, blank, children } = props;
  const [sheet, setSheet] = useState<'versions' | 'new' | undefined>();
  const [problem, setProblem] = useState('');
  const heads = shelf.heads.value;
  const create = async (name: string, body: object) => {
    const id = newDocumentId(name, shelf.kind, shelf.taken);
    await saveDocument(shelf.kind, id, 0, body);
    await shelf.list();
    setSheet(undefined);
    goTo({ page: shelf.page, rest: [id] });
  };
  const take = async (file: File) => {
    const body = parseFile(await file.text());
    if (body === undefined) setProblem(td('import.bad'));
    else await create(typeof body.name === 'string' ? body.name : '', body).catch((why) => setProblem(refusalOf(why)));
  };
  const remove = async () => {
    if (!open || !confirm(td('remove.sure', { name: open.name }))) return;
    await removeDocument(shelf.kind, open.id, open.version);
    await shelf.list();
    goTo({ page: shelf.page });
  };
  return (
    <div class="doc-bar">
      {heads.state === 'ready' && heads.is.length > 1 ? (
        <nav class="choice views" aria-label={label}>
          {heads.is.map(({ id, name }) => (
            <a
              key={id}
              href={addressHash({ page: shelf.page, rest: [id] })}
              aria-current={open?.id === id ? 'page' : undefined}
            >
              {name}
            </a>
          ))}
        </nav>
      ) : (
        <h2>{open?.name}</h2>
      )}
      <span class="spring" />
      <div class="doc-actions">
        {open ? children : null}
        {open ? (
          <>
            <button type="button" class="plain" onClick={() => setSheet('versions')}>
              {td('versions')}
            </button>
            <button type="button" class="plain" onClick={() => saveFile(open.id, open.body)}>
              {td('export')}
            </button>
          </>
        ) : null}
        {mayEdit ? (
          <>
            <FileButton accept="application/json,.json" label={td('import')} take={(file) => void take(file)} />
            <button type="button" class="plain" onClick={() => setSheet('new')}>
              {td('new')}
            </button>
          </>
        ) : null}
        {mayEdit && open ? (
          <button type="button" class="plain" onClick={() => void remove().catch((why) => setProblem(refusalOf(why)))}>
            {td('remove')}
          </button>
        ) : null}
      </div>
      {problem ? (
        <p role="alert" class="doc-problem">
          {problem}
        </p>
      ) : null}
      {sheet === 'versions' && open ? (
        <Versions
          kind={shelf.kind}
          head={open}
          mayEdit={mayEdit}
          close={() => setSheet(undefined)}
          brought={() => {
            setSheet(undefined);
            void shelf.list();
            void shelf.load(open.id);
          }}
        />
      ) : null}
      {sheet === 'new' ? (
        <NewDocument title={td('new')} create={(name) => create(name, blank(name))} close={() => setSheet(undefined)} />
      ) : null}
    </div>
  );
}
