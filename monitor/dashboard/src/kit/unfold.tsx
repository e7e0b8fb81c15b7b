import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';

interface UnfoldProps {
  readonly summary: string;
  /** Made when it is opened: tables of figures cost nothing before. */
  readonly content: () => ComponentChildren;
}

/** Something more for who asks for it. */
export function Unfold({ summary, content }: UnfoldProps) {
  const isOpen = useSignal(false);
  return (
    <details
      class="unfold"
      onToggle={(event) => {
        isOpen.value = event.currentTarget.open;
      }}
    >
      <summary>{summary}</summary>
      {isOpen.value ? content() : null}
    </details>
  );
}
