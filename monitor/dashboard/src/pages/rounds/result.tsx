import { useState } from 'preact/hooks';
import { t } from '../../data/i18n.ts';
import { Mark } from '../../kit/mark.tsx';
import { type Answer, type Found, type Item, itemsOf, type Round, rangeText } from './round.ts';
import { tr } from './texts.ts';
import { timeText } from './time-text.ts';

/** Sent so much later than it was finished: worth saying. */
const LATE_MS = 120_000;

/** One walk: what was not in order stands open, the rest can be opened. */
export function ResultCard({ found, round }: { readonly found: Found; readonly round: Round }) {
  const { id, abnormal, by, startedAt, finishedAt, receivedAt, answers } = found;
  const items = new Map(itemsOf(round).map((item) => [item.id, item]));
  const [isOpen, setOpen] = useState(false);
  const isFine = abnormal.length === 0;
  const isLate = receivedAt - finishedAt > LATE_MS;
  return (
    <article class="card result" data-result={id}>
      <header>
        <strong>{timeText(finishedAt)}</strong>
        <span class={`state tone-${isFine ? 'quiet' : 'high'}`}>
          <Mark shape={isFine ? 'circle' : 'triangle'} tone={isFine ? 'quiet' : 'high'} />
          {isFine ? tr('fine') : tr('abnormal', { n: abnormal.length })}
        </span>
        <span class="muted small">
          {tr('by', { who: by, from: timeText(startedAt).slice(-5), to: timeText(finishedAt).slice(-5) })}
          {isLate ? ` · ${tr('late', { time: timeText(receivedAt) })}` : ''}
        </span>
      </header>
      {isFine ? null : <Answers list={abnormal} answers={answers} items={items} />}
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{tr('all')}</summary>
        {isOpen ? <Answers list={Object.keys(answers)} answers={answers} items={items} /> : null}
      </details>
    </article>
  );
}

interface AnswersProps {
  readonly list: readonly string[];
  readonly answers: Found['answers'];
  readonly items: ReadonlyMap<string, Item>;
}

function Answers({ list, answers, items }: AnswersProps) {
  return (
    <dl class="answers">
      {list.map((id) => {
        const item = items.get(id);
        const answer = answers[id] ?? {};
        const range = item ? rangeText(item) : undefined;
        return (
          <div key={id}>
            <dt>{item?.text ?? id}</dt>
            <dd>
              {answerText(answer, item)}
              {range ? <span class="muted small"> ({tr('limits', { range })})</span> : null}
              {answer.note ? <span class="said">{answer.note}</span> : null}
              {answer.photo ? (
                <a href={`/api/v1/pictures/${answer.photo}`} target="_blank" rel="noreferrer">
                  <img src={`/api/v1/pictures/${answer.photo}`} alt={`${tr('photo')}: ${item?.text ?? id}`} />
                </a>
              ) : null}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function answerText({ ok, number, text }: Answer, item: Item | undefined): string {
  if (ok !== undefined) return tr(ok ? 'ok' : 'not.ok');
  if (number !== undefined) return `${number} ${item?.unit ?? ''}`.trim();
  return text ?? t('text.empty');
}
