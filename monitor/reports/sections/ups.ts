import type { Alarm } from '../../alarms/alarm.ts';
import { durationText } from '../format.ts';
import type { Cell, Section } from '../report.ts';
import { deviceOf, lasted } from './alarms.ts';
import type { Scene } from './scene.ts';

const MOST_LISTED = 100;

/** Nothing where there is no UPS. */
export function upsLines(scene: Scene): readonly string[] {
  const { say, data, language } = scene;
  if (data.alarms.ups.size === 0) return [];
  const events = eventsOf(scene);
  const total = events.reduce((sum, alarm) => sum + lasted(alarm, scene), 0);
  if (events.length === 0) return [say('ups.none')];
  return [say('ups.some', { n: events.length, time: durationText(total, language) })];
}

function eventsOf({ data }: Scene): readonly Alarm[] {
  const { ups, list } = data.alarms;
  return list.filter(({ gateway, device }) => ups.has(`${gateway}/${device}`));
}

/** Left out where nothing happened to one. */
export function upsSection(scene: Scene): Section | undefined {
  const { say } = scene;
  const events = eventsOf(scene);
  if (events.length === 0) return undefined;
  const shown = events.slice(-MOST_LISTED);
  const table = {
    ...{ id: 'ups', title: say('ups') },
    columns: [
      { title: say('col.time'), kind: 'time', weight: 2.4 },
      { title: say('col.device'), kind: 'text', weight: 3 },
      { title: say('col.what'), kind: 'text', weight: 5 },
      { title: say('col.lasted'), kind: 'duration', weight: 2 },
    ] as const,
    rows: shown.map((alarm): Cell[] => [
      ...[alarm.raisedAt, deviceOf(alarm, scene), scene.title(alarm.text, alarm.rule), lasted(alarm, scene)],
    ]),
    ...(events.length > shown.length ? { note: say('more', { n: events.length - shown.length }) } : {}),
  };
  return { id: 'ups', title: say('ups'), charts: [], tables: [table] };
}
