interface DemandGaugeProps {
  readonly label: string;
  /** kW; `null`: nobody knows. */
  readonly now: number | null;
  readonly forecast: number | null;
  readonly target: number | undefined;
  readonly text: string;
}

const RADIUS = 80;

/** Half a circle to 120 % of the target: the arc is the load now, the long tick the target, the hollow mark the forecast. */
export function DemandGauge({ label, now, forecast, target, text }: DemandGaugeProps) {
  const most = 1.2 * (target ?? Math.max(now ?? 0, forecast ?? 0, 1));
  const end = (value: number, radius: number) => {
    const angle = Math.PI * (1 - Math.min(1, Math.max(0, value / most)));
    return `${(100 + radius * Math.cos(angle)).toFixed(1)} ${(96 - radius * Math.sin(angle)).toFixed(1)}`;
  };
  const arc = (value: number) => `M20 96A${RADIUS} ${RADIUS} 0 0 1 ${end(value, RADIUS)}`;
  return (
    <svg class="gauge" viewBox="0 0 200 104" role="img" aria-label={`${label}: ${text}`}>
      <path class="track" d={arc(most)} />
      {now === null ? null : <path class="load" d={arc(now)} />}
      {target === undefined ? null : <path class="target" d={`M${end(target, 66)}L${end(target, 95)}`} />}
      {forecast === null ? null : <path class="forecast" d={`M${end(forecast, 58)}L${end(forecast, 70)}`} />}
    </svg>
  );
}
