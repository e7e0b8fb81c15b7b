import { useState } from 'preact/hooks';
import { addressHash } from '../../app/address.ts';
import { formatTime } from '../../data/format.ts';
import { gateways } from '../../data/store.ts';
import { fileUrl, type Kept, removeKept } from './report.ts';
import { tp } from './texts.ts';
import { mayEdit } from './view.tsx';
import { whyOf } from './why.ts';

/** Reports as they were made. */
export function KeptList({ reports, changed }: { readonly reports: readonly Kept[]; readonly changed: () => void }) {
  if (reports.length === 0) return <p class="card hint">{tp('kept.none')}</p>;
  return (
    <ul class="report-list">
      {reports.map((each) => (
        <Row key={each.id} kept={each} changed={changed} />
      ))}
    </ul>
  );
}

function Row({ kept, changed }: { readonly kept: Kept; readonly changed: () => void }) {
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState('');
  const { id, site, kind, language, from, to, madeAt, madeBy } = kept;
  const zone = gateways.value?.find((gateway) => gateway.site === site)?.timezone ?? 'UTC';
  const day = (at: number) => formatTime(at, zone).slice(0, 10);
  const days = day(from) === day(to - 1) ? day(from) : `${day(from)} – ${day(to - 1)}`;
  const remove = () => {
    removeKept(id).then(changed, (error) => setProblem(whyOf(error)));
  };
  return (
    <li class="card" data-report={id}>
      <div>
        <a href={addressHash({ page: 'reports', rest: [id] })}>
          <strong>
            {site} · {tp(`kind.${kind}`)} · {days}
          </strong>
        </a>
        <p class="muted small">
          {tp('col.made')} {formatTime(madeAt, zone).slice(0, 16)} · {madeBy} · {tp(`language.${language}`)}
        </p>
        {problem === '' ? null : <p role="alert">{problem}</p>}
      </div>
      <span class="report-files">
        <a class="act" href={fileUrl(id, 'pdf')} download aria-label={`PDF: ${site} ${days}`}>
          PDF
        </a>
        <a class="act" href={fileUrl(id, 'xlsx')} download aria-label={`XLSX: ${site} ${days}`}>
          XLSX
        </a>
        {mayEdit() && !isAsking ? (
          <button type="button" class="plain" onClick={() => setAsking(true)}>
            {tp('remove')}
          </button>
        ) : null}
        {isAsking ? (
          <>
            <button type="button" class="act" onClick={remove}>
              {tp('remove.sure')}
            </button>
            <button type="button" class="plain" onClick={() => setAsking(false)}>
              {tp('cancel')}
            </button>
          </>
        ) : null}
      </span>
    </li>
  );
}
