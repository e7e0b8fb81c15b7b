import { useRef } from 'preact/hooks';
import { useSize } from '../../kit/use-size.ts';
import { Backdrop, pathOf } from './backdrop.tsx';
import type { Box } from './cluster.ts';
import { boundsOf } from './geometry.ts';
import { labelFor } from './label.ts';
import { lookOf, type World } from './look.ts';
import { nameOf } from './marker-text.ts';
import { type Corner, cornersOf, findPart, type PartRef, refOf } from './plan.ts';
import type { PlanEditing } from './plan-editing.ts';
import { Sign } from './sign.tsx';
import { tp } from './texts.ts';

interface EditStageProps {
  readonly editing: PlanEditing;
  readonly world: World;
}

/** At most as large as the handle of a marker. */
const PILL = { width: 150, height: 32 };
/** Of a shape’s handle below its upper edge: markers stand in the middle. */
const HANDLE_PX = 15;

/** The plan while it is changed: everything has a handle for the pointer and for keys. */
export function EditStage({ editing, world }: EditStageProps) {
  const element = useRef<HTMLDivElement>(null);
  const size = useSize(element);
  const { plan } = editing;
  const placeOf = (event: PointerEvent): Corner => {
    const box = element.current?.getBoundingClientRect();
    if (!box || box.width === 0) return [0, 0];
    const share = (at: number, from: number, whole: number) => Math.min(1, Math.max(0, (at - from) / whole));
    return [share(event.clientX, box.left, box.width), share(event.clientY, box.top, box.height)];
  };
  const press = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const at = placeOf(event);
    const handle = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-handle]') : null;
    // Wherever the pointer goes from here, the plan hears of it.
    element.current?.setPointerCapture(event.pointerId);
    if (!handle) editing.press(at, event.shiftKey);
    else if (handle.dataset.corner !== undefined) editing.grabCorner(Number(handle.dataset.corner), at);
    else {
      const [kind = 'room', id = ''] = (handle.dataset.handle ?? '').split(':');
      editing.grab({ kind: kind as PartRef['kind'], id }, at, event.shiftKey);
    }
    handle?.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (editing.key(event.key, event.shiftKey)) event.preventDefault();
  };
  const taken = plan.markers.map(({ x, y }) => ({
    ...{ left: x * size.width - PILL.width / 2, top: y * size.height - PILL.height / 2 },
    ...PILL,
  }));
  const shapes: readonly PartRef[] = [
    ...plan.rooms.map(({ id }): PartRef => ({ kind: 'room', id })),
    ...plan.zones.map(({ id }): PartRef => ({ kind: 'zone', id })),
  ];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the handles inside are the controls; keys come up from them
    <div
      ref={element}
      class={`plan-stage editing tool-${editing.tool.value}`}
      style={{ aspectRatio: String(plan.aspect), maxWidth: `calc((100vh - 250px) * ${plan.aspect})` }}
      onPointerDown={press}
      onPointerMove={(event) => editing.move(placeOf(event), size)}
      onPointerUp={() => editing.release()}
      onPointerCancel={() => editing.release()}
      onKeyDown={onKey}
    >
      <Backdrop plan={plan} size={size} scale={labelFor(size).scale} taken={taken} priorityOf={() => undefined}>
        <Overlay editing={editing} size={size} />
      </Backdrop>
      {shapes.map((ref) => (
        <ShapeHandle key={refOf(ref)} editing={editing} shape={ref} size={size} />
      ))}
      {plan.markers.map((marker) => {
        const ref: PartRef = { kind: 'marker', id: marker.id };
        const look = lookOf(marker, world, 'all');
        return (
          <button
            key={marker.id}
            type="button"
            class="plan-handle marker"
            data-handle={refOf(ref)}
            aria-pressed={editing.isSelected(ref)}
            style={{ left: `${marker.x * size.width}px`, top: `${marker.y * size.height}px` }}
            onFocus={() => editing.isSelected(ref) || editing.select(ref)}
          >
            <Sign {...look} />
            <span class="ellipsis" title={nameOf(look)}>
              {nameOf(look)}
            </span>
          </button>
        );
      })}
    </div>
  );
}

interface ShapeHandleProps {
  readonly editing: PlanEditing;
  readonly shape: PartRef;
  readonly size: Box;
}

/** One at the upper edge to move all of it; one on each corner while it is selected. */
function ShapeHandle({ editing, shape, size }: ShapeHandleProps) {
  const part = findPart(editing.plan, shape);
  const outline = cornersOf(part);
  const { left, top, right } = boundsOf(outline);
  const isSelected = editing.isSelected(shape);
  const name = part?.name ?? '';
  const isAlone = isSelected && editing.selected.value.length === 1;
  const style = ([x, y]: Corner) => ({ left: `${x * size.width}px`, top: `${y * size.height}px` });
  return (
    <>
      <button
        type="button"
        class={`plan-handle shape ${shape.kind}`}
        data-handle={refOf(shape)}
        aria-label={tp('handle.shape', { name })}
        aria-pressed={isSelected}
        style={style([(left + right) / 2, top + HANDLE_PX / Math.max(1, size.height)])}
        onFocus={() => isSelected || editing.select(shape)}
      />
      {isAlone
        ? outline.map((corner, index) => (
            <button
              key={index}
              type="button"
              class="plan-handle corner"
              data-handle={refOf(shape)}
              data-corner={index}
              aria-label={tp('handle.corner', { n: index + 1, name })}
              aria-pressed={editing.corner.value === index}
              style={style(corner)}
              onFocus={() => {
                editing.corner.value = index;
              }}
            />
          ))
        : null}
    </>
  );
}

/** Outlines of what is selected, the rectangle that is drawn, and the lines something snaps to. */
function Overlay({ editing, size }: { readonly editing: PlanEditing; readonly size: Box }) {
  const { x, y } = editing.guides.value;
  const drawn = editing.drawn.value;
  return (
    <g class="plan-overlay">
      {editing.selected.value.map((ref) => {
        const corners = cornersOf(findPart(editing.plan, ref));
        return corners.length < 3 ? null : <path key={refOf(ref)} class="selected" d={pathOf(corners, size)} />;
      })}
      {drawn ? <path class="selected" d={pathOf(rectangle(drawn), size)} /> : null}
      {x === undefined ? null : <path class="guide" d={`M${x * size.width} 0V${size.height}`} />}
      {y === undefined ? null : <path class="guide" d={`M0 ${y * size.height}H${size.width}`} />}
    </g>
  );
}

function rectangle([[ax, ay], [bx, by]]: readonly [Corner, Corner]): readonly Corner[] {
  return [
    [ax, ay],
    [bx, ay],
    [bx, by],
    [ax, by],
  ];
}
