import type { FunctionComponent } from 'preact';
import { formatAgo } from '../../data/format.ts';
import { t } from '../../data/i18n.ts';
import { AlarmToken, type Priority } from '../../kit/alarm-token.tsx';
import { DemandGauge } from '../../kit/demand-gauge.tsx';
import { Indicator } from '../../kit/indicator.tsx';
import { Mark } from '../../kit/mark.tsx';
import { RateStrip } from '../../kit/rate-strip.tsx';
import { RunShape } from '../../kit/run-shape.tsx';
import type { Limit } from '../../kit/scale.ts';
import { Sparkline } from '../../kit/sparkline.tsx';
import { STATE_MARK } from '../../kit/state-mark.ts';
import { Tile, type TileState } from '../../kit/tile.tsx';
import { Unfold } from '../../kit/unfold.tsx';
import { ChartStory } from './chart-story.tsx';
import { tk } from './texts.ts';

const STATES: readonly TileState[] = [
  ...(['loading', 'live', 'late', 'stale', 'bad', 'empty', 'forbidden', 'unconfigured', 'error'] as const),
];
const POINT_STATES = ['live', 'late', 'stale', 'bad', 'empty'] as const;
const PRIORITIES: readonly Priority[] = ['critical', 'high', 'medium', 'low'];
const LIMITS: readonly Limit[] = [
  { kind: 'below', at: 15, priority: 'medium' },
  { kind: 'above', at: 27, priority: 'medium' },
  { kind: 'above', at: 32, priority: 'critical' },
];
const SCALE = { from: 10, to: 40 };
const MINUTE = 60_000;
const LINE = Array.from({ length: 60 }, (_, minute) => ({
  at: minute * MINUTE,
  value: 20 + 4 * Math.sin(minute / 7),
})).filter((_, minute) => minute < 25 || minute > 34);
const RATE = Array.from({ length: 144 }, (_, window) => (window === 90 ? 14 : window % 11 === 0 ? 2 : 0));

const AGES: Readonly<Partial<Record<TileState, number>>> = { live: 800, late: 12_000, stale: 190_000, bad: 2000 };

function noteOf(state: TileState): string | undefined {
  if (state === 'error') return 'hub-busy 7f3a';
  return state === 'bad' || state === 'forbidden' || state === 'unconfigured' ? tk(`note.${state}`) : undefined;
}

function Tiles() {
  const tile = (state: TileState, more: { isSimulated?: boolean; isMaintained?: boolean } = {}) => {
    const age = AGES[state];
    const hasValue = state === 'live' || state === 'late' || state === 'stale';
    return (
      <Tile
        key={`${state} ${Object.keys(more)}`}
        title={tk('tile')}
        state={state}
        age={age === undefined ? undefined : formatAgo(age)}
        note={noteOf(state)}
        retry={() => {}}
        {...more}
      >
        <p class="figure">
          {hasValue ? '23.4' : '–'} <span class="unit">{hasValue ? '°C' : ''}</span>
        </p>
      </Tile>
    );
  };
  return (
    <div class="samples">
      {STATES.map((state) => tile(state))}
      {tile('live', { isSimulated: true })}
      {tile('live', { isMaintained: true })}
    </div>
  );
}

function Tokens() {
  return (
    <div class="line-up">
      {PRIORITIES.map((priority) => (
        <span key={priority} class="state">
          <AlarmToken priority={priority} label={t(`priority.${priority}`)} />
          {t(`priority.${priority}`)}
        </span>
      ))}
      <span class="state">
        <AlarmToken priority="high" label={t('priority.high')} rests />
        {tk('rests')}
      </span>
    </div>
  );
}

function Marks() {
  return (
    <div class="line-up">
      {POINT_STATES.map((state) => {
        const [shape, tone] = STATE_MARK[state] ?? (['circle', 'quiet'] as const);
        return (
          <span key={state} class={`state tone-${tone}`}>
            <Mark shape={shape} tone={tone} />
            {t(`state.${state}`)}
          </span>
        );
      })}
    </div>
  );
}

function Indicators() {
  const values: readonly (readonly [value: number | null, text: string, isTrusted: boolean])[] = [
    [23.4, '23.4 °C', true],
    [34, '34 °C', true],
    [23.4, '23.4 °C', false],
    [null, '–', false],
  ];
  return (
    <div class="samples">
      {values.map(([value, text, isTrusted]) => (
        <Indicator
          key={`${value} ${isTrusted}`}
          label={tk('tile')}
          {...{ text, value, isTrusted }}
          scale={SCALE}
          limits={LIMITS}
        />
      ))}
    </div>
  );
}

function Gauges() {
  return (
    <div class="samples">
      <DemandGauge label={tk('gauges')} now={412} forecast={447} target={450} text="412 / 450 kW" />
      <DemandGauge label={tk('gauges')} now={460} forecast={520} target={450} text="460 / 450 kW" />
      <DemandGauge label={tk('gauges')} now={null} forecast={null} target={450} text="–" />
    </div>
  );
}

function Buttons() {
  return (
    <div class="line-up">
      <button type="button" class="act">
        {tk('act')}
      </button>
      <button type="button" class="plain">
        {tk('plain')}
      </button>
      <fieldset class="choice">
        <legend class="hidden">{tk('buttons')}</legend>
        <button type="button" aria-pressed={true}>
          {t('range.1h')}
        </button>
        <button type="button" aria-pressed={false}>
          {t('range.24h')}
        </button>
      </fieldset>
      <input type="text" aria-label={tk('field')} placeholder={tk('field')} />
    </div>
  );
}

interface StoryEntry {
  readonly key:
    | 'tiles'
    | 'tokens'
    | 'marks'
    | 'indicators'
    | 'sparks'
    | 'gauges'
    | 'strip'
    | 'run'
    | 'buttons'
    | 'skeleton'
    | 'chart'
    | 'unfold'
    | 'empty';
  readonly Story: FunctionComponent;
}

export const STORIES: readonly StoryEntry[] = [
  { key: 'tiles', Story: Tiles },
  { key: 'tokens', Story: Tokens },
  { key: 'marks', Story: Marks },
  { key: 'indicators', Story: Indicators },
  {
    key: 'sparks',
    Story: () => <Sparkline label={tk('sparks')} points={LINE} from={0} to={60 * MINUTE} gapMs={2 * MINUTE} />,
  },
  { key: 'gauges', Story: Gauges },
  { key: 'strip', Story: () => <RateStrip label={tk('strip')} counts={RATE} most={10} /> },
  {
    key: 'run',
    Story: () => (
      <div class="line-up">
        <RunShape isRunning={true} />
        <RunShape isRunning={false} />
      </div>
    ),
  },
  { key: 'chart', Story: ChartStory },
  { key: 'unfold', Story: () => <Unfold summary={tk('unfold')} content={() => <p>{tk('intro')}</p>} /> },
  { key: 'buttons', Story: Buttons },
  { key: 'skeleton', Story: () => <div class="card skeleton" role="status" aria-label={tk('skeleton')} /> },
  {
    key: 'empty',
    Story: () => (
      <div class="card hint">
        <strong>{tk('empty')}</strong>
        <p>{tk('empty.hint')}</p>
      </div>
    ),
  },
];
