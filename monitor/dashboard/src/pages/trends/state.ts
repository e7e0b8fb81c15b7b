import { batch, computed, signal } from '@preact/signals';
import { address, addressHash, goTo } from '../../app/address.ts';
import { after } from '../../data/clock.ts';
import { now, points } from '../../data/store.ts';
import type { Gestures } from '../../kit/plot/gestures.ts';
import { boxed, type Window } from '../../kit/plot/window.ts';
import { queryOf, type TrendView, viewOf, windowOf } from './view.ts';

const PAGE = 'trends';
/** A hand that rests has said what it wants: then it goes into the address. */
const REST_MS = 350;
const MOST_PAST = 50;

export const view = computed(() => viewOf(address.value.query));

/** Where a hand has moved the picture to; not in the address yet. */
const moved = signal<Window | undefined>(undefined);
const past: TrendView[] = [];
let stopResting: (() => void) | undefined;

export const isLive = computed(() => moved.value === undefined && view.value.span === undefined);
export const shownWindow = computed(() => moved.value ?? windowOf(view.value, now.value));

/** The points that are there, in the order of the address. */
export const chosen = computed(() => {
  const known = new Map((points.value ?? []).map((point) => [point.id, point]));
  return view.value.points.flatMap((id) => known.get(id) ?? []);
});

export const missing = computed(() => {
  const known = new Set((points.value ?? []).map(({ id }) => id));
  return points.value === undefined ? [] : view.value.points.filter((id) => !known.has(id));
});

/** Where the cursor is, in all charts. */
export const cursorAt = signal<number | undefined>(undefined);
/** Where the mouse or finger is, in the browser's window. */
export const pointer = signal<{ readonly x: number; readonly y: number } | undefined>(undefined);

export function change(to: Partial<TrendView>): void {
  const next = { ...view.peek(), ...to };
  remember();
  forgetMove();
  goTo({ page: PAGE, query: queryOf(next) });
}

export function showLive(to: Partial<Omit<TrendView, 'span'>> = {}): void {
  const { span: _, ...held } = view.peek();
  remember();
  forgetMove();
  goTo({ page: PAGE, query: queryOf({ ...held, ...to }) });
}

export function goBack(): void {
  forgetMove();
  const before = past.pop();
  if (before) replace({ ...view.peek(), range: before.range, span: before.span });
}

export const gestures: Gestures = {
  window: () => shownWindow.peek(),
  onMove(to) {
    if (moved.peek() === undefined) remember();
    moved.value = to;
    stopResting?.();
    stopResting = after(REST_MS, () => replace({ ...view.peek(), span: to }));
  },
  onBox(from, to) {
    const span = boxed(from, to);
    if (!span) return;
    remember();
    replace({ ...view.peek(), span });
  },
  onBack: goBack,
  onLive: () => showLive(),
};

function remember(): void {
  past.push(view.peek());
  if (past.length > MOST_PAST) past.shift();
}

function forgetMove(): void {
  stopResting?.();
  stopResting = undefined;
  moved.value = undefined;
}

/** Moving about leaves no trail in the browser's history. */
function replace({ span, ...held }: Omit<TrendView, 'span'> & { readonly span?: Window | undefined }): void {
  const query = queryOf(span ? { ...held, span } : held);
  const to = { page: PAGE, rest: [], query };
  history.replaceState(null, '', addressHash(to));
  batch(() => {
    address.value = to;
    forgetMove();
  });
}
