import { signal } from '@preact/signals';
import type { DocumentEditor } from '../documents/editor.ts';
import type { Box } from './cluster.ts';
import { neighbours, type Snapped, shapesAt, snap } from './geometry.ts';
import {
  addShape,
  type Corner,
  cornersOf,
  findPart,
  moveCorner,
  moveParts,
  type PartRef,
  type Plan,
  refOf,
  removeCorner,
  removeParts,
} from './plan.ts';
import { tp } from './texts.ts';

export type Tool = 'select' | 'room' | 'zone';

interface Drag {
  readonly from: Corner;
  readonly plan: Plan;
  readonly refs: readonly PartRef[];
  readonly corner: number | undefined;
  readonly key: string;
}

const SNAP_PX = 7;
const GRID = 0.01;
const NUDGE = 0.0025;
const FAR_NUDGE = 0.02;
/** A rectangle smaller than this was a click. */
const LEAST_SIDE = 0.01;

const ARROWS: Readonly<Record<string, Corner>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** What a pointer and keys do to a plan; places are in units of the plan. */
export class PlanEditing {
  readonly editor: DocumentEditor<Plan>;
  readonly selected = signal<readonly PartRef[]>([]);
  /** Of the one shape that is selected. */
  readonly corner = signal<number | undefined>(undefined);
  readonly tool = signal<Tool>('select');
  readonly snaps = signal(true);
  readonly guides = signal<Pick<Snapped, 'x' | 'y'>>({});
  /** A rectangle while it is drawn. */
  readonly drawn = signal<readonly [Corner, Corner] | undefined>(undefined);
  #drag: Drag | undefined;
  #drags = 0;

  constructor(editor: DocumentEditor<Plan>) {
    this.editor = editor;
  }

  get plan(): Plan {
    return this.editor.body;
  }

  isSelected(ref: PartRef): boolean {
    return this.selected.value.some((each) => refOf(each) === refOf(ref));
  }

  select(ref: PartRef | undefined, adds = false): void {
    this.corner.value = undefined;
    if (ref === undefined) this.selected.value = [];
    else if (!adds) this.selected.value = [ref];
    else {
      const others = this.selected.value.filter((each) => refOf(each) !== refOf(ref));
      this.selected.value = this.isSelected(ref) ? others : [...others, ref];
    }
  }

  grab(ref: PartRef, at: Corner, adds: boolean): void {
    if (adds || !this.isSelected(ref)) this.select(ref, adds);
    this.corner.value = undefined;
    this.#begin(at, undefined);
  }

  grabCorner(index: number, at: Corner): void {
    this.corner.value = index;
    this.#begin(at, index);
  }

  /** On the plan itself: the shape that lies there, or the beginning of a new one. */
  press(at: Corner, adds: boolean): void {
    if (this.tool.value !== 'select') {
      this.drawn.value = [at, at];
      return;
    }
    const [ref] = shapesAt(this.plan, at);
    if (ref) this.grab(ref, at, adds);
    else this.select(undefined);
  }

  move(at: Corner, stage: Box): void {
    const drawn = this.drawn.value;
    if (drawn) {
      this.drawn.value = [drawn[0], this.#snapped(at, [], stage).at];
      return;
    }
    const drag = this.#drag;
    if (!drag) return;
    const [dx, dy] = [at[0] - drag.from[0], at[1] - drag.from[1]];
    const [first] = drag.refs;
    if (first === undefined || (dx === 0 && dy === 0)) return;
    const lead = cornersOf(findPart(drag.plan, first))[drag.corner ?? 0];
    if (lead === undefined) return;
    const snapped = this.#snapped([lead[0] + dx, lead[1] + dy], drag.refs, stage);
    this.guides.value = { ...snapped };
    const plan =
      drag.corner === undefined
        ? moveParts(drag.plan, drag.refs, snapped.at[0] - lead[0], snapped.at[1] - lead[1])
        : moveCorner(drag.plan, first, drag.corner, snapped.at);
    this.editor.change(plan, drag.key);
  }

  release(): void {
    this.#drag = undefined;
    this.guides.value = {};
    const drawn = this.drawn.value;
    this.drawn.value = undefined;
    if (!drawn) return;
    const [[ax, ay], [bx, by]] = drawn;
    if (Math.abs(ax - bx) >= LEAST_SIDE && Math.abs(ay - by) >= LEAST_SIDE) this.addShape(drawn);
  }

  /** With keys one is put in the middle, to be moved from there. */
  addShape(
    between: readonly [Corner, Corner] = [
      [0.35, 0.35],
      [0.65, 0.65],
    ],
  ): void {
    const kind = this.tool.value === 'zone' ? 'zone' : 'room';
    const count = kind === 'zone' ? this.plan.zones.length : this.plan.rooms.length;
    const { plan, ref } = addShape(this.plan, kind, tp(kind, { n: count + 1 }), between);
    this.editor.change(plan);
    this.tool.value = 'select';
    this.select(ref);
  }

  remove(): void {
    const [only] = this.selected.value;
    const corner = this.corner.value;
    if (corner !== undefined && only) {
      this.editor.change(removeCorner(this.plan, only, corner));
      this.corner.value = undefined;
      return;
    }
    this.editor.change(removeParts(this.plan, this.selected.value));
    this.select(undefined);
  }

  /** True if the key meant something here. */
  key(key: string, isFar: boolean): boolean {
    if (key === 'Escape') {
      this.tool.value = 'select';
      this.select(undefined);
      return true;
    }
    if (this.selected.value.length === 0) return false;
    if (key === 'Delete' || key === 'Backspace') {
      this.remove();
      return true;
    }
    const way = ARROWS[key];
    if (way === undefined) return false;
    const step = isFar ? FAR_NUDGE : NUDGE;
    this.#nudge(way[0] * step, way[1] * step * this.plan.aspect);
    return true;
  }

  #nudge(dx: number, dy: number): void {
    const refs = this.selected.value;
    const corner = this.corner.value;
    const [only] = refs;
    const key = `nudge ${refs.map(refOf).join(' ')} ${corner ?? ''}`;
    const at = only && corner !== undefined ? cornersOf(findPart(this.plan, only))[corner] : undefined;
    if (only && corner !== undefined && at) {
      this.editor.change(moveCorner(this.plan, only, corner, [at[0] + dx, at[1] + dy]), key);
    } else this.editor.change(moveParts(this.plan, refs, dx, dy), key);
  }

  #begin(from: Corner, corner: number | undefined): void {
    this.#drags++;
    this.#drag = { from, plan: this.plan, refs: this.selected.value, corner, key: `drag ${this.#drags}` };
  }

  #snapped(at: Corner, refs: readonly PartRef[], { width, height }: Box): Snapped {
    if (!this.snaps.value) return { at };
    const near = { x: SNAP_PX / width, y: SNAP_PX / height };
    return snap(at, neighbours(this.plan, refs), near, { x: GRID, y: GRID * this.plan.aspect });
  }
}
