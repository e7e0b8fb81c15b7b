import { signal } from '@preact/signals';
import type { Point } from '../../data/api.ts';
import { zoneOf } from '../../data/store.ts';
import { TrendSource } from '../../data/trend-source.ts';
import { type LineLook, lineLook } from '../../kit/plot/colours.ts';
import type { Window } from '../../kit/plot/window.ts';
import { type Compare, DAYS_BACK } from './view.ts';

/** A point on the page, with where its history comes from. */
export interface Line {
  readonly point: Point;
  readonly look: LineLook;
  readonly source: TrendSource;
  readonly compared: TrendSource | undefined;
}

interface Held {
  readonly source: TrendSource;
  readonly stop: () => void;
}

/** The lines of the page. A point that stays keeps its history when others come and go. */
export class Lines {
  readonly all = signal<readonly Line[]>([]);
  readonly #held = new Map<string, Held>();

  choose(points: readonly Point[], compare: Compare): void {
    const daysBack = DAYS_BACK[compare];
    const used = new Set<string>();
    const take = (point: Point, days?: number) => {
      const key = `${point.id} ${days ?? 0} ${point.type} ${point.everyMs}`;
      used.add(key);
      const held = this.#held.get(key) ?? begin(point, days);
      this.#held.set(key, held);
      return held.source;
    };
    this.all.value = points.map((point, index) => ({
      point,
      look: lineLook(index),
      source: take(point),
      compared: daysBack === undefined ? undefined : take(point, daysBack),
    }));
    for (const [key, held] of this.#held) {
      if (used.has(key)) continue;
      held.stop();
      this.#held.delete(key);
    }
  }

  show(window: Window, isLive: boolean, width: number): void {
    for (const { source, compared } of this.all.peek()) {
      source.show(window, isLive, width);
      compared?.show(window, isLive, width);
    }
  }

  stop(): void {
    for (const { stop } of this.#held.values()) stop();
    this.#held.clear();
  }
}

function begin(point: Point, daysBack?: number): Held {
  const zone = zoneOf(point.gateway);
  const source = new TrendSource(point, daysBack === undefined ? { zone } : { zone, daysBack });
  return { source, stop: source.start() };
}
