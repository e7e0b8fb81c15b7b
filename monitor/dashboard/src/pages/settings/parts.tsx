import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Mark } from '../../kit/mark.tsx';
import { Prose } from '../../kit/prose.tsx';
import { ts } from './texts.ts';

interface CardProps {
  readonly title: string;
  readonly hint?: string;
  readonly children: ComponentChildren;
}

export function Card({ title, hint, children }: CardProps) {
  return (
    <section class="card setting" aria-label={title}>
      <h2>{title}</h2>
      {hint ? (
        <p class="muted small">
          <Prose text={hint} />
        </p>
      ) : null}
      {children}
    </section>
  );
}

/** What went wrong, where it is heard. */
export function Trouble({ text }: { readonly text: string }) {
  return (
    <p role="alert" class="trouble-line">
      {text === '' ? null : (
        <>
          <Mark shape="triangle" tone="high" /> {text}
        </>
      )}
    </p>
  );
}

interface SureProps {
  readonly text: string;
  readonly label: string;
  readonly act: () => void;
}

/** Asks once more, in the place of the button. */
export function Sure({ text, label, act }: SureProps) {
  const [asks, setAsks] = useState(false);
  if (!asks)
    return (
      <button type="button" class="act" aria-label={label} onClick={() => setAsks(true)}>
        {text}
      </button>
    );
  return (
    <span class="sure">
      <button
        type="button"
        class="act sure-yes"
        ref={(button) => button?.focus()}
        aria-label={`${ts('sure')} ${label}`}
        onClick={() => {
          setAsks(false);
          act();
        }}
      >
        {ts('sure')}
      </button>
      <button type="button" class="plain" onClick={() => setAsks(false)}>
        {ts('cancel')}
      </button>
    </span>
  );
}
