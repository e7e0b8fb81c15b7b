import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { goTo } from '../../app/address.ts';
import { Conflict, refusalText } from './dialogs.tsx';
import { newDocumentId, type SavedDocument } from './document-api.ts';
import type { DocumentEditor } from './editor.ts';
import type { Shelf } from './shelf.ts';
import { td } from './texts.ts';

type Named = { readonly name: string };

interface EditBarProps<T extends Named> {
  readonly editor: DocumentEditor<T>;
  readonly shelf: Shelf<T>;
  readonly open: SavedDocument<T>;
  /** After it was saved, or given up. */
  readonly leave: () => void;
  readonly children: ComponentChildren;
}

/** Back and forth, save, leave; with what the hub says when it does not take it. */
export function EditBar<T extends Named>({ editor, shelf, open, leave, children }: EditBarProps<T>) {
  const saving = editor.saving.value;
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (editor.isChanged.peek()) event.preventDefault();
    };
    const keys = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z' || isTyping(event.target)) return;
      event.preventDefault();
      if (event.shiftKey) editor.redo();
      else editor.undo();
    };
    const follow = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null;
      if (link && editor.isChanged.peek() && !confirm(td('discard'))) event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    addEventListener('click', follow, { capture: true });
    addEventListener('keydown', keys);
    return () => {
      removeEventListener('beforeunload', warn);
      removeEventListener('click', follow, { capture: true });
      removeEventListener('keydown', keys);
    };
  }, [editor]);
  const openAnew = () => {
    leave();
    void shelf.list();
    void shelf.load(open.id);
  };
  const keepCopy = async () => {
    const id = newDocumentId(open.id, shelf.kind, shelf.taken);
    editor.change({ ...editor.body, name: td('copy.name', { name: editor.body.name }) });
    if (!(await editor.saveAs(id))) return;
    leave();
    await shelf.list();
    goTo({ page: shelf.page, rest: [id] });
  };
  const cancel = () => {
    if (!editor.isChanged.value || confirm(td('discard'))) openAnew();
  };
  const save = async () => {
    if (await editor.save()) openAnew();
  };
  return (
    <div class="card edit-bar" role="toolbar" aria-label={td('save')}>
      {children}
      <span class="spring" />
      <span class="muted small" role="status">
        {saving.state === 'saving' ? td('saving') : editor.isChanged.value ? td('unsaved') : ''}
      </span>
      <button type="button" class="act" disabled={!editor.canUndo.value} onClick={() => editor.undo()}>
        {td('undo')}
      </button>
      <button type="button" class="act" disabled={!editor.canRedo.value} onClick={() => editor.redo()}>
        {td('redo')}
      </button>
      <button type="button" class="act" onClick={cancel}>
        {td('cancel')}
      </button>
      <button
        type="button"
        class="act main"
        disabled={saving.state === 'saving' || !editor.isChanged.value}
        onClick={() => void save()}
      >
        {td('save')}
      </button>
      {saving.state === 'refused' ? (
        <p role="alert" class="doc-problem">
          {refusalText(saving.code, saving.detail)}
        </p>
      ) : null}
      {saving.state === 'conflict' ? (
        <Conflict editor={editor} saving={saving} openAnew={openAnew} keepCopy={() => void keepCopy()} />
      ) : null}
    </div>
  );
}

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
}
