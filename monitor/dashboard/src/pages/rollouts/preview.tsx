import { Mark } from '../../kit/mark.tsx';
import { Prose } from '../../kit/prose.tsx';
import { Diff } from '../gateways/config-diff.tsx';
import type { Planned } from './rollout-data.ts';
import { tr } from './texts.ts';

interface PreviewProps {
  readonly planned: readonly Planned[];
  /** Something was typed since. */
  readonly isStale: boolean;
  readonly without: readonly string[];
  /** Leaves out these, and no others. */
  readonly leave: (without: readonly string[]) => void;
  readonly start: () => void;
}

/** What it would do to each gateway, by ring; it begins only where nothing is wrong with any. */
export function Preview({ planned, isStale, without, leave, start }: PreviewProps) {
  const taking = planned.filter(({ ring }) => ring !== null);
  const isWrong = planned.some(({ problems }) => problems.length > 0);
  const rings = new Set(taking.map(({ ring }) => ring)).size;
  return (
    <section class="card part" aria-labelledby="preview">
      <h3 id="preview">{tr('preview.title')}</h3>
      <p role="status">{tr('plan.sum', { n: taking.length, rings })}</p>
      <ol class="rollout-plan">
        {planned.map((each) => (
          <Gateway key={each.gateway} planned={each} leaveOut={() => leave([...without, each.gateway])} />
        ))}
      </ol>
      {without.length > 0 ? (
        <p class="ways">
          {tr('left')}
          {without.map((gateway) => (
            <button
              key={gateway}
              type="button"
              class="plain"
              onClick={() => leave(without.filter((each) => each !== gateway))}
            >
              {tr('take', { gateway })}
            </button>
          ))}
        </p>
      ) : null}
      <p class="ways">
        <button type="button" class="act" disabled={isStale || isWrong || taking.length === 0} onClick={start}>
          {tr('start')}
        </button>
        {isStale ? <span class="muted">{tr('plan.again')}</span> : null}
      </p>
    </section>
  );
}

function Gateway({ planned, leaveOut }: { readonly planned: Planned; readonly leaveOut: () => void }) {
  const { gateway, ring, there, problems, lines } = planned;
  const isWrong = problems.length > 0;
  return (
    <li data-planned={gateway}>
      <p class="ways">
        <strong>{gateway}</strong>
        {ring === null ? null : <span>{tr('ring', { n: ring + 1 })}</span>}
        {!isWrong && ring === null ? <span class="muted">{tr('plan.same')}</span> : null}
        {there ? null : (
          <span class="state tone-quiet">
            <Mark shape="ring" tone="quiet" />
            {tr('plan.away')}
          </span>
        )}
        {isWrong ? (
          <span class="state tone-high">
            <Mark shape="triangle" tone="high" />
            {tr('plan.wrong')}
          </span>
        ) : null}
        <button type="button" class="plain" onClick={leaveOut}>
          {tr('leave')}
        </button>
      </p>
      {problems.map(({ line, path, message }) => (
        <p key={`${line} ${path} ${message}`} class="problem">
          {tr('problem.line', { line })} {path ? <code>{path}</code> : null} <Prose text={message} />
        </p>
      ))}
      {lines.length > 0 ? <Diff lines={lines} name={tr('plan.changes', { gateway })} /> : null}
    </li>
  );
}
