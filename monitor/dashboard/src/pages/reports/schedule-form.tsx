import { useState } from 'preact/hooks';
import { language } from '../../data/i18n.ts';
import { newDocumentId } from '../documents/document-api.ts';
import { KINDS, removeSchedule, type Schedule, type Scheduled, saveSchedule } from './report.ts';
import { tp } from './texts.ts';
import { whyOf } from './why.ts';

interface Props {
  readonly sites: readonly string[];
  /** Ids that are in use. */
  readonly taken: readonly string[];
  /** Left out: a new one. */
  readonly held?: Scheduled;
  readonly done: () => void;
}

const FORMATS = ['pdf', 'xlsx'] as const;

export function ScheduleForm({ sites, taken, held, done }: Props) {
  const [draft, setDraft] = useState<Schedule>(held?.body ?? fresh(sites[0] ?? ''));
  const [problem, setProblem] = useState('');
  const set = (part: Partial<Schedule>) => setDraft({ ...draft, ...part });
  const failed = (error: unknown) => setProblem(tp('mail.refused', { why: whyOf(error) }));
  const save = (event: Event) => {
    event.preventDefault();
    const id = held?.id ?? newDocumentId(draft.name, 'mail', taken);
    saveSchedule(id, held?.version ?? 0, draft).then(done, failed);
  };
  const remove = () => {
    if (held) removeSchedule(held.id, held.version).then(done, failed);
  };
  const addresses = (text: string) => text.split(/[\s,;]+/).filter((each) => each !== '');
  return (
    <form class="report-form" onSubmit={save}>
      <label>
        {tp('mail.name')}
        <input
          required
          maxLength={100}
          value={draft.name}
          onInput={(event) => set({ name: event.currentTarget.value })}
        />
      </label>
      <label>
        {tp('site')}
        <select value={draft.site} onChange={(event) => set({ site: event.currentTarget.value })}>
          {[...new Set([...sites, draft.site])].map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <label>
        {tp('kind')}
        <select
          value={draft.kind}
          onChange={({ currentTarget: { value } }) => set({ kind: KINDS.find((each) => each === value) ?? 'daily' })}
        >
          {KINDS.map((each) => (
            <option key={each} value={each}>
              {tp(`kind.${each}`)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {tp('mail.at')}
        <input type="time" required value={draft.at} onInput={(event) => set({ at: event.currentTarget.value })} />
      </label>
      <label>
        {tp('language')}
        <select
          value={draft.language}
          onChange={({ currentTarget: { value } }) => set({ language: value === 'ko' ? 'ko' : 'en' })}
        >
          <option value="ko">{tp('language.ko')}</option>
          <option value="en">{tp('language.en')}</option>
        </select>
      </label>
      <label class="wide">
        {tp('mail.to')} <span class="muted small">{tp('mail.to.hint')}</span>
        <textarea
          required
          rows={3}
          defaultValue={draft.to.join('\n')}
          onInput={(event) => set({ to: addresses(event.currentTarget.value) })}
        />
      </label>
      <fieldset>
        <legend>{tp('mail.files')}</legend>
        {FORMATS.map((format) => (
          <label key={format} class="check">
            <input
              type="checkbox"
              checked={draft.formats.includes(format)}
              onChange={({ currentTarget: { checked } }) =>
                set({ formats: FORMATS.filter((each) => (each === format ? checked : draft.formats.includes(each))) })
              }
            />
            {format.toUpperCase()}
          </label>
        ))}
      </fieldset>
      <label class="check">
        <input
          type="checkbox"
          checked={draft.enabled}
          onChange={({ currentTarget: { checked } }) => set({ enabled: checked })}
        />
        {tp('mail.on')}
      </label>
      {problem === '' ? null : <p role="alert">{problem}</p>}
      <p class="report-files wide">
        <button type="submit" class="act">
          {tp('mail.save')}
        </button>
        <button type="button" class="plain" onClick={done}>
          {tp('cancel')}
        </button>
        {held ? (
          <button type="button" class="plain" onClick={remove}>
            {tp('remove')}
          </button>
        ) : null}
      </p>
    </form>
  );
}

function fresh(site: string): Schedule {
  return {
    ...{ name: '', site, kind: 'daily', language: language.value, at: '07:00' },
    ...{ to: [], formats: ['pdf'], enabled: true },
  };
}
