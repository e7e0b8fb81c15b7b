import { Chooser } from '../documents/chooser.tsx';
import { PictureUpload } from '../documents/upload.tsx';
import {
  addCorner,
  addMarker,
  alignMarkers,
  findPart,
  type PartRef,
  refOf,
  renamePart,
  setZoneDevices,
} from './plan.ts';
import type { PlanEditing } from './plan-editing.ts';
import { tp } from './texts.ts';

const LEAST_ASPECT = 0.1;
const MOST_ASPECT = 10;

/** What can be done with what is selected; nothing selected: with the plan. */
export function EditPanel({ editing }: { readonly editing: PlanEditing }) {
  const selected = editing.selected.value;
  const [only] = selected;
  return (
    <aside class="card plan-panel">
      {selected.length === 0 ? <PlanFields editing={editing} /> : null}
      {selected.length === 1 && only ? <PartFields key={refOf(only)} editing={editing} part={only} /> : null}
      {selected.length > 1 ? <Several editing={editing} /> : null}
      <section>
        <h3>{tp('edit.marker')}</h3>
        <Chooser
          kinds={['device', 'point', 'gateway']}
          choose={({ kind, id }) => {
            // Each new one a little lower, so that none hides another.
            const below = 0.1 + ((editing.plan.markers.length * 0.07) % 0.8);
            const { plan, ref } = addMarker(editing.plan, { [kind]: id }, [0.5, below]);
            editing.editor.change(plan);
            editing.select(ref);
          }}
        />
      </section>
      <p class="muted small">{tp('edit.keys')}</p>
    </aside>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly set: (value: string) => void;
}

function Field({ label, value, set }: FieldProps) {
  return (
    <label class="plan-field">
      {label}
      <input type="text" maxLength={100} value={value} onInput={(event) => set(event.currentTarget.value)} />
    </label>
  );
}

function Metres({ label, value, set }: FieldProps) {
  return (
    <label class="plan-field">
      {label}
      <input type="number" min={0} step="any" value={value} onInput={(event) => set(event.currentTarget.value)} />
    </label>
  );
}

function PlanFields({ editing }: { readonly editing: PlanEditing }) {
  const { editor, plan } = editing;
  const { picture, widthMetres } = plan;
  return (
    <section>
      <h3>{tp('edit.plan')}</h3>
      <Field
        label={tp('edit.name')}
        value={plan.name}
        set={(name) => editor.change({ ...plan, name }, 'name of plan')}
      />
      <Metres
        label={tp('edit.width')}
        value={widthMetres === undefined ? '' : String(widthMetres)}
        set={(text) => {
          const { widthMetres: _, ...rest } = plan;
          const metres = Number(text);
          editor.change(metres > 0 ? { ...rest, widthMetres: metres } : rest, 'width of plan');
        }}
      />
      <PictureUpload
        label={tp('edit.picture')}
        taken={({ id, width, height }) => {
          const aspect = Math.min(MOST_ASPECT, Math.max(LEAST_ASPECT, width / height));
          editor.change({ ...editing.plan, picture: id, aspect });
        }}
      />
      {picture === undefined ? null : (
        <button
          type="button"
          class="act"
          onClick={() => {
            const { picture: _, ...rest } = plan;
            editor.change(rest);
          }}
        >
          {tp('edit.picture.remove')}
        </button>
      )}
      <p class="muted small">{tp('edit.select')}</p>
    </section>
  );
}

function PartFields({ editing, part: ref }: { readonly editing: PlanEditing; readonly part: PartRef }) {
  const { editor, plan } = editing;
  const part = findPart(plan, ref);
  const corner = editing.corner.value;
  if (!part) return null;
  return (
    <section>
      <Field
        label={tp('edit.name')}
        value={part.name ?? ''}
        set={(name) => editor.change(renamePart(plan, ref, name), `name of ${refOf(ref)}`)}
      />
      <div class="doc-actions">
        {'outline' in part && corner !== undefined ? (
          <>
            <button type="button" class="act" onClick={() => editor.change(addCorner(plan, ref, corner))}>
              {tp('edit.corner.add')}
            </button>
            <button type="button" class="act" disabled={part.outline.length <= 3} onClick={() => editing.remove()}>
              {tp('edit.corner.remove')}
            </button>
          </>
        ) : (
          <button type="button" class="act" onClick={() => editing.remove()}>
            {tp('edit.delete')}
          </button>
        )}
      </div>
      {'devices' in part ? (
        <>
          <h3>{tp('edit.devices')}</h3>
          <Chooser
            kinds={['device']}
            isChosen={({ id }) => part.devices.includes(id)}
            choose={({ id }) => {
              const others = part.devices.filter((each) => each !== id);
              const devices = others.length < part.devices.length ? others : [...others, id];
              editor.change(setZoneDevices(plan, part.id, devices));
            }}
          />
        </>
      ) : null}
    </section>
  );
}

function Several({ editing }: { readonly editing: PlanEditing }) {
  const selected = editing.selected.value;
  const ids = selected.filter(({ kind }) => kind === 'marker').map(({ id }) => id);
  return (
    <section>
      <h3>{tp('edit.chosen', { n: selected.length })}</h3>
      <div class="doc-actions">
        {(['x', 'y'] as const).map((axis) => (
          <button
            key={axis}
            type="button"
            class="act"
            disabled={ids.length < 2}
            onClick={() => editing.editor.change(alignMarkers(editing.plan, ids, axis))}
          >
            {tp(`edit.align.${axis}`)}
          </button>
        ))}
        <button type="button" class="act" onClick={() => editing.remove()}>
          {tp('edit.delete')}
        </button>
      </div>
    </section>
  );
}
