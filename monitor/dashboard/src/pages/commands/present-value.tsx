import type { Point } from '../../data/api.ts';
import { presentOf } from '../../data/present.ts';
import { stateOf } from '../../data/store.ts';
import { StateText } from '../../kit/state-text.tsx';

/** A value that somebody is about to act on: one that is not of this moment is hatched, and says its state and age. */
export function PresentValue({ point }: { readonly point: Point }) {
  const { text, isNow, ago } = presentOf(point);
  if (isNow) return <span>{text}</span>;
  return (
    <span class="hatched">
      {text}{' '}
      <span class="small muted">
        <StateText state={stateOf(point)} /> {ago}
      </span>
    </span>
  );
}
