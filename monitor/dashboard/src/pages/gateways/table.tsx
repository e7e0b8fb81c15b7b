import type { ComponentChildren } from 'preact';

interface TableProps {
  readonly name: string;
  readonly heads: readonly string[];
  readonly children: ComponentChildren;
}

/** On a narrow screen a table is scrolled, by keys too. */
export function Table({ name, heads, children }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section class="table-frame" aria-label={name} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}
