import './overview.css';
import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { alarmChanges } from '../../data/alarm-store.ts';
import type { Demand, Gateway } from '../../data/api.ts';
import { every } from '../../data/clock.ts';
import { formatNumber } from '../../data/format.ts';
import { t, titleOf } from '../../data/i18n.ts';
import { Asked } from '../../data/loaded.ts';
import { gateways, session } from '../../data/store.ts';
import { DemandGauge } from '../../kit/demand-gauge.tsx';
import { RateStrip } from '../../kit/rate-strip.tsx';
import { Tile } from '../../kit/tile.tsx';
import { administers } from '../settings/administers.ts';
import { AlarmStrip } from './alarm-strip.tsx';
import { LinkState, SiteCard } from './site-card.tsx';
import { to } from './texts.ts';

const REFRESH_MS = 30_000;
/** More in ten minutes than a person can take in [EEMUA 191]. */
const FLOOD = 10;

interface Health {
  readonly rate: readonly number[];
  readonly announced: number;
}

const health = new Asked<Health>('/alarms/health');
const demand = new Asked<{ readonly demand: readonly Demand[] }>('/demand');

/** Is anything wrong, and where? Seen in ten seconds; quiet when all is well. */
export function Overview() {
  const changes = alarmChanges.value;
  const isIn = session.value.state === 'in';
  useEffect(() => {
    if (isIn) void health.load();
  }, [changes, isIn]);
  useEffect(() => {
    if (!isIn) return;
    void demand.load();
    return every(REFRESH_MS, () => {
      void demand.load();
      void health.load();
    });
  }, [isIn]);
  const list = gateways.value;
  return (
    <div class="overview">
      {list === undefined ? (
        <div class="card skeleton" role="status" aria-label={t('state.loading')} />
      ) : (
        <AlarmStrip />
      )}
      <FirstSteps />
      <div class="tiles">
        <Rate />
        {list && list.length > 0 ? <Links list={list} /> : null}
        <Demands />
      </div>
      {list?.length === 0 ? (
        <div class="card hint">
          <strong>{to('none')}</strong>
          <p>{t('gateways.none.hint', { token: 'sluice token create', join: 'sluice join' })}</p>
        </div>
      ) : null}
      <div class="sites">
        {list?.map((gateway) => (
          <SiteCard key={gateway.id} gateway={gateway} />
        ))}
      </div>
    </div>
  );
}

/** Fetched for whoever administers the hub only. */
function FirstSteps() {
  const held = session.value;
  const isTheirs = held.state === 'in' && administers(held.me);
  const [View, setView] = useState<FunctionComponent<{ readonly isDemo: boolean }> | undefined>(undefined);
  useEffect(() => {
    if (isTheirs) void import('./first-run.tsx').then(({ FirstRun }) => setView(() => FirstRun));
  }, [isTheirs]);
  return isTheirs && View ? <View isDemo={held.me.demo} /> : null;
}

function Rate() {
  const held = health.value.value;
  if (held.state !== 'ready') {
    return (
      <Tile
        title={to('rate')}
        state={held.state === 'failed' ? 'error' : 'loading'}
        note={held.state === 'failed' ? held.why : undefined}
        retry={() => void health.load()}
      />
    );
  }
  const { rate, announced } = held.is;
  const text = to('rate.said', { n: announced, most: Math.max(0, ...rate) });
  return (
    <Tile title={to('rate')} state="live" href="#/alarms?tab=health">
      <RateStrip label={`${to('rate')}: ${text}`} counts={rate} most={FLOOD} />
      <div class="ends small muted">
        <span>{to('rate.from')}</span>
        <span>{t('now')}</span>
      </div>
      <p class="small">{text}</p>
    </Tile>
  );
}

function Links({ list }: { readonly list: readonly Gateway[] }) {
  const waiting = list.reduce((sum, { backlog }) => sum + (backlog ?? 0), 0);
  return (
    <Tile title={to('gateways')} state="live" href="#/points">
      <ul class="links">
        {(['online', 'late', 'offline'] as const).map((state) => {
          const count = list.filter((gateway) => gateway.state === state).length;
          return count === 0 && state !== 'online' ? null : (
            <li key={state}>
              <strong class="figure">{count}</strong> <LinkState state={state} />
            </li>
          );
        })}
      </ul>
      <p class="small muted">
        {waiting > 0 ? to('gateways.waiting', { n: formatNumber(waiting, 0) }) : to('gateways.drained')}
      </p>
    </Tile>
  );
}

/** Only where the hub has a meter; a plant without one has no empty gauge. */
function Demands() {
  const held = demand.value.value;
  if (held.state !== 'ready') return null;
  const known = held.is.demand;
  const withTarget = known.filter(({ targetKw }) => targetKw !== undefined);
  return (
    <>
      {(withTarget.length > 0 ? withTarget : known.slice(0, 1)).map((each) => (
        <DemandTile key={each.group} demand={each} />
      ))}
    </>
  );
}

function DemandTile({ demand: { group, title, recentKw, forecastKw, targetKw, state } }: { readonly demand: Demand }) {
  const text = (kw: number | null | undefined) => (kw == null ? '–' : formatNumber(kw, kw < 100 ? 1 : 0));
  const values = { now: text(recentKw), forecast: text(forecastKw), target: text(targetKw) };
  const said = targetKw === undefined ? to('demand.free', values) : to('demand.text', values);
  const isAbove = state === 'above' || state === 'forecast-above';
  const name = to('demand', { group: titleOf(title, group) });
  return (
    <Tile
      title={name}
      state={recentKw === null ? 'empty' : 'live'}
      note={isAbove ? `▲ ${to(`demand.${state}`)}` : undefined}
    >
      <DemandGauge label={name} now={recentKw} forecast={forecastKw} target={targetKw} text={said} />
      <p class="small">{said}</p>
    </Tile>
  );
}
