import type { UnixMs } from '../../core/reading.ts';
import type { Alarm } from '../alarms/alarm.ts';
import type { AlarmHistory } from '../alarms/alarm-history.ts';
import type { Desk } from '../alarms/desk.ts';
import type { Database } from '../archive/database.ts';
import { readGaps } from '../archive/gaps.ts';
import type { Span } from '../archive/history.ts';
import { type KeptFrom, levelKept, type Trends } from '../archive/trends.ts';
import type { DocumentStore } from '../documents/document-store.ts';
import type { Energy } from '../energy/energy.ts';
import { DAY_MS, HOUR_MS, LocalDays } from '../local-days.ts';
import type { Points } from '../points.ts';
import { DUE_KEYS, dueWithin } from '../rounds/due.ts';
import type { Round } from '../rounds/round-schema.ts';
import type { RoundStore } from '../rounds/round-store.ts';
import { climateOf } from './climate.ts';
import type { AlarmFacts, ClimateFacts, GatewayFacts, ReportData, RoundFacts } from './data.ts';
import { gatherEnergy } from './gather-energy.ts';
import { type KeyPoint, keyPoints } from './key-points.ts';
import type { LayoutPoint } from './layout.ts';
import { type Period, periodBefore } from './period.ts';
import { qualityOf } from './quality.ts';
import type { SitePlant } from './site.ts';

/** Where reports find what they say. */
export interface ReportSources {
  readonly database: Database;
  readonly points: Points;
  readonly trends: Trends;
  readonly energy: Energy;
  readonly desk: Pick<Desk, 'unfiled'>;
  readonly alarmHistory: AlarmHistory;
  readonly documents: DocumentStore;
  readonly rounds: RoundStore;
  readonly keptFrom: () => KeptFrom;
}

export interface Asked {
  readonly site: SitePlant;
  readonly period: Period;
  readonly madeAt: UnixMs;
  readonly madeBy: string;
  /** Key points of the layout. */
  readonly points: readonly LayoutPoint[];
}

/** More are counted, not listed. */
const MOST_ALARMS = 5000;
const MOST_WALKS = 1000;
const OFFLINE = 'gateway/offline';

/** Reads all that a report needs, one question after the other: none of them holds up what people and gateways ask meanwhile. */
export async function gather(sources: ReportSources, asked: Asked): Promise<ReportData> {
  const { site, period, madeAt, madeBy } = asked;
  const days = new LocalDays(site.zone);
  const before = periodBefore(period, days);
  const until = Math.min(period.to, Math.max(period.from, madeAt));
  const span = { from: period.from, to: until };
  const alarms = await gatherAlarms(sources, site, { span, before, period });
  const energy = await gatherEnergy(sources.energy, site.gateways, { period, before, until }, days);
  const chosen = keyPoints(site, sources.points, asked.points);
  const climate = await gatherClimate(sources, chosen, period, span, site.zone);
  const { hoursOf, ...quality } = await qualityOf(sources.database, site.points, span);
  const gaps = (await readGaps(sources.database)).filter(
    ({ gateway, declaredAt }) => site.gateways.includes(gateway) && declaredAt >= span.from && declaredAt < period.to,
  );
  const rounds = await gatherRounds(sources, site, span);
  const gateways = site.gateways.map((id) => gatewayFacts(id, alarms.list, span, hoursOf.get(id) ?? 0));
  return {
    ...{ site: site.name, zone: site.zone, period, madeAt, madeBy, until, titles: site.titles },
    ...{ alarms, energy, climate, quality, gaps, rounds, gateways },
  };
}

async function gatherAlarms(
  { alarmHistory, desk }: ReportSources,
  { gateways, classes }: SitePlant,
  { span, before, period }: { readonly span: Span; readonly before: Span; readonly period: Span },
): Promise<AlarmFacts> {
  const over = await alarmHistory.within(gateways, { from: span.from, to: period.to }, MOST_ALARMS + 1);
  const known = new Set(over.map(({ id }) => id));
  const isOpen = (alarm: Alarm) => gateways.includes(alarm.gateway) && !known.has(alarm.id);
  const open = desk.unfiled().filter(isOpen);
  const within = open.filter(
    ({ raisedAt, clearedAt = Number.POSITIVE_INFINITY }) => raisedAt < period.to && clearedAt >= span.from,
  );
  const all = [...over, ...within].sort((a, b) => a.raisedAt - b.raisedAt || (a.id < b.id ? -1 : 1));
  const openBefore = open.filter(({ raisedAt }) => raisedAt >= before.from && raisedAt < before.to).length;
  return {
    list: all.slice(-MOST_ALARMS),
    isCut: all.length > MOST_ALARMS,
    before: openBefore + (await alarmHistory.countRaised(gateways, before)),
    ups: new Set([...classes].filter(([, kind]) => kind === 'ups').map(([id]) => id)),
  };
}

async function gatherClimate(
  { database, trends, keptFrom }: ReportSources,
  chosen: readonly KeyPoint[],
  { kind }: Period,
  span: Span,
  zone: string,
): Promise<readonly ClimateFacts[]> {
  const kept = keptFrom();
  const known = await climateOf(database, chosen, span, levelKept('minute', span.from, kept));
  const stepMs = kind === 'monthly' ? DAY_MS : HOUR_MS;
  const facts: ClimateFacts[] = [];
  for (const { point, low, high } of chosen) {
    const starts = new LocalDays(zone).steps(span.from, span.to, stepMs);
    const { rows } = await trends.steps(point.series, span, { stepMs, aggregates: ['avg'], zone, keptFrom: kept });
    const means = new Map(rows.map(([at, mean]) => [at, mean]));
    const own = known.get(point.series.id);
    facts.push({
      ...{ id: point.id, unit: point.entry.unit ?? '' },
      ...(low === undefined ? {} : { low }),
      ...(high === undefined ? {} : { high }),
      ...(own ? { known: own } : {}),
      steps: starts.map((from, index) => {
        const mean = means.get(from);
        return { from, to: starts[index + 1] ?? span.to, mean: typeof mean === 'number' ? mean : null };
      }),
    });
  }
  return facts;
}

async function gatherRounds(
  { documents, rounds }: ReportSources,
  { gateways }: SitePlant,
  { from, to }: Span,
): Promise<readonly RoundFacts[]> {
  const facts: RoundFacts[] = [];
  for (const { id, name, body, since } of await documents.all('round', DUE_KEYS)) {
    const round = body as Round;
    if (!isRoundHere(round, gateways)) continue;
    const { before, times } = round.due
      ? dueWithin(round.due, Math.max(from, since), to)
      : { before: from, times: [] as UnixMs[] };
    // What was walked without a link comes later; no clock is believed that is ahead.
    const walks = (await rounds.list(id, { from: before, to: Number.MAX_SAFE_INTEGER, limit: MOST_WALKS }))
      .map((walk) => ({ at: Math.min(walk.finishedAt, walk.receivedAt), abnormal: walk.abnormal.length }))
      .filter(({ at }) => at < to);
    const own = walks.filter(({ at }) => at >= from);
    const isDone = (at: UnixMs, index: number) =>
      walks.some((walk) => walk.at > (times[index - 1] ?? before) && walk.at <= at);
    facts.push({
      ...{ name, due: times.length, done: times.filter(isDone).length, walks: own.length },
      abnormal: own.reduce((sum, { abnormal }) => sum + abnormal, 0),
    });
  }
  return facts;
}

/** A round that names no machine may be of any site; one over several sites is of none. */
function isRoundHere({ places }: Round, gateways: readonly string[]): boolean {
  const named = places.flatMap(({ items }) => items).flatMap(({ device }) => device ?? []);
  return named.every((device) => gateways.includes(device.slice(0, device.indexOf('/'))));
}

function gatewayFacts(id: string, alarms: readonly Alarm[], { from, to }: Span, hoursWithData: number): GatewayFacts {
  const outages = alarms
    .filter(({ gateway, rule }) => gateway === id && rule === OFFLINE)
    .map(({ raisedAt, clearedAt = to }) => ({ from: Math.max(from, raisedAt), to: Math.min(to, clearedAt) }))
    .filter((span) => span.to > span.from);
  return { id, outages, hoursWithData };
}
