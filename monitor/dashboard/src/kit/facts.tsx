interface FactsProps {
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly class?: string;
}

/** What is known of a thing, a line each. */
export function Facts({ facts, class: name = 'facts' }: FactsProps) {
  return (
    <dl class={name}>
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
