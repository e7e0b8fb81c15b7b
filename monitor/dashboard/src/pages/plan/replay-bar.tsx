import { formatTime } from '../../data/format.ts';
import { MOST_POINTS, type Replay } from './replay.ts';
import { tp } from './texts.ts';

interface ReplayBarProps {
  readonly replay: Replay | undefined;
  readonly at: number | undefined;
  readonly zone: string;
  readonly pointCount: number;
  readonly begin: () => void;
  readonly show: (at: number) => void;
  readonly end: () => void;
}

/** Steps of five minutes through the last day; what is shown is said to be past for as long as it is. */
export function ReplayBar({ replay, at, zone, pointCount, begin, show, end }: ReplayBarProps) {
  if (replay === undefined || at === undefined) {
    return (
      <div class="card plan-replay">
        <button type="button" class="act" onClick={begin}>
          {tp('replay.start')}
        </button>
        <span class="muted">{tp('replay')}</span>
      </div>
    );
  }
  const { steps } = replay;
  const { share, failed } = replay.progress.value;
  const index = Math.max(0, steps.indexOf(at));
  const time = formatTime(at, zone).slice(0, 16);
  return (
    <div class="card plan-replay past">
      <p role="status" class="plan-past">
        {tp('replay.past', { time })}
      </p>
      <button type="button" class="act main" onClick={end}>
        {tp('replay.live')}
      </button>
      <input
        type="range"
        min={0}
        max={steps.length - 1}
        value={index}
        aria-label={tp('replay.slider')}
        aria-valuetext={time}
        onInput={(event) => show(steps[Number(event.currentTarget.value)] ?? at)}
      />
      <p class="muted small" aria-live="polite">
        {[
          share < 1 ? tp('replay.loading', { percent: Math.round(share * 100) }) : '',
          failed > 0 ? tp('replay.failed', { n: failed }) : '',
          pointCount > MOST_POINTS ? tp('replay.most', { n: MOST_POINTS }) : '',
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
    </div>
  );
}
