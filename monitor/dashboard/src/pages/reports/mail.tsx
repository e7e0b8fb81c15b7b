import { useEffect, useState } from 'preact/hooks';
import { addressHash } from '../../app/address.ts';
import { formatTime } from '../../data/format.ts';
import { t } from '../../data/i18n.ts';
import { gateways } from '../../data/store.ts';
import { Prose } from '../../kit/prose.tsx';
import { listSchedules, type Run, type Scheduled, sendNow } from './report.ts';
import { ScheduleForm } from './schedule-form.tsx';
import { tp } from './texts.ts';
import { mayEdit } from './view.tsx';
import { whyOf } from './why.ts';

/** Reports that are sent by mail: when next, to whom, and what became of the last ones. */
export function MailList({ sites }: { readonly sites: readonly string[] }) {
  const [held, setHeld] = useState<Awaited<ReturnType<typeof listSchedules>> | undefined>(undefined);
  const [problem, setProblem] = useState('');
  const [edited, setEdited] = useState<string | undefined>(undefined);
  const load = () => {
    listSchedules().then(setHeld, (error) => setProblem(whyOf(error)));
  };
  useEffect(load, []);
  const done = () => {
    setEdited(undefined);
    load();
  };
  if (problem !== '') {
    return (
      <p class="card hint" role="alert">
        {tp('failed', { why: problem })}
      </p>
    );
  }
  if (!held) return <div class="card skeleton" role="status" aria-label={t('state.loading')} />;
  const { schedules, hasServer } = held;
  const ids = schedules.map(({ id }) => id);
  return (
    <>
      {hasServer ? null : (
        <p class="card hint" role="status">
          <Prose text={tp('mail.server')} />
        </p>
      )}
      {schedules.length === 0 ? <p class="card hint">{tp('mail.none')}</p> : null}
      <ul class="report-list">
        {schedules.map((each) =>
          edited === each.id ? (
            <li key={each.id} class="card">
              <ScheduleForm sites={sites} taken={ids} held={each} done={done} />
            </li>
          ) : (
            <Row key={each.id} scheduled={each} edit={() => setEdited(each.id)} changed={load} />
          ),
        )}
      </ul>
      {mayEdit() && edited === undefined ? (
        <button type="button" class="act" onClick={() => setEdited('')}>
          {tp('mail.new')}
        </button>
      ) : null}
      {edited === '' ? (
        <div class="card">
          <ScheduleForm sites={sites} taken={ids} done={done} />
        </div>
      ) : null}
    </>
  );
}

interface RowProps {
  readonly scheduled: Scheduled;
  readonly edit: () => void;
  readonly changed: () => void;
}

function Row({ scheduled: { id, body, next, runs }, edit, changed }: RowProps) {
  const [answer, setAnswer] = useState('');
  const zone = gateways.value?.find((gateway) => gateway.site === body.site)?.timezone ?? 'UTC';
  const time = (at: number) => formatTime(at, zone).slice(0, 16);
  const send = async () => {
    setAnswer(tp('mail.sending'));
    try {
      const run = await sendNow(id);
      setAnswer(run.state === 'sent' ? tp('mail.sent') : tp('mail.failed', { why: run.error ?? '' }));
    } catch (error) {
      setAnswer(tp('mail.failed', { why: whyOf(error) }));
    }
    changed();
  };
  const off = body.enabled ? tp('mail.nosite') : tp('mail.off');
  return (
    <li class="card" data-schedule={id}>
      <div>
        <h2>{body.name}</h2>
        <p class="small">
          {body.site} · {tp(`kind.${body.kind}`)} · {next === null ? off : tp('mail.next', { time: time(next) })}
        </p>
        <p class="muted small">
          {body.to.join(', ')} · {body.formats.join(', ').toUpperCase()}
        </p>
        <ul class="report-runs small">
          {runs.map((run) => (
            <RunLine key={run.id} run={run} time={time} />
          ))}
        </ul>
        {answer === '' ? null : (
          <p class="small" role="status">
            {answer}
          </p>
        )}
      </div>
      {mayEdit() ? (
        <span class="report-files">
          <button type="button" class="act" onClick={() => void send()}>
            {tp('mail.send')}
          </button>
          <button type="button" class="plain" onClick={edit}>
            {tp('mail.edit')}
          </button>
        </span>
      ) : null}
    </li>
  );
}

const MARKS = { sent: '●', waiting: '○', 'given-up': '▲' } as const;

function RunLine({ run, time }: { readonly run: Run; readonly time: (at: number) => string }) {
  const { state, from, doneAt, nextAt, attempts, error, report } = run;
  const words = tp(`run.${state}`, {
    day: time(from).slice(0, 10),
    time: time(state === 'sent' ? (doneAt ?? 0) : nextAt),
    n: attempts,
  });
  return (
    <li data-run={state}>
      <span class={state === 'sent' ? 'muted' : 'problem'} aria-hidden="true">
        {MARKS[state]}
      </span>{' '}
      {report === undefined ? words : <a href={addressHash({ page: 'reports', rest: [report] })}>{words}</a>}
      {error === undefined ? null : <span class="muted"> {error}</span>}
    </li>
  );
}
