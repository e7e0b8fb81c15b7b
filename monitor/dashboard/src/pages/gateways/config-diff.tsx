import type { DiffLine } from './config-data.ts';

/** So many lines around a change say where it is. */
const AROUND = 3;

/** What changes, with a little of what stays. */
export function Diff({ lines, name }: { readonly lines: readonly DiffLine[]; readonly name: string }) {
  const isNear = (at: number) =>
    lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ mark }) => mark !== ' ');
  const shown = lines.map((line, at) => ({ ...line, at })).filter(({ at }) => isNear(at));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, also by keys
    <section class="diff" tabIndex={0} aria-label={name}>
      <pre>
        {shown.map(({ mark, text, before, after, at }, i) => (
          <span key={at}>
            {i > 0 && (shown[i - 1]?.at ?? 0) < at - 1 ? <span class="diff-rest">{'⋯\n'}</span> : null}
            <span class={mark === '+' ? 'diff-come' : mark === '-' ? 'diff-gone' : 'diff-same'}>
              {`${String(after ?? before ?? '').padStart(4)} ${mark} ${text}\n`}
            </span>
          </span>
        ))}
      </pre>
    </section>
  );
}
