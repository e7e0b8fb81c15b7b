import { useEffect, useRef, useState } from 'preact/hooks';
import { addressHash } from '../../app/address.ts';
import { attention } from '../../data/alarm-store.ts';
import { ask } from '../../data/api.ts';
import { after } from '../../data/clock.ts';
import { t, titleOf } from '../../data/i18n.ts';
import { Mark } from '../../kit/mark.tsx';
import { type Act, actionsNamed, actionText, alarmOf, detailText, OUTCOMES } from './audit-words.ts';
import { Card, Trouble } from './parts.tsx';
import { refusalText } from './refusal-text.ts';
import { ts } from './texts.ts';
import { useHub } from './use-hub.ts';
import { startOf, when } from './when.ts';

const TYPED_MS = 300;

/** Who did what; whether that record is whole; out into a file. */
export function AuditSection() {
  const [typed, setTyped] = useState('');
  const [text, setText] = useState('');
  const stop = useRef(() => {});
  const [outcome, setOutcome] = useState('');
  const [days, setDays] = useState({ from: '', to: '' });
  const named = text ? actionsNamed(text) : [];
  const query = new URLSearchParams({
    ...(text ? { text } : {}),
    ...(named.length > 0 ? { named: named.join(',') } : {}),
    ...(outcome ? { outcome } : {}),
    ...(days.from ? { from: String(startOf(days.from)) } : {}),
    ...(days.to ? { to: String(startOf(days.to, 1)) } : {}),
  }).toString();
  return (
    <Card title={ts('audit')} hint={ts('audit.hint')}>
      <div class="tools">
        <Whole />
        <a class="act link" href="/api/v1/audit/export" download="audit.ndjson">
          NDJSON
        </a>
        <a class="act link" href="/api/v1/audit/export?format=csv" download="audit.csv">
          CSV
        </a>
      </div>
      <div class="tools filters">
        <input
          id="search"
          type="search"
          aria-label={ts('audit.find')}
          placeholder={ts('audit.find')}
          value={typed}
          onInput={(event) => {
            const { value } = event.currentTarget;
            setTyped(value);
            // Not with every letter: each asks the hub.
            stop.current();
            stop.current = after(TYPED_MS, () => setText(value));
          }}
        />
        <div class="select">
          <label>
            <span class="hidden">{ts('audit.outcome')}</span>
            <select value={outcome} onChange={(event) => setOutcome(event.currentTarget.value)}>
              <option value="">{ts('audit.all')}</option>
              {OUTCOMES.map((each) => (
                <option key={each} value={each}>
                  {ts(`outcome.${each}`)}
                </option>
              ))}
            </select>
          </label>
        </div>
        {(['from', 'to'] as const).map((end) => (
          <label key={end} class="muted small">
            {ts(`audit.${end}`)}{' '}
            <input
              type="date"
              value={days[end]}
              onChange={(event) => setDays({ ...days, [end]: event.currentTarget.value })}
            />
          </label>
        ))}
      </div>
      <Acts key={query} query={query} />
    </Card>
  );
}

interface Chain {
  readonly upTo: number;
  readonly broken: { readonly n: number; readonly why: 'altered' | 'missing' | 'out-of-order' } | null;
}

function Whole() {
  const { held, problem } = useHub<Chain>('/audit/verify');
  if (problem) return <Trouble text={problem} />;
  if (!held) return <p class="muted">{ts('audit.checking')}</p>;
  return (
    <p role="status" data-intact={held.broken === null}>
      {held.broken ? (
        <>
          <Mark shape="triangle" tone="critical" />{' '}
          {ts(`audit.broken.${held.broken.why}`, { n: held.broken.n, upTo: held.upTo })}
        </>
      ) : (
        ts('audit.intact', { n: held.upTo })
      )}
    </p>
  );
}

interface Page {
  readonly acts: readonly Act[];
  readonly cursor?: string;
}

function Acts({ query }: { readonly query: string }) {
  const [pages, setPages] = useState<readonly Page[]>([]);
  const [problem, setProblem] = useState('');
  const more = async (cursor?: string) => {
    try {
      const page = await ask<Page>(`/audit?${query}${cursor === undefined ? '' : `&cursor=${cursor}`}`);
      setPages((held) => [...held, page]);
    } catch (error) {
      setProblem(refusalText(error));
    }
  };
  useEffect(() => void more(), []);
  const cursor = pages.at(-1)?.cursor;
  return (
    <>
      <Trouble text={problem} />
      {pages.length === 0 && problem === '' ? <p class="muted">{t('state.loading')}</p> : null}
      {pages[0]?.acts.length === 0 ? <p class="muted">{t('search.nothing')}</p> : null}
      <ol class="lines audit">{pages.flatMap(({ acts }) => acts.map((act) => <Line key={act.n} act={act} />))}</ol>
      {cursor ? (
        <p>
          <button type="button" class="act" onClick={() => void more(cursor)}>
            {ts('audit.more')}
          </button>
        </p>
      ) : null}
    </>
  );
}

/** By its name as long as it stands; its page knows the others. */
function AlarmLink({ id }: { readonly id: string }) {
  const alarm = attention.value.find((each) => each.id === id);
  return (
    <>
      {': '}
      <a href={addressHash({ page: 'alarms', query: { alarm: id } })}>
        {alarm ? titleOf(alarm.text, alarm.rule) : ts('audit.alarm')}
      </a>
    </>
  );
}

function Line({ act }: { readonly act: Act }) {
  const { n, at, who, via, address, outcome, code } = act;
  const alarm = alarmOf(act);
  const from = [ts(`via.${via}`), address].filter(Boolean).join(' · ');
  return (
    <li data-act={n}>
      <span class="muted small number">{`${n} · ${when(at)}`}</span>
      <span class="said">
        <strong>
          {actionText(act)}
          {alarm === undefined ? null : <AlarmLink id={alarm} />}
        </strong>
        <span class="small">
          {who || ts('audit.nobody')} <span class="muted">{from}</span>
        </span>
        {act.detail ? <span class="muted small detail">{detailText(act.detail)}</span> : null}
      </span>
      <span class={`state ${outcome === 'done' ? 'tone-quiet' : ''}`}>
        {outcome === 'done' ? null : (
          <Mark shape={outcome === 'begun' ? 'ring' : 'triangle'} tone={outcome === 'failed' ? 'high' : 'medium'} />
        )}
        {ts(`outcome.${outcome}`)}
        {code ? ` (${code})` : ''}
      </span>
    </li>
  );
}
