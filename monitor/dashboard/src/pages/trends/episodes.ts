import type { Alarm, Point } from '../../data/api.ts';
import type { Window } from '../../kit/plot/window.ts';

/** An alarm's time on the strip: shares of its width, and the lane that it has to itself. */
export interface Episode {
  readonly alarm: Alarm;
  readonly left: number;
  readonly width: number;
  readonly lane: number;
}

/** Alarms of these points, or of their devices as a whole, that stood within the window. */
export function alarmsOf(alarms: readonly Alarm[], points: readonly Point[], window: Window): readonly Alarm[] {
  const ids = new Set(points.map(({ id }) => id));
  const devices = new Set(points.map(({ gateway, device }) => `${gateway}/${device}`));
  const isMeant = ({ gateway, device, point }: Alarm) =>
    point === '' ? devices.has(`${gateway}/${device}`) : ids.has(`${gateway}/${device}/${point}`);
  const known = new Map(alarms.filter(isMeant).map((alarm) => [alarm.id, alarm]));
  return [...known.values()]
    .filter(
      ({ raisedAt, clearedAt, active }) => raisedAt < window.to && (active || (clearedAt ?? raisedAt) >= window.from),
    )
    .sort((a, b) => a.raisedAt - b.raisedAt);
}

/** Places bars so that none lies over another; a bar is never narrower than what can be hit. */
export function episodesOf(alarms: readonly Alarm[], { from, to }: Window, now: number, least: number): Episode[] {
  const lanes: number[] = [];
  return alarms.map((alarm) => {
    const share = (at: number) => (at - from) / (to - from);
    const end = Math.min(1, share(alarm.active ? Math.min(now, to) : (alarm.clearedAt ?? alarm.raisedAt)));
    const left = Math.max(0, Math.min(share(alarm.raisedAt), 1 - least));
    const width = Math.max(least, end - left);
    const free = lanes.findIndex((taken) => taken <= left);
    const lane = free < 0 ? lanes.length : free;
    lanes[lane] = left + width;
    return { alarm, left, width, lane };
  });
}
