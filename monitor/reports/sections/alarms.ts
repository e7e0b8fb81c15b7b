import type { Priority } from '../../../core/rules/rule.ts';
import { type Alarm, ruleKey } from '../../alarms/alarm.ts';
import { durationText } from '../format.ts';
import type { Cell, Column, Section, Table } from '../report.ts';
import type { Scene } from './scene.ts';

const MOST_LISTED = 300;
const MOST_TOP = 10;
const RANK: Readonly<Record<Priority, number>> = { critical: 0, high: 1, medium: 2, low: 3 };

export function alarmSection(scene: Scene): Section | undefined {
  const { say, data } = scene;
  const { list } = data.alarms;
  if (list.length === 0) return undefined;
  return { id: 'alarms', title: say('alarms'), charts: [], tables: [alarmTable(scene), topTable(scene)] };
}

/** What there is to say of them, without a table. */
export function alarmLines(scene: Scene): readonly string[] {
  const { say, data, language } = scene;
  const { list, before, isCut } = data.alarms;
  const raised = list.filter(({ raisedAt }) => raisedAt >= data.period.from);
  const count = (priority: Priority) => raised.filter((alarm) => alarm.priority === priority).length;
  const standing = list.filter((alarm) => isStanding(alarm, data.until));
  const unacked = standing.filter(({ acknowledged }) => !acknowledged).length;
  const last = { before: say(`before.${data.period.kind}`), last: before };
  const figures = { critical: count('critical'), high: count('high'), medium: count('medium'), low: count('low') };
  const longest = [...list].sort((a, b) => lasted(b, scene) - lasted(a, scene))[0];
  return [
    ...(isCut ? [say('alarms.cut', { n: list.length })] : []),
    raised.length === 0 ? say('alarms.none') : say('alarms.raised', { n: raised.length, ...figures, ...last }),
    standing.length === 0 ? say('alarms.still') : say('alarms.standing', { n: standing.length, unacked }),
    ...(longest
      ? [
          say('alarms.longest', {
            what: whatOf(longest, scene),
            time: durationText(lasted(longest, scene), language),
          }),
        ]
      : []),
    ...responseLines(raised, scene),
  ];
}

/** How long until somebody saw them, and until they were over. */
function responseLines(raised: readonly Alarm[], { say, language }: Scene): readonly string[] {
  const ack = median(raised.flatMap(({ ackedAt, raisedAt }) => (ackedAt === undefined ? [] : [ackedAt - raisedAt])));
  const clear = median(
    raised.flatMap(({ clearedAt, raisedAt }) => (clearedAt === undefined ? [] : [clearedAt - raisedAt])),
  );
  const text = (ms: number) => durationText(Math.max(0, ms), language);
  if (ack !== undefined && clear !== undefined) return [say('alarms.ack', { ack: text(ack), clear: text(clear) })];
  if (ack !== undefined) return [say('alarms.ack.only', { ack: text(ack) })];
  return clear === undefined ? [] : [say('alarms.clear.only', { clear: text(clear) })];
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function isStanding({ raisedAt, clearedAt, active, latched }: Alarm, until: number): boolean {
  return raisedAt < until && (clearedAt === undefined ? active || latched : clearedAt >= until);
}

/** Within the period. */
export function lasted({ raisedAt, clearedAt, updatedAt, active }: Alarm, { data }: Scene): number {
  const end = Math.min(data.until, clearedAt ?? (active ? data.until : updatedAt));
  return Math.max(0, end - Math.max(data.period.from, raisedAt));
}

function whatOf(alarm: Alarm, { title, name }: Scene): string {
  const text = title(alarm.text, alarm.rule);
  return alarm.device === '' ? `${alarm.gateway} · ${text}` : `${name(`${alarm.gateway}/${alarm.device}`)} · ${text}`;
}

export function deviceOf({ gateway, device }: Alarm, { name }: Scene): string {
  return device === '' ? gateway : name(`${gateway}/${device}`);
}

function alarmTable(scene: Scene): Table {
  const { say, data } = scene;
  const { list } = data.alarms;
  // What matters least is left out first.
  const kept = new Set([...list].sort((a, b) => RANK[a.priority] - RANK[b.priority]).slice(0, MOST_LISTED));
  const columns: Column[] = [
    { title: say('col.time'), kind: 'time', weight: 2.6 },
    { title: say('col.priority'), kind: 'text', weight: 1.4 },
    { title: say('col.device'), kind: 'text', weight: 3 },
    { title: say('col.what'), kind: 'text', weight: 4.4 },
    { title: say('col.lasted'), kind: 'duration', weight: 2 },
    { title: say('col.state'), kind: 'text', weight: 1.7 },
    { title: say('col.acked'), kind: 'text', weight: 1.9 },
  ];
  const rows = list
    .filter((alarm) => kept.has(alarm))
    .map((alarm): Cell[] => [
      ...[alarm.raisedAt, say(`priority.${alarm.priority}`), deviceOf(alarm, scene)],
      ...[scene.title(alarm.text, alarm.rule), lasted(alarm, scene)],
      ...[say(isStanding(alarm, data.until) ? 'state.standing' : 'state.over'), alarm.ackedBy ?? ''],
    ]);
  const left = list.length - kept.size;
  return {
    id: 'alarms',
    title: say('alarms.table'),
    columns,
    rows,
    ...(left > 0 ? { note: say('more', { n: left }) } : {}),
  };
}

function topTable(scene: Scene): Table {
  const { say, data } = scene;
  const byRule = new Map<string, Alarm[]>();
  for (const alarm of data.alarms.list) {
    const held = byRule.get(ruleKey(alarm));
    if (held) held.push(alarm);
    else byRule.set(ruleKey(alarm), [alarm]);
  }
  const rows = [...byRule.values()]
    .sort((a, b) => b.length - a.length)
    .slice(0, MOST_TOP)
    .flatMap((alarms): Cell[][] => {
      const newest = alarms.at(-1);
      if (!newest) return [];
      const total = alarms.reduce((sum, alarm) => sum + lasted(alarm, scene), 0);
      return [[deviceOf(newest, scene), scene.title(newest.text, newest.rule), alarms.length, total]];
    });
  return {
    id: 'alarms-top',
    title: say('alarms.top'),
    columns: [
      { title: say('col.device'), kind: 'text', weight: 3 },
      { title: say('col.what'), kind: 'text', weight: 5 },
      { title: say('col.count'), kind: 'number', decimals: 0, weight: 1.4 },
      { title: say('col.total'), kind: 'duration', weight: 2 },
    ],
    rows,
  };
}
