import type { UnixMs } from '../../core/reading.ts';
import type { Span } from '../archive/history.ts';
import type { Energy } from '../energy/energy.ts';
import type { Group } from '../energy/settings.ts';
import { DAY_MS, HOUR_MS, type LocalDays } from '../local-days.ts';
import type { EnergyFacts } from './data.ts';
import type { Period } from './period.ts';

/** Groups whose demand windows are looked at: each is read by the minute. */
const MOST_DEMANDS = 4;
const MOST_GROUPS = 40;

/** Energy of the groups that have all their meters on the site, as a sum over several sites is of none; demand of those with a target, or else of the first. */
export async function gatherEnergy(
  energy: Energy,
  gateways: readonly string[],
  { period, before, until }: { readonly period: Period; readonly before: Span; readonly until: UnixMs },
  days: LocalDays,
): Promise<readonly EnergyFacts[]> {
  const groups = energy.groups.filter((group) => isHere(energy, group, gateways)).slice(0, MOST_GROUPS);
  const targeted = groups.filter(({ target }) => target !== undefined);
  const demanded = (targeted.length > 0 ? targeted : groups.slice(0, 1)).slice(0, MOST_DEMANDS);
  const isDaily = period.kind === 'daily';
  const edges = stepEdges(days, period, isDaily ? HOUR_MS : DAY_MS, until);
  const windows = stepEdges(days, period, energy.windowMs, until);
  const now = await energy.reports(groups, edges, isDaily ? 'hour' : 'day');
  const past = await energy.reports(groups, [before.from, before.to], 'day');
  const demands = await energy.reports(demanded, windows, 'window');
  return groups.map((group, index) => {
    const last = past[index]?.buckets[0];
    const own = demands.find((report) => report.group === group)?.buckets;
    return {
      ...{ name: group.name, title: group.title, isGroup: group.meters.length !== 1 || group.meters[0] !== group.name },
      ...{ buckets: now[index]?.buckets ?? [], unplaced: now[index]?.unplaced ?? 0 },
      before: { kwh: last?.kwh ?? null, missingMs: last?.missingMs ?? before.to - before.from },
      ...(own ? { windows: own } : {}),
      ...(group.target === undefined ? {} : { targetKw: group.target }),
    };
  });
}

function isHere(energy: Energy, group: Group, gateways: readonly string[]): boolean {
  return energy.pointsOf(group).every((id) => gateways.includes(id.slice(0, id.indexOf('/'))));
}

/** Starts of the steps of the period that have begun, and the end of the last. */
function stepEdges(days: LocalDays, { from, to }: Period, stepMs: number, until: UnixMs): readonly UnixMs[] {
  const starts = days.steps(from, to, stepMs).filter((at) => at >= from && at < to);
  const begun = starts.filter((at) => at < until);
  return [...begun, starts[begun.length] ?? to];
}
