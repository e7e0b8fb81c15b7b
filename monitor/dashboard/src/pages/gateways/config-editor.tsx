import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ask, type ConfigProblem, post, put, Refusal } from '../../data/api.ts';
import { faultText } from '../../data/i18n.ts';
import { Prose } from '../../kit/prose.tsx';
import { baseOf, type Config, configPath, type DiffLine } from './config-data.ts';
import { Diff } from './config-diff.tsx';
import { tc } from './config-texts.ts';

interface Checked {
  readonly problems: readonly ConfigProblem[];
  readonly lines: readonly DiffLine[];
}

interface Held {
  /** The version that is changed. */
  readonly from: number;
  readonly text: string;
  /** As it was before anything was typed. */
  readonly own: string;
  readonly told?: string;
  readonly isGood?: boolean;
  readonly checked?: Checked;
  readonly conflict?: Config;
}

/** YAML with its lines numbered, what is wrong with it by line, and what it would change. */
export function ConfigEditor({ gateway, config, saved }: { gateway: string; config: Config; saved: () => void }) {
  const base = baseOf(config);
  const held = useSignal<Held>({ from: base.version, text: base.text, own: base.text });
  const area = useRef<HTMLTextAreaElement>(null);
  const { from, text, own, told, isGood, checked, conflict } = held.value;
  const isChanged = text !== own;
  useEffect(() => {
    // Who has typed nothing sees what is wanted now, whoever saved it.
    const isOther = base.version !== from || base.text !== own;
    if (!isChanged && isOther) held.value = { from: base.version, text: base.text, own: base.text };
  }, [base.version, base.text]);
  const problems = checked?.problems ?? refusedNow(config, text);
  const check = async () => {
    try {
      const now = await post<Checked>(configPath(gateway, '/check'), { text });
      held.value = {
        from,
        text,
        own,
        checked: now,
        ...(now.problems.length === 0 ? { told: tc('good'), isGood: true } : {}),
      };
    } catch (error) {
      held.value = { from, text, own, told: whyOf(error) };
    }
  };
  const save = async (over: number) => {
    try {
      const { version } = await put<{ version: number }>(configPath(gateway), { from: over, text });
      held.value = { from: version, text, own: text, told: tc('saved', { version }), isGood: true };
      saved();
    } catch (error) {
      held.value = { from, text, own, ...(await afterRefusal(error, gateway)) };
    }
  };
  const goToLine = (line: number) => {
    const start =
      text
        .split('\n')
        .slice(0, line - 1)
        .join('\n').length + (line > 1 ? 1 : 0);
    area.current?.focus();
    area.current?.setSelectionRange(start, start + (text.split('\n')[line - 1] ?? '').length);
  };
  return (
    <div class="card part config-editor">
      <label for="config-text">{tc('text')}</label>
      <div class="numbered">
        <pre aria-hidden="true">
          {text.split('\n').map((_, i) => {
            const wrong = problems.some(({ line }) => line === i + 1);
            return <span key={i} class={wrong ? 'wrong' : undefined}>{`${wrong ? '▲ ' : ''}${i + 1}\n`}</span>;
          })}
        </pre>
        <textarea
          id="config-text"
          ref={area}
          spellcheck={false}
          wrap="off"
          rows={Math.max(12, text.split('\n').length + 1)}
          value={text}
          onInput={(event) => {
            held.value = { from, own, text: event.currentTarget.value };
          }}
        />
      </div>
      <p class="ways">
        <button type="button" class="act" onClick={() => void check()}>
          {tc('check')}
        </button>
        <button type="button" class="act" disabled={!isChanged} onClick={() => void save(from)}>
          {tc('save')}
        </button>
        {isChanged ? (
          <button
            type="button"
            class="plain"
            onClick={() => {
              held.value = { from: base.version, text: base.text, own: base.text };
            }}
          >
            {tc('undo')}
          </button>
        ) : null}
      </p>
      {told ? (
        <p class={isGood ? 'muted' : 'problem'} role={isGood ? 'status' : 'alert'}>
          {told}
        </p>
      ) : null}
      {conflict ? (
        <p class="ways" role="alert">
          {tc('conflict', { who: conflict.wanted?.savedBy ?? '', version: conflict.wanted?.version ?? 0 })}
          <button
            type="button"
            class="act"
            onClick={() => {
              const theirs = baseOf(conflict);
              held.value = { from: theirs.version, text: theirs.text, own: theirs.text };
            }}
          >
            {tc('conflict.theirs')}
          </button>
          <button type="button" class="act" onClick={() => void save(conflict.wanted?.version ?? 0)}>
            {tc('conflict.mine')}
          </button>
        </p>
      ) : null}
      {problems.length > 0 ? <Problems list={problems} goTo={goToLine} /> : null}
      {checked ? <Changes lines={checked.lines} /> : null}
    </div>
  );
}

function Problems({ list, goTo }: { list: readonly ConfigProblem[]; goTo: (line: number) => void }) {
  return (
    <section aria-label={tc('problems')}>
      <h4>{tc('problems')}</h4>
      <ul class="config-problems">
        {list.map((problem) => (
          <li key={`${problem.line} ${problem.path} ${problem.message}`} data-problem={problem.line}>
            <button type="button" class="plain" onClick={() => goTo(problem.line)}>
              {tc('problem.line', { line: problem.line })}
            </button>{' '}
            {problem.path ? <code>{problem.path}</code> : null} <Prose text={problem.message} />
            {problem.suggestion ? (
              <span class="muted">
                {' '}
                – <Prose text={problem.suggestion} />
              </span>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Changes({ lines }: { readonly lines: readonly DiffLine[] }) {
  const isSame = lines.every(({ mark }) => mark === ' ');
  return (
    <section>
      <h4>{tc('changes')}</h4>
      {isSame ? <p class="muted">{tc('same')}</p> : <Diff lines={lines} name={tc('changes')} />}
    </section>
  );
}

/** What the gateway said against the very text that is shown. */
function refusedNow({ phase, wanted, lastRefusal }: Config, text: string): readonly ConfigProblem[] {
  return phase === 'refused' && wanted?.text === text ? (lastRefusal?.problems ?? []) : [];
}

async function afterRefusal(error: unknown, gateway: string): Promise<Pick<Held, 'told' | 'checked' | 'conflict'>> {
  if (error instanceof Refusal && error.problems.length > 0)
    return { told: whyOf(error), checked: { problems: error.problems, lines: [] } };
  try {
    if (error instanceof Refusal && error.code === 'document-changed')
      return { conflict: await ask<Config>(configPath(gateway)) };
  } catch {
    // What the hub said stands.
  }
  return { told: whyOf(error) };
}

export function whyOf(error: unknown): string {
  if (!(error instanceof Refusal)) return tc('unreachable');
  return tc('refused', { why: faultText(error.code, { text: error.detail ?? error.code }).text });
}
