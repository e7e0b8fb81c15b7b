import { signal } from '@preact/signals';
import type { DocumentEditor } from '../documents/editor.ts';
import { addTile, type Board, type BoardTile, type Content, putTile, removeTile, setTile } from './board.ts';
import type { Place } from './grid.ts';

interface Drag {
  readonly id: string;
  readonly how: 'move' | 'resize';
  readonly board: Board;
  readonly place: Place;
  readonly key: string;
}

const ARROWS: Readonly<Record<string, readonly [dx: number, dy: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** What pointer and keys do to a board; distances are in cells. */
export class BoardEditing {
  readonly editor: DocumentEditor<Board>;
  readonly selected = signal<string | undefined>(undefined);
  #drag: Drag | undefined;
  #drags = 0;

  constructor(editor: DocumentEditor<Board>) {
    this.editor = editor;
  }

  get board(): Board {
    return this.editor.body;
  }

  get tile(): BoardTile | undefined {
    return this.board.tiles.find(({ id }) => id === this.selected.value);
  }

  add(content: Content): void {
    const { board, id } = addTile(this.board, content);
    this.editor.change(board);
    this.selected.value = id;
  }

  set(tile: BoardTile, key?: string): void {
    this.editor.change(setTile(this.board, tile), key);
  }

  remove(): void {
    const { value } = this.selected;
    if (value === undefined) return;
    this.editor.change(removeTile(this.board, value));
    this.selected.value = undefined;
  }

  grab(id: string, how: Drag['how']): void {
    this.selected.value = id;
    const place = this.tile;
    if (!place) return;
    this.#drags++;
    this.#drag = { id, how, board: this.board, place, key: `drag ${this.#drags}` };
  }

  /** From where it was grabbed: the board is laid out anew from what it was, so that others go back to their places. */
  drag(dx: number, dy: number): void {
    const drag = this.#drag;
    if (!drag) return;
    const next = putTile(drag.board, drag.id, moved(drag.place, drag.how, dx, dy));
    this.editor.change(next, drag.key);
  }

  release(): void {
    this.#drag = undefined;
  }

  /** True if the key meant something here. */
  key(key: string, isResizing: boolean): boolean {
    const { tile } = this;
    if (key === 'Escape') {
      this.selected.value = undefined;
      return true;
    }
    if (!tile) return false;
    if (key === 'Delete' || key === 'Backspace') {
      this.remove();
      return true;
    }
    const way = ARROWS[key];
    if (!way) return false;
    const how = isResizing ? 'resize' : 'move';
    this.editor.change(putTile(this.board, tile.id, moved(tile, how, ...way)), `${how} ${tile.id}`);
    return true;
  }
}

function moved({ x, y, width, height }: Place, how: Drag['how'], dx: number, dy: number): Place {
  return how === 'move'
    ? { x: x + dx, y: y + dy, width, height }
    : { x, y, width: Math.max(1, Math.min(12 - x, width + dx)), height: height + dy };
}
