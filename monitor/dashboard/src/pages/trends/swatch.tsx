import type { LineLook } from '../../kit/plot/colours.ts';

/** How a line is drawn, beside its name. */
export function Swatch({ look }: { readonly look: LineLook }) {
  return (
    <svg class="swatch" viewBox="0 0 28 12" width="28" height="12" aria-hidden="true">
      <line
        x1="1"
        y1="6"
        x2="27"
        y2="6"
        stroke={`var(${look.colour})`}
        stroke-width="2.5"
        stroke-dasharray={look.dash.join(' ')}
      />
    </svg>
  );
}
