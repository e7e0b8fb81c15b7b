/** How many in each span of time, oldest first; a span above `most` is marked by colour and by a dot on its bar. */
export function RateStrip({
  label,
  counts,
  most,
}: {
  readonly label: string;
  readonly counts: readonly number[];
  readonly most: number;
}) {
  const top = Math.max(most, ...counts);
  return (
    <svg class="strip" viewBox={`0 0 ${counts.length} 34`} preserveAspectRatio="none" role="img" aria-label={label}>
      {counts.map((count, index) => {
        const height = Math.max(4, (28 * count) / top);
        return count === 0 ? null : (
          <rect
            key={index}
            class={count > most ? 'much' : ''}
            x={index + 0.1}
            y={32 - height}
            width={0.8}
            height={height}
          />
        );
      })}
      <path class="base" d={`M0 33h${counts.length}`} />
    </svg>
  );
}
