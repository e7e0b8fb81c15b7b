import 'uplot/dist/uPlot.min.css';
import '../../kit/plot/plot.css';
import './energy.css';
import { useEffect } from 'preact/hooks';
import { address, goTo } from '../../app/address.ts';
import type { Demand } from '../../data/api.ts';
import { every } from '../../data/clock.ts';
import { formatTime } from '../../data/format.ts';
import { t, titleOf } from '../../data/i18n.ts';
import { gateways, now } from '../../data/store.ts';
import { shiftDays, startOfDay } from '../../data/zone.ts';
import { Prose } from '../../kit/prose.tsx';
import { DayProfile } from './day-profile.tsx';
import { DemandCard } from './demand-card.tsx';
import { windowsOf } from './energy-data.ts';
import {
  findDemands,
  findFigures,
  findTotals,
  loadDemand,
  loadGroup,
  loadTotals,
  PERIODS,
  type Period,
  problem,
  timezone,
} from './energy-source.ts';
import { GroupTotals } from './group-totals.tsx';
import { HeatMapCard } from './heat-map.tsx';
import { Peaks } from './peaks.tsx';
import { te } from './texts.ts';
import { WindowBars } from './window-bars.tsx';

const DEMAND_MS = 5000;
const HISTORY_MS = 60_000;
const QUARTER_MS = 900_000;

/** Power and energy of meters and their groups. */
export function EnergyPage() {
  const { query } = address.value;
  const zone = timezone.value ?? gateways.value?.[0]?.timezone ?? 'UTC';
  const known = findDemands();
  const demand = known?.find(({ group }) => group === query.group) ?? known?.[0];
  const today = startOfDay(now.value, zone);
  const asked = Number(query.day ?? Number.NaN);
  const day = Number.isFinite(asked) ? startOfDay(Math.min(asked, today), zone) : today;
  const period = PERIODS.find((name) => name === query.period) ?? 'day';
  const group = demand?.group;
  const go = (to: Readonly<Record<string, string>>) => goTo({ page: 'energy', query: { ...query, ...to } });
  useEffect(() => {
    void loadDemand();
    return every(DEMAND_MS, () => void loadDemand());
  }, []);
  useEffect(() => {
    if (group === undefined) return;
    const load = () => void loadGroup(group, day, zone);
    load();
    return every(HISTORY_MS, load);
  }, [group, day, zone]);
  useEffect(() => {
    const load = () => void loadTotals(period, day, zone);
    load();
    return every(HISTORY_MS, load);
  }, [period, day, zone]);
  if (known === undefined && problem.value === undefined) return <Loading of="all" />;
  if (!demand) return <Nothing />;
  const goToday = () => {
    const { day: _, ...rest } = query;
    goTo({ page: 'energy', query: rest });
  };
  const goDay = (days: number) => {
    const to = shiftDays(day, days, zone);
    if (to < today) go({ day: String(to) });
    else goToday();
  };
  return (
    <div class="energy">
      <div class="energy-tools">
        <label class="select">
          <span class="muted">{te('group')}</span>{' '}
          <select value={demand.group} onChange={(event) => go({ group: event.currentTarget.value })}>
            {known?.map((each) => (
              <option key={each.group} value={each.group}>
                {titleOf(each.title, each.group)}
              </option>
            ))}
          </select>
        </label>
        <span class="energy-days">
          <button type="button" class="plain" aria-label={te('day.before')} onClick={() => goDay(-1)}>
            ←
          </button>
          <strong>{formatTime(day, zone).slice(0, 10)}</strong>
          <button
            type="button"
            class="plain"
            aria-label={te('day.after')}
            disabled={day >= today}
            onClick={() => goDay(1)}
          >
            →
          </button>
          {day < today ? (
            <button type="button" class="plain" onClick={goToday}>
              {te('today')}
            </button>
          ) : null}
        </span>
        {problem.value === undefined ? null : (
          <span role="alert" class="energy-problem">
            {te('failed', { why: problem.value })}
          </span>
        )}
      </div>
      <Cards demand={demand} day={day} zone={zone} period={period} choose={(name) => go({ period: name })} />
    </div>
  );
}

interface CardsProps {
  readonly demand: Demand;
  readonly day: number;
  readonly zone: string;
  readonly period: Period;
  readonly choose: (period: Period) => void;
}

function Cards({ demand, day, zone, period, choose }: CardsProps) {
  const figures = findFigures(demand.group, day, zone);
  const all = figures && windowsOf(figures.windows, demand.to - demand.from || QUARTER_MS, now.value);
  return (
    <div class="energy-grid">
      <DemandCard demand={demand} zone={zone} />
      {all ? <WindowBars windows={all} demand={demand} zone={zone} /> : <Loading of="bars" />}
      {all ? <DayProfile windows={all} day={day} zone={zone} target={demand.targetKw} /> : <Loading of="profile" />}
      {figures ? <HeatMapCard hours={figures.hours} day={day} zone={zone} /> : <Loading of="heat" />}
      <GroupTotals groups={findTotals(period, day, zone)?.groups} period={period} choose={choose} />
      {all ? <Peaks windows={all} zone={zone} target={demand.targetKw} /> : <Loading of="peaks" />}
    </div>
  );
}

/** In the place of what is being asked for. */
function Loading({ of }: { readonly of: string }) {
  return <div class={`card skeleton ${of}`} role="status" aria-label={t('state.loading')} />;
}

function Nothing() {
  return (
    <div class="card hint" role={problem.value === undefined ? undefined : 'alert'}>
      <strong>{problem.value === undefined ? te('none') : te('failed', { why: problem.value })}</strong>
      {problem.value === undefined ? (
        <p>
          <Prose text={te('none.hint')} />
        </p>
      ) : (
        <button type="button" class="act" onClick={() => void loadDemand()}>
          {te('retry')}
        </button>
      )}
    </div>
  );
}
