import { parseIso } from '../../data/clock.ts';
import { formatTime } from '../../data/format.ts';
import { session } from '../../data/store.ts';
import { browserZone, instantOf } from '../../data/zone.ts';

const DAY_MS = 86_400_000;

/** On the clock of whoever looks: people belong to no site. */
export function when(at: number): string {
  return formatTime(at, zoneOfViewer());
}

/** The beginning of a day `YYYY-MM-DD`, or of one some days later, on the same clock. */
export function startOf(day: string, daysOn = 0): number {
  return instantOf((parseIso(`${day}T00:00:00Z`) ?? 0) + daysOn * DAY_MS, zoneOfViewer());
}

function zoneOfViewer(): string {
  const held = session.value;
  return (held.state === 'in' ? held.me.timezone : null) ?? browserZone();
}
