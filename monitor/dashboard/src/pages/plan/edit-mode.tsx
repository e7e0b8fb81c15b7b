import { useMemo } from 'preact/hooks';
import type { SavedDocument } from '../documents/document-api.ts';
import { EditBar } from '../documents/edit-bar.tsx';
import { DocumentEditor } from '../documents/editor.ts';
import type { Shelf } from '../documents/shelf.ts';
import { EditPanel } from './edit-panel.tsx';
import { EditStage } from './edit-stage.tsx';
import type { Plan } from './plan.ts';
import { PlanEditing } from './plan-editing.ts';
import { tp } from './texts.ts';
import { worldAt } from './world.ts';

interface EditModeProps {
  readonly shelf: Shelf<Plan>;
  readonly open: SavedDocument<Plan>;
  readonly leave: () => void;
}

export function EditMode({ shelf, open, leave }: EditModeProps) {
  const editing = useMemo(() => new PlanEditing(new DocumentEditor('floor-plan', open)), [open]);
  const { editor } = editing;
  return (
    <>
      <EditBar editor={editor} shelf={shelf} open={open} leave={leave}>
        {(['room', 'zone'] as const).map((tool) => (
          <button
            key={tool}
            type="button"
            class="act"
            aria-pressed={editing.tool.value === tool}
            onClick={(event) => {
              editing.tool.value = editing.tool.value === tool ? 'select' : tool;
              // A click of the keyboard has no place: the shape comes at once.
              if (event.detail === 0 && editing.tool.value === tool) editing.addShape();
            }}
          >
            {tp(`edit.${tool}`)}
          </button>
        ))}
        <label class="check">
          <input
            type="checkbox"
            checked={editing.snaps.value}
            onChange={(event) => {
              editing.snaps.value = event.currentTarget.checked;
            }}
          />
          {tp('edit.snap')}
        </label>
      </EditBar>
      <div class="plan-editor">
        <EditStage editing={editing} world={worldAt(undefined, undefined)} />
        <EditPanel editing={editing} />
      </div>
    </>
  );
}
