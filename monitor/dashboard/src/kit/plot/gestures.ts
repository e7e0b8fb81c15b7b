import { panBy, pinched, type Window, zoomAt } from './window.ts';

/** What a hand can ask of a chart. */
export interface Gestures {
  /** What is seen now. */
  readonly window: () => Window;
  /** While a hand moves, and when it is done. */
  readonly onMove: (to: Window) => void;
  readonly onBox: (from: number, to: number) => void;
  readonly onBack: () => void;
  readonly onLive: () => void;
}

const WHEEL_FACTOR = 1.2;
const KEY_SHARE = 0.2;
const KEY_FACTOR = 1.5;

/** Wheel, two fingers, shift and drag, double click. Boxes are drawn by the chart itself. */
export function listenTo(over: HTMLElement, gestures: Gestures): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const shareOf = (clientX: number) => {
    const { left, width } = over.getBoundingClientRect();
    return (clientX - left) / width;
  };
  over.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const window = gestures.window();
      const at = window.from + shareOf(event.clientX) * (window.to - window.from);
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        gestures.onMove(panBy(window, Math.sign(event.deltaX || event.deltaY) * KEY_SHARE * 0.5));
      } else gestures.onMove(zoomAt(window, at, event.deltaY < 0 ? WHEEL_FACTOR : 1 / WHEEL_FACTOR));
    },
    { signal, passive: false },
  );
  over.addEventListener('dblclick', () => gestures.onBack(), { signal });
  listenToFingers(over, gestures, shareOf, signal);
  return () => stop.abort();
}

/** One finger, or the mouse with shift, moves the picture; two zoom it. */
function listenToFingers(
  over: HTMLElement,
  { window, onMove }: Gestures,
  shareOf: (clientX: number) => number,
  signal: AbortSignal,
): void {
  const fingers = new Map<number, number>();
  let start = { window: window(), held: [] as number[] };
  const begin = () => {
    start = { window: window(), held: [...fingers.values()] };
  };
  // The page may still be scrolled up and down.
  over.style.touchAction = 'pan-y';
  over.addEventListener(
    'pointerdown',
    (event) => {
      if (event.pointerType === 'mouse' && !(event.shiftKey && event.button === 0)) return;
      over.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, shareOf(event.clientX));
      begin();
    },
    { signal },
  );
  over.addEventListener(
    'pointermove',
    (event) => {
      if (!fingers.has(event.pointerId)) return;
      fingers.set(event.pointerId, shareOf(event.clientX));
      const [a, b] = [...fingers.values()];
      const [heldA, heldB] = start.held;
      if (a === undefined || heldA === undefined) return;
      const to =
        b === undefined || heldB === undefined
          ? panBy(start.window, heldA - a)
          : pinched(start.window, [heldA, heldB], [a, b]);
      if (to) onMove(to);
    },
    { signal },
  );
  for (const end of ['pointerup', 'pointercancel'] as const) {
    over.addEventListener(
      end,
      (event) => {
        if (fingers.delete(event.pointerId)) begin();
      },
      { signal },
    );
  }
}

/** Answers whether the key meant something. */
export function onPlotKey(key: string, { window, onMove, onBack, onLive }: Gestures): boolean {
  const now = window();
  const middle = (now.from + now.to) / 2;
  const acts: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => onMove(panBy(now, -KEY_SHARE)),
    ArrowRight: () => onMove(panBy(now, KEY_SHARE)),
    '+': () => onMove(zoomAt(now, middle, KEY_FACTOR)),
    '=': () => onMove(zoomAt(now, middle, KEY_FACTOR)),
    '-': () => onMove(zoomAt(now, middle, 1 / KEY_FACTOR)),
    Backspace: onBack,
    Home: onLive,
  };
  const act = acts[key];
  act?.();
  return act !== undefined;
}
