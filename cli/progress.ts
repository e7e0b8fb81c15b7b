import type { Clock } from '../core/clock.ts';

export interface Progress {
  /** Passes everything on and shows how far it is. */
  watch(parts: AsyncIterable<string | Uint8Array>): AsyncIterable<string | Uint8Array>;
}

const WIDTH = 30;
const REDRAW_MS = 100;
const NEWLINE = 10;

/** A bar on stderr, if that is a terminal. `rows`: how many lines are expected; unknown: no bar. */
export function progressBar(rows: number | undefined, clock: Clock): Progress {
  const { stderr } = process;
  if (rows === undefined || rows === 0 || !stderr.isTTY) return { watch: (parts) => parts };
  return {
    async *watch(parts) {
      let done = 0;
      let drawnAt = Number.NEGATIVE_INFINITY;
      for await (const part of parts) {
        done += linesIn(part);
        if (clock.ticks() - drawnAt > REDRAW_MS) {
          drawnAt = clock.ticks();
          stderr.write(`\r${barText(Math.min(1, done / rows))}`);
        }
        yield part;
      }
      stderr.write(`\r${barText(1)}\n`);
    },
  };
}

/** A bar on stderr, if that is a terminal, of a file that grows to about `bytes`; the answer ends it. */
export function growthBar(bytes: number, sizeNow: () => Promise<number>, clock: Clock): () => void {
  const { stderr } = process;
  if (bytes === 0 || !stderr.isTTY) return () => {};
  let cancel: () => void = () => {};
  const draw = async () => {
    stderr.write(`\r${barText(Math.min(0.99, (await sizeNow()) / bytes))}`);
    cancel = clock.after(REDRAW_MS, () => void draw());
  };
  cancel = clock.after(REDRAW_MS, () => void draw());
  return () => {
    cancel();
    stderr.write(`\r${barText(1)}\n`);
  };
}

export interface StepBar {
  step(note: string): void;
  end(): void;
}

/** A bar on stderr, if that is a terminal, of work in so many steps. */
export function stepBar(steps: number, clock: Clock): StepBar {
  const { stderr } = process;
  if (!stderr.isTTY) return { step() {}, end() {} };
  let done = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;
  const draw = (note: string) => stderr.write(`\r${barText(done / steps)} ${note}\u001b[K`);
  return {
    step(note) {
      done += 1;
      if (clock.ticks() - drawnAt < REDRAW_MS) return;
      drawnAt = clock.ticks();
      draw(note);
    },
    end: () => void stderr.write('\r\u001b[K'),
  };
}

function barText(share: number): string {
  const full = Math.round(share * WIDTH);
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${String(Math.floor(share * 100)).padStart(3)} %`;
}

function linesIn(part: string | Uint8Array): number {
  const bytes = typeof part === 'string' ? Buffer.from(part) : part;
  let lines = 0;
  for (const byte of bytes) if (byte === NEWLINE) lines++;
  return lines;
}
