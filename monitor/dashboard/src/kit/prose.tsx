/** Words from the hub, where `backticks` mark what is typed. */
export function Prose({ text }: { readonly text: string }) {
  return <>{text.split('`').map((part, index) => (index % 2 === 1 ? <code key={part}>{part}</code> : part))}</>;
}

/** What went wrong, then what to do. */
export function Problem({ text, action }: { readonly text: string; readonly action: string }) {
  return (
    <>
      <Prose text={text} />.{' '}
      <span class="muted">
        <Prose text={action} />
      </span>
    </>
  );
}
