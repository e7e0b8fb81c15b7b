export type Priority = 'critical' | 'high' | 'medium' | 'low';

const TOKENS: Readonly<Record<Priority, readonly [digit: string, path: string]>> = {
  critical: ['1', 'M2 2h18v18H2z'],
  high: ['2', 'M11 1 21.500 20.500H.5z'],
  medium: ['3', 'M11 .5 21.500 11 11 21.500.5 11z'],
  low: ['4', 'M11 1a10 10 0 1 1 0 20a10 10 0 1 1 0-20z'],
};

interface TokenProps {
  readonly priority: Priority;
  readonly label: string;
  /** Over, but not yet acknowledged. */
  readonly rests?: boolean;
}

/** Number, shape and colour say the same, so that none is ever the only sign. */
export function AlarmToken({ priority, label, rests = false }: TokenProps) {
  const [digit, path] = TOKENS[priority];
  return (
    <svg
      class={`token tone-${priority}${rests ? ' rests' : ''}`}
      viewBox="0 0 22 22"
      width="22"
      height="22"
      role="img"
      aria-label={label}
    >
      <path d={path} />
      <text x="11" y={priority === 'high' ? 17.5 : 15.5}>
        {digit}
      </text>
    </svg>
  );
}
