import { Prose } from '../../kit/prose.tsx';
import type { Source } from './notify-api.ts';
import { tw } from './notify-texts.ts';

/** What the page cannot change says where it is changed. */
export function FromFile({ source }: { readonly source: Source }) {
  if (source === 'page') return null;
  return <span class="badge own">{tw('from.hub.yaml')}</span>;
}

export function FromFileHint() {
  return (
    <span class="muted small">
      <Prose text={tw('from.hub.yaml.hint')} />
    </span>
  );
}
