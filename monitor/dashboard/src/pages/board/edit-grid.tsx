import { useRef } from 'preact/hooks';
import { useSize } from '../../kit/use-size.ts';
import type { BoardEditing } from './board-editing.ts';
import { COLUMNS, inReadingOrder, rowsOf } from './grid.ts';
import { tb } from './texts.ts';
import { TileContent, tileTitle } from './tile-content.tsx';

export const ROW_PX = 46;
export const GAP_PX = 10;

/** The board while it is changed: tiles are taken by their bar, and made larger at their corner. */
export function EditGrid({ editing }: { readonly editing: BoardEditing }) {
  const element = useRef<HTMLDivElement>(null);
  const from = useRef<readonly [number, number] | undefined>(undefined);
  const { width } = useSize(element);
  const { tiles } = editing.board;
  const press = (event: PointerEvent) => {
    const handle = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-grab]') : null;
    if (!handle || event.button !== 0) return;
    element.current?.setPointerCapture(event.pointerId);
    from.current = [event.clientX, event.clientY];
    editing.grab(handle.dataset.grab ?? '', handle.dataset.how === 'resize' ? 'resize' : 'move');
    handle.focus();
  };
  const move = (event: PointerEvent) => {
    const start = from.current;
    if (!start) return;
    const column = (width + GAP_PX) / COLUMNS;
    const cells = (way: number, size: number) => Math.round(way / size);
    editing.drag(cells(event.clientX - start[0], column), cells(event.clientY - start[1], ROW_PX + GAP_PX));
  };
  const release = () => {
    from.current = undefined;
    editing.release();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the handles inside are the controls; keys come up from them
    <div
      ref={element}
      class="board-grid editing"
      style={{ minHeight: `${(rowsOf(tiles) + 4) * (ROW_PX + GAP_PX)}px` }}
      onPointerDown={press}
      onPointerMove={move}
      onPointerUp={release}
      onPointerCancel={release}
      onKeyDown={(event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (editing.key(event.key, event.shiftKey)) event.preventDefault();
      }}
    >
      {inReadingOrder(tiles).map((tile) => {
        const name = tileTitle(tile);
        const isSelected = editing.selected.value === tile.id;
        return (
          <div
            key={tile.id}
            data-tile={tile.id}
            class={isSelected ? 'board-cell selected' : 'board-cell'}
            style={{
              gridColumn: `${tile.x + 1} / span ${tile.width}`,
              gridRow: `${tile.y + 1} / span ${tile.height}`,
            }}
          >
            <div class="board-inside" inert>
              <TileContent tile={tile} />
            </div>
            <button
              type="button"
              class="board-grip"
              data-grab={tile.id}
              data-how="move"
              aria-label={tb('move', { name })}
              aria-pressed={isSelected}
              onFocus={() => {
                editing.selected.value = tile.id;
              }}
            />
            <button
              type="button"
              class="board-corner"
              data-grab={tile.id}
              data-how="resize"
              aria-label={tb('resize', { name })}
              onFocus={() => {
                editing.selected.value = tile.id;
              }}
            />
          </div>
        );
      })}
    </div>
  );
}
