import type { Demand } from '../../data/api.ts';
import { formatAge } from '../../data/format.ts';
import { titleOf } from '../../data/i18n.ts';
import { now } from '../../data/store.ts';
import { DemandGauge } from '../../kit/demand-gauge.tsx';
import { Mark, type MarkShape } from '../../kit/mark.tsx';
import { clockText, kwText } from './kw-text.ts';
import { te } from './texts.ts';

const MARKS: Readonly<Record<Demand['state'], readonly [MarkShape, string]>> = {
  unknown: ['ring', 'stale'],
  below: ['circle', 'quiet'],
  'forecast-above': ['triangle', 'high'],
  above: ['square', 'critical'],
};

/** Where the window that runs will end. */
export function DemandCard({ demand, zone }: { readonly demand: Demand; readonly zone: string }) {
  const { from, to, kwh, recentKw, forecastKw, targetKw, allowedKw, state, missingMs } = demand;
  const [shape, tone] = MARKS[state];
  const words = targetKw === undefined && state === 'below' ? te('state.free') : te(`state.${state}`);
  const left = formatAge(Math.max(0, to - now.value));
  const text = `${kwText(recentKw)} / ${kwText(targetKw)} kW, ${te('demand.forecast')} ${kwText(forecastKw)} kW`;
  return (
    <section class="card demand" aria-label={te('demand')}>
      <h2>{te('demand')}</h2>
      <p class="muted small">{te('demand.window', { from: clockText(from, zone), to: clockText(to, zone), left })}</p>
      <DemandGauge
        label={titleOf(demand.title, demand.group)}
        now={recentKw}
        forecast={forecastKw}
        target={targetKw}
        text={text}
      />
      <p class={`state tone-${tone}`} role="status">
        <Mark shape={shape} tone={tone} />
        {words}
      </p>
      <dl class="facts">
        <Fact name={te('demand.now')} text={`${kwText(recentKw)} kW`} />
        <Fact name={te('demand.forecast')} text={`${kwText(forecastKw)} kW`} />
        <Fact name={te('demand.target')} text={targetKw === undefined ? te('demand.none') : `${kwText(targetKw)} kW`} />
        <Fact name={te('demand.used')} text={`${kwText(kwh)} kWh`} />
        {allowedKw === undefined ? null : (
          <Fact name={te('demand.allowed')} text={`${kwText(Math.max(0, allowedKw))} kW`} />
        )}
        {missingMs > 0 ? <Fact name={te('demand.missing')} text={formatAge(missingMs)} /> : null}
      </dl>
    </section>
  );
}

function Fact({ name, text }: { readonly name: string; readonly text: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </div>
  );
}
