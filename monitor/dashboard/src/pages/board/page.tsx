import '../documents/documents.css';
import './board.css';
import { useEffect, useMemo } from 'preact/hooks';
import { loadRules } from '../../data/rules.ts';
import { points } from '../../data/store.ts';
import { Absent } from '../documents/absent.tsx';
import type { SavedDocument } from '../documents/document-api.ts';
import { DocumentBar } from '../documents/document-bar.tsx';
import { EditBar } from '../documents/edit-bar.tsx';
import { DocumentEditor } from '../documents/editor.ts';
import type { Shelf } from '../documents/shelf.ts';
import { useDocuments } from '../documents/use-documents.ts';
import { type Board, emptyBoard } from './board.ts';
import { BoardEditing } from './board-editing.ts';
import { EditGrid } from './edit-grid.tsx';
import { EditPanel } from './edit-panel.tsx';
import { inReadingOrder } from './grid.ts';
import { tb } from './texts.ts';
import { TileContent } from './tile-content.tsx';

/** What somebody wants to see together, on a grid of one's own. */
export function BoardPage() {
  const { shelf, wanted, open: board, role, isEdited, edit, leave } = useDocuments<Board>('board');
  useEffect(() => {
    loadRules().catch(() => {});
  }, [points.value]);
  const mayEdit = role !== undefined && role !== 'viewer';
  if (board && isEdited) {
    return (
      <div class="board-page">
        <EditMode shelf={shelf} open={board} leave={leave} />
      </div>
    );
  }
  return (
    <div class="board-page">
      <DocumentBar label={tb('boards')} shelf={shelf} open={board} mayEdit={mayEdit} blank={emptyBoard}>
        {mayEdit && board ? (
          <button type="button" class="act" onClick={edit}>
            {tb('edit')}
          </button>
        ) : null}
      </DocumentBar>
      {board && points.value ? (
        <Grid board={board.body} />
      ) : (
        <Absent
          shelf={shelf}
          wanted={wanted}
          label={tb('boards')}
          gone={tb('gone')}
          none={tb('none')}
          hint={tb(mayEdit ? 'none.hint' : 'none.ask')}
        />
      )}
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

interface EditModeProps {
  readonly shelf: Shelf<Board>;
  readonly open: SavedDocument<Board>;
  readonly leave: () => void;
}

function EditMode({ shelf, open, leave }: EditModeProps) {
  const editing = useMemo(() => new BoardEditing(new DocumentEditor('board', open)), [open]);
  const { editor } = editing;
  return (
    <>
      <EditBar editor={editor} shelf={shelf} open={open} leave={leave}>
        <strong>{editor.body.name}</strong>
      </EditBar>
      <div class="board-editor">
        <EditGrid editing={editing} />
        <EditPanel editing={editing} />
      </div>
    </>
  );
}
