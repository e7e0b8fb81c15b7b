import { useEffect, useState } from 'preact/hooks';
import { addressHash, goTo } from '../../app/address.ts';
import { formatTime } from '../../data/format.ts';
import { language, t } from '../../data/i18n.ts';
import { session } from '../../data/store.ts';
import { Paper } from './paper.tsx';
import { fetchKept, fetchReport, fileUrl, KINDS, keep, type Report, type Wanted } from './report.ts';
import { tp } from './texts.ts';
import { whyOf } from './why.ts';

/** A report as it stands now, with what it is of to be chosen. */
export function NowView({
  sites,
  query,
}: {
  readonly sites: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}) {
  const [report, setReport] = useState<Report | undefined>(undefined);
  const [problem, setProblem] = useState('');
  const kind = KINDS.find((each) => each === query.kind) ?? 'daily';
  const site = sites.includes(query.site ?? '') ? (query.site ?? '') : (sites[0] ?? '');
  const spoken = query.language === 'ko' || query.language === 'en' ? query.language : language.value;
  const { day } = query;
  const wanted: Wanted = { site, kind, language: spoken, ...(day === undefined ? {} : { day }) };
  const key = JSON.stringify(wanted);
  useEffect(() => {
    let isOld = false;
    setProblem('');
    fetchReport(wanted).then(
      (is) => isOld || setReport(is),
      (error) => isOld || setProblem(whyOf(error)),
    );
    return () => {
      isOld = true;
    };
  }, [key]);
  const go = (to: Readonly<Record<string, string>>) => goTo({ page: 'reports', query: { ...query, ...to } });
  const goDay = (at: number) => report && go({ day: formatTime(at, report.timezone).slice(0, 10) });
  const keepIt = () => {
    keep(wanted).then(
      ({ id }) => goTo({ page: 'reports', rest: [id] }),
      (error) => setProblem(whyOf(error)),
    );
  };
  return (
    <>
      <div class="report-tools no-print">
        <label class="select">
          <span class="muted">{tp('site')}</span>{' '}
          <select value={site} onChange={(event) => go({ site: event.currentTarget.value })}>
            {sites.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <fieldset class="choice" aria-label={tp('kind')}>
          {KINDS.map((each) => (
            <button key={each} type="button" aria-pressed={each === kind} onClick={() => go({ kind: each })}>
              {tp(`kind.${each}`)}
            </button>
          ))}
        </fieldset>
        <span class="report-period">
          <button
            type="button"
            class="plain"
            aria-label={tp('before')}
            onClick={() => report && goDay(report.from - 1)}
          >
            ←
          </button>
          <strong>{report?.period ?? ''}</strong>
          <button
            type="button"
            class="plain"
            aria-label={tp('after')}
            disabled={!report || report.to > report.madeAt}
            onClick={() => report && goDay(report.to)}
          >
            →
          </button>
        </span>
        <label class="select">
          <span class="muted">{tp('language')}</span>{' '}
          <select value={spoken} onChange={(event) => go({ language: event.currentTarget.value })}>
            <option value="ko">{tp('language.ko')}</option>
            <option value="en">{tp('language.en')}</option>
          </select>
        </label>
        {mayKeep() ? (
          <button type="button" class="act" title={tp('keep.hint')} disabled={!report} onClick={keepIt}>
            {tp('keep')}
          </button>
        ) : null}
      </div>
      <Shown report={report} problem={problem} />
    </>
  );
}

/** One that is kept, as it was made. */
export function KeptView({ id }: { readonly id: string }) {
  const [report, setReport] = useState<Report | undefined>(undefined);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    fetchKept(id).then(setReport, (error) => setProblem(whyOf(error)));
  }, [id]);
  return (
    <>
      {report ? (
        <div class="report-tools no-print">
          <strong>{tp('kept.is', { time: formatTime(report.madeAt, report.timezone).slice(0, 16) })}</strong>
          <a class="act" href={fileUrl(id, 'pdf')} download>
            PDF
          </a>
          <a class="act" href={fileUrl(id, 'xlsx')} download>
            XLSX
          </a>
          <button type="button" class="plain" onClick={() => print()}>
            {tp('print')}
          </button>
          <a
            class="plain"
            href={addressHash({
              page: 'reports',
              query: {
                ...{ site: report.site, kind: report.kind, language: report.language },
                day: formatTime(report.from, report.timezone).slice(0, 10),
              },
            })}
          >
            {tp('again')}
          </a>
        </div>
      ) : null}
      <Shown report={report} problem={problem} />
    </>
  );
}

function Shown({ report, problem }: { readonly report: Report | undefined; readonly problem: string }) {
  if (problem !== '') {
    return (
      <p class="card hint" role="alert">
        {tp('failed', { why: problem })}
      </p>
    );
  }
  if (!report) return <div class="card skeleton" role="status" aria-label={t('state.loading')} />;
  return <Paper report={report} />;
}

export function mayKeep(): boolean {
  const held = session.value;
  return held.state === 'in' && held.me.role !== 'viewer';
}

export function mayEdit(): boolean {
  const held = session.value;
  return held.state === 'in' && held.me.role === 'admin';
}
