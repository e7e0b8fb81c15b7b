import { theme } from '../../data/theme.ts';
import type { Box } from './cluster.ts';

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
