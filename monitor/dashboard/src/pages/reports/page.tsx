import '../energy/energy.css';
import './reports.css';
import './sheet.css';
import { useEffect, useState } from 'preact/hooks';
import { address, addressHash } from '../../app/address.ts';
import { t } from '../../data/i18n.ts';
import { KeptList } from './kept.tsx';
import { MailList } from './mail.tsx';
import { type Kept, listKept } from './report.ts';
import { tp } from './texts.ts';
import { KeptView, NowView } from './view.tsx';
import { whyOf } from './why.ts';

const TABS = ['view', 'kept', 'mail'] as const;
type Held = { readonly sites: readonly string[]; readonly reports: readonly Kept[] };

/** What can be proved: reports of a site's days, weeks and months, on paper, in a file, by mail. */
export function ReportsPage() {
  const { rest, query } = address.value;
  const [held, setHeld] = useState<Held | undefined>(undefined);
  const [problem, setProblem] = useState('');
  const [id] = rest;
  const tab = TABS.find((each) => each === query.tab) ?? (id === undefined ? 'view' : 'kept');
  const load = () => {
    listKept().then(setHeld, (error) => setProblem(whyOf(error)));
  };
  useEffect(load, [tab, id]);
  if (problem !== '') {
    return (
      <p class="card hint" role="alert">
        {tp('failed', { why: problem })}
      </p>
    );
  }
  if (!held) return <div class="card skeleton" role="status" aria-label={t('state.loading')} />;
  if (held.sites.length === 0 && held.reports.length === 0) {
    return (
      <div class="card hint">
        <strong>{tp('none')}</strong>
        <p>{tp('none.hint')}</p>
      </div>
    );
  }
  return (
    <div class="reports">
      <nav class="choice views no-print" aria-label={tp('tabs')}>
        {TABS.map((name) => (
          <a
            key={name}
            href={addressHash({ page: 'reports', ...(name === 'view' ? {} : { query: { tab: name } }) })}
            aria-current={tab === name ? 'page' : undefined}
          >
            {tp(`tab.${name}`)}
          </a>
        ))}
      </nav>
      {id === undefined ? <Tab tab={tab} held={held} query={query} load={load} /> : <KeptView key={id} id={id} />}
    </div>
  );
}

function Tab(props: {
  readonly tab: (typeof TABS)[number];
  readonly held: Held;
  readonly query: Readonly<Record<string, string>>;
  readonly load: () => void;
}) {
  const { tab, held, query, load } = props;
  if (tab === 'kept') return <KeptList reports={held.reports} changed={load} />;
  return tab === 'mail' ? <MailList sites={held.sites} /> : <NowView sites={held.sites} query={query} />;
}
