import type { UnixMs } from '../../core/reading.ts';
import type { Titles } from '../../core/units.ts';
import type { Alarm } from '../alarms/alarm.ts';
import { byUrgency } from '../alarms/alarm-filter.ts';
import type { Points } from '../points.ts';
import type { ZoneTime } from '../zone-time.ts';
import { zoneOf } from './calendar.ts';
import type { Delivery, Notice, NoticeKind } from './notice.ts';

/** What a channel needs to know of one alarm to put it into words. */
export interface Item {
  /** As it stood at the last notice of it in this message. */
  readonly alarm: Alarm;
  /** All that is told of it, in its order. */
  readonly whats: readonly NoticeKind[];
  readonly site: string;
  readonly device: Titles;
  readonly point: Titles;
  readonly unit: string;
  readonly zone: ZoneTime;
}

/** One delivery, ready to be put into words. */
export interface Message {
  readonly delivery: Delivery;
  /** Most urgent first; what is over comes last. */
  readonly items: readonly Item[];
  /** Alarms of it that are not among the items. */
  readonly more: number;
  readonly publicUrl: string | undefined;
  /** When it is sent, hub's clock. */
  readonly now: UnixMs;
}

/** More notices of one message are counted, not listed. */
export const MOST_NOTICES = 2000;

export interface Surroundings {
  readonly points: Pick<Points, 'findCatalogue'>;
  readonly timezone: string;
  readonly publicUrl: string | undefined;
}

export function toMessage(
  delivery: Delivery,
  notices: readonly Notice[],
  { points, timezone, publicUrl }: Surroundings,
  now: UnixMs,
): Message {
  const byAlarm = new Map<string, { alarm: Alarm; whats: NoticeKind[] }>();
  for (const { alarm, what } of notices) {
    const whats = byAlarm.get(alarm.id)?.whats ?? [];
    byAlarm.set(alarm.id, { alarm, whats: [...whats, what] });
  }
  const items = [...byAlarm.values()].map(({ alarm, whats }) => ({
    alarm,
    whats,
    ...describe(alarm, points, timezone),
  }));
  return {
    ...{ delivery, publicUrl, now },
    items: items.sort((a, b) => Number(b.alarm.active) - Number(a.alarm.active) || byUrgency(a.alarm, b.alarm)),
    more: delivery.notices - notices.length,
  };
}

function describe({ gateway, device, point }: Alarm, points: Surroundings['points'], timezone: string) {
  const catalogue = points.findCatalogue(gateway);
  const entry = catalogue?.points.find((each) => each.device === device && each.point === point);
  return {
    site: catalogue?.site || gateway,
    device: catalogue?.devices.find(({ name }) => name === device)?.title ?? {},
    point: entry?.title ?? {},
    unit: entry?.unit ?? '',
    zone: zoneIn(catalogue?.timezone, timezone),
  };
}

/** A gateway may name a zone that this machine does not know. */
function zoneIn(name: string | undefined, fallback: string): ZoneTime {
  try {
    return zoneOf(name ?? fallback);
  } catch {
    return zoneOf(fallback);
  }
}
