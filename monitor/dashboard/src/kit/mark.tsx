export type MarkShape = 'square' | 'triangle' | 'diamond' | 'circle' | 'ring';

const PATHS: Readonly<Record<MarkShape, string>> = {
  square: 'M1.500 1.500h9v9h-9z',
  triangle: 'M6 .8 11.500 10.800H.5z',
  diamond: 'M6 .4 11.600 6 6 11.600.4 6z',
  circle: 'M6 1.500a4.500 4.500 0 1 1 0 9a4.500 4.500 0 1 1 0-9z',
  ring: 'M6 2.200a3.800 3.800 0 1 1 0 7.600a3.800 3.800 0 1 1 0-7.600z',
};

/** Shape and colour of a state; the text stands beside it, so that neither is ever the only sign. */
export function Mark({ shape, tone }: { readonly shape: MarkShape; readonly tone: string }) {
  return (
    <svg class={`mark tone-${tone}`} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      <path d={PATHS[shape]} class={shape === 'ring' ? 'hollow' : 'filled'} />
    </svg>
  );
}
