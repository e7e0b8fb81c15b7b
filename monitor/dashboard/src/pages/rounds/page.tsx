import './rounds.css';
import './editor.css';
import './labels.css';
import { useEffect } from 'preact/hooks';
import { address } from '../../app/address.ts';
import { t } from '../../data/i18n.ts';
import { session } from '../../data/store.ts';
import { Detail } from './detail.tsx';
import { Editor } from './editor.tsx';
import { startSending } from './kept.ts';
import { KeptBar } from './kept-bar.tsx';
import { Labels } from './labels.tsx';
import { RoundList } from './list.tsx';
import { WalkPage } from './walk.tsx';

// Once: it goes on when another page is looked at.
startSending();

/** Who checked? Rounds with what is due, the walk on a phone, and what was found. */
export function RoundsPage() {
  const { rest, query } = address.value;
  const [id, part] = rest;
  useEffect(() => scrollTo(0, 0), [id, part]);
  // Who walks is written down: nothing begins before that is known.
  if (session.value.state !== 'in') {
    return <div class="card skeleton" role="status" aria-label={t('state.loading')} />;
  }
  return (
    <div class="rounds">
      <KeptBar />
      {id === undefined ? <Front view={query.view} /> : <One key={`${id} ${part}`} id={id} part={part} />}
    </div>
  );
}

function Front({ view }: { readonly view: string | undefined }) {
  if (view === 'labels') return <Labels />;
  return view === 'new' ? <Editor /> : <RoundList />;
}

function One({ id, part }: { readonly id: string; readonly part: string | undefined }) {
  if (part === 'walk') return <WalkPage id={id} />;
  return part === 'edit' ? <Editor id={id} /> : <Detail id={id} />;
}
