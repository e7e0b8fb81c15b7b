import '../documents/documents.css';
import './board.css';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { address, addressHash, goTo } from '../../app/address.ts';
import { t } from '../../data/i18n.ts';
import { loadRules } from '../../data/rules.ts';
import { points, session } from '../../data/store.ts';
import { Tile } from '../../kit/tile.tsx';
import { newDocumentId, type SavedDocument } from '../documents/document-api.ts';
import { DocumentBar } from '../documents/document-bar.tsx';
import { EditBar } from '../documents/edit-bar.tsx';
import { DocumentEditor } from '../documents/editor.ts';
import { Shelf } from '../documents/shelf.ts';
import { td } from '../documents/texts.ts';
import { type Board, emptyBoard } from './board.ts';
import { BoardEditing } from './board-editing.ts';
import { EditGrid } from './edit-grid.tsx';
import { EditPanel } from './edit-panel.tsx';
import { inReadingOrder } from './grid.ts';
import { tb } from './texts.ts';
import { TileContent } from './tile-content.tsx';

/** What somebody wants to see together, on a grid of one's own. */
export function BoardPage() {
  const shelf = useMemo(() => new Shelf<Board>('board'), []);
  const [edited, setEdited] = useState<string | undefined>();
  const held = session.value;
  const isIn = held.state === 'in';
  const heads = shelf.heads.value;
  const id = address.value.rest[0] ?? (heads.state === 'ready' ? heads.is[0]?.id : undefined);
  useEffect(() => {
    if (isIn) void shelf.list();
  }, [isIn]);
  useEffect(() => {
    loadRules().catch(() => {});
  }, [points.value]);
  useEffect(() => {
    setEdited(undefined);
    if (isIn && id !== undefined) void shelf.load(id);
  }, [isIn, id]);
  const open = shelf.open.value;
  const board = id !== undefined && open.state === 'ready' && open.is.id === id ? open.is : undefined;
  const mayEdit = isIn && held.me.role !== 'viewer';
  if (board && edited === board.id) {
    return (
      <div class="board-page">
        <EditMode shelf={shelf} open={board} leave={() => setEdited(undefined)} />
      </div>
    );
  }
  return (
    <div class="board-page">
      <DocumentBar page="board" label={tb('boards')} shelf={shelf} open={board} mayEdit={mayEdit} blank={emptyBoard}>
        {mayEdit && board ? (
          <button type="button" class="act" onClick={() => setEdited(board.id)}>
            {tb('edit')}
          </button>
        ) : null}
      </DocumentBar>
      {board && points.value ? <Grid board={board.body} /> : <Absent shelf={shelf} wanted={id} mayEdit={mayEdit} />}
    </div>
  );
}

function Grid({ board: { tiles } }: { readonly board: Board }) {
  if (tiles.length === 0) return <div class="card hint">{tb('empty')}</div>;
  return (
    <div class="board-grid">
      {inReadingOrder(tiles).map((tile) => (
        <div
          key={tile.id}
          data-tile={tile.id}
          class={`board-cell kind-${tile.kind}`}
          style={{
            gridColumn: `${tile.x + 1} / span ${tile.width}`,
            gridRow: `${tile.y + 1} / span ${tile.height}`,
          }}
        >
          <TileContent tile={tile} />
        </div>
      ))}
    </div>
  );
}

interface AbsentProps {
  readonly shelf: Shelf<Board>;
  readonly wanted: string | undefined;
  readonly mayEdit: boolean;
}

/** Why there is no board to see. */
function Absent({ shelf, wanted, mayEdit }: AbsentProps) {
  const [heads, open] = [shelf.heads.value, shelf.open.value];
  const failed = heads.state === 'failed' ? heads : open.state === 'failed' ? open : undefined;
  if (failed?.why === 'forbidden') return <Tile title={tb('boards')} state="forbidden" note={td('forbidden')} />;
  if (failed?.why === 'not-found') {
    return (
      <div class="card hint">
        <strong>{tb('gone')}</strong>
        <p>
          <a href={addressHash({ page: 'board' })}>{tb('boards')}</a>
        </p>
      </div>
    );
  }
  if (failed) {
    const retry = () => {
      void shelf.list();
      if (wanted !== undefined) void shelf.load(wanted);
    };
    return <Tile title={td('failed')} state="error" note={failed.why} retry={retry} />;
  }
  if (heads.state === 'ready' && heads.is.length === 0) {
    return (
      <div class="card hint">
        <strong>{tb('none')}</strong>
        <p>{tb(mayEdit ? 'none.hint' : 'none.ask')}</p>
      </div>
    );
  }
  return <div class="card skeleton" role="status" aria-label={t('state.loading')} />;
}

interface EditModeProps {
  readonly shelf: Shelf<Board>;
  readonly open: SavedDocument<Board>;
  readonly leave: () => void;
}

function EditMode({ shelf, open, leave }: EditModeProps) {
  const editing = useMemo(() => new BoardEditing(new DocumentEditor('board', open)), [open]);
  const { editor } = editing;
  const anew = () => {
    leave();
    void shelf.list();
    void shelf.load(open.id);
  };
  const keepCopy = async () => {
    const id = newDocumentId(open.id, 'board', shelf.taken);
    editor.change({ ...editor.body, name: td('copy.name', { name: editor.body.name }) });
    if (!(await editor.saveAs(id))) return;
    leave();
    await shelf.list();
    goTo({ page: 'board', rest: [id] });
  };
  return (
    <>
      <EditBar editor={editor} leave={anew} openAnew={anew} keepCopy={() => void keepCopy()}>
        <strong>{editor.body.name}</strong>
      </EditBar>
      <div class="board-editor">
        <EditGrid editing={editing} />
        <EditPanel editing={editing} />
      </div>
    </>
  );
}
