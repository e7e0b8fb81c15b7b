import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { theme } from '../../data/theme.ts';
import type { Box } from './cluster.ts';

/** Of an element, whenever it changes; nothing before it is on the screen. */
export function useSize(element: RefObject<HTMLElement | null>): Box {
  const [size, setSize] = useState<Box>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const { current } = element;
    if (!current) return;
    const measure = () => setSize({ width: current.clientWidth, height: current.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    measure();
    return () => observer.disconnect();
  }, [element]);
  return size;
}

const NARROW_PX = 640;
/** As large as the letters of the theme [`--scale` in kit/base.css]. */
const CONTROL_SCALE = 1.15;

export interface Label extends Box {
  readonly isCompact: boolean;
  readonly scale: number;
}

/** A label has its name and age where there is room; on a phone it is a target for a finger. */
export function labelFor({ width }: Box): Label {
  const scale = theme.value === 'control' ? CONTROL_SCALE : 1;
  const isCompact = width < NARROW_PX;
  const [wide, high] = isCompact ? [80, 48] : [148, 44];
  return { width: wide * scale, height: high * scale, isCompact, scale };
}
