import type { UnixMs } from '../../core/reading.ts';
import type { Titles } from '../../core/units.ts';
import type { Item, Message } from './message.ts';

export type Language = 'en' | 'ko';

const WORDS = {
  en: {
    priority: { critical: 'Critical', high: 'High', medium: 'Medium', low: 'Low' },
    what: {
      raised: 'raised',
      cleared: 'cleared',
      acknowledged: 'acknowledged',
      're-alarm': 'still there, nobody has acknowledged it',
      escalated: 'passed on: nobody has acknowledged it',
      flapping: 'comes and goes: no more messages until it settles',
      settled: 'no longer comes and goes',
    },
    active: 'active',
    limit: 'limit',
    action: 'Do',
    count: (n: number) => (n === 1 ? '1 alarm' : `${n} alarms`),
    more: (n: number) => `and ${n} more`,
    reason: {
      alarm: '',
      flood: 'Digest of a flood',
      late: 'Came late, from the time without connection',
      quiet: 'From the quiet hours',
      test: 'Test',
    },
    test: 'Test message of Sluice: this receiver is reached. There is no alarm.',
  },
  ko: {
    priority: { critical: '긴급', high: '높음', medium: '보통', low: '낮음' },
    what: {
      raised: '발생',
      cleared: '복구',
      acknowledged: '확인',
      're-alarm': '지속 중, 아직 확인되지 않음',
      escalated: '미확인으로 상위 전달',
      flapping: '반복 발생: 안정될 때까지 추가 알림 없음',
      settled: '반복 발생 멈춤',
    },
    active: '발생 중',
    limit: '한계',
    action: '조치',
    count: (n: number) => `알람 ${n}건`,
    more: (n: number) => `외 ${n}건`,
    reason: {
      alarm: '',
      flood: '알람 폭주 요약',
      late: '통신 두절 동안의 지난 알람',
      quiet: '방해 금지 시간의 알람',
      test: '시험',
    },
    test: 'Sluice 시험 메시지: 이 수신처로 전달됩니다. 실제 알람이 아닙니다.',
  },
} as const;

/** A text for people: one line that says most, and all lines. */
export interface Wording {
  readonly subject: string;
  readonly lines: readonly string[];
}

export function titleIn(language: Language, titles: Titles, fallback: string): string {
  const other = language === 'ko' ? titles.en : titles.ko;
  return titles[language] ?? other ?? fallback;
}

/** `mostLines`: alarms beyond are counted. */
export function wordingOf(message: Message, language: Language, mostLines = 20): Wording {
  const words = WORDS[language];
  const { delivery, items, publicUrl } = message;
  if (delivery.reason === 'test') return { subject: words.test, lines: [words.test] };
  const shown = items.slice(0, mostLines);
  const lines = shown.map((item) => lineOf(item, language, message.now));
  const hidden = items.length - shown.length + message.more;
  if (hidden > 0) lines.push(words.more(hidden));
  const isOne = items.length === 1 && hidden === 0 && delivery.reason === 'alarm';
  const head = headOf(message, language);
  const all = isOne ? lines : [head, ...lines];
  return {
    subject: isOne ? (lines[0] ?? head) : head,
    lines: publicUrl === undefined ? all : [...all, linkOf(publicUrl)],
  };
}

export function linkOf(publicUrl: string): string {
  return `${publicUrl.replace(/\/+$/, '')}/#/alarms?tab=active`;
}

/** `Digest of a flood: 34 alarms (critical 2, high 32), 5 active · Seoul plant 1` */
function headOf({ delivery, items, more }: Message, language: Language): string {
  const words = WORDS[language];
  const counts = (['critical', 'high', 'medium', 'low'] as const)
    .map((priority) => [priority, items.filter(({ alarm }) => alarm.priority === priority).length] as const)
    .filter(([, count]) => count > 0)
    .map(([priority, count]) => `${words.priority[priority]} ${count}`);
  const active = items.filter(({ alarm }) => alarm.active).length;
  const reason = words.reason[delivery.reason];
  const total = `${words.count(items.length + more)} (${counts.join(', ')}), ${words.active} ${active}`;
  return [reason === '' ? total : `${reason}: ${total}`, sitesOf(items)].filter(Boolean).join(' · ');
}

export function sitesOf(items: readonly Item[]): string {
  const sites = [...new Set(items.map(({ site }) => site))];
  return sites.length > 3 ? `${sites.slice(0, 3).join(', ')}, …` : sites.join(', ');
}

/** What it is, where, how bad, since when, what to do: in this order, so that the first words on a telephone say most. */
export function lineOf(item: Item, language: Language, now: UnixMs): string {
  const words = WORDS[language];
  const { alarm } = item;
  const what = [placeOf(item, language), titleIn(language, alarm.text, alarm.rule), valueText(item, language)];
  const action = titleIn(language, alarm.action, '');
  return [
    `[${words.priority[alarm.priority]}] ${what.filter(Boolean).join(' ')}`,
    eventsOf(item, language, now),
    action === '' || !alarm.active ? '' : `${words.action}: ${action}`,
  ]
    .filter(Boolean)
    .join(' · ');
}

export function placeOf({ alarm, site, device }: Item, language: Language): string {
  return [site, alarm.device === '' ? '' : titleIn(language, device, alarm.device)].filter(Boolean).join(' ');
}

/** `33.4 °C (limit 32)`; '' for an alarm that only is or is not. */
export function valueText({ alarm, unit }: Item, language: Language): string {
  const { raisedValue, limit } = alarm;
  if (typeof raisedValue === 'string') return raisedValue;
  if (typeof raisedValue !== 'number') return '';
  const value = `${figure(raisedValue)}${unit === '' ? '' : ` ${unit}`}`;
  return limit === undefined ? value : `${value} (${WORDS[language].limit} ${figure(limit)})`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** `14:02 raised, 14:09 cleared`: each told once, though it may stand for several notices. */
function eventsOf(item: Item, language: Language, now: UnixMs): string {
  const words = WORDS[language];
  const { alarm, whats, zone } = item;
  const last = whats.at(-1) ?? 'raised';
  const at = (time: UnixMs) => clockTime(time, zone, now);
  const parts = [`${at(alarm.raisedAt)} ${words.what.raised}`];
  if (last === 're-alarm' || last === 'escalated' || last === 'flapping' || last === 'settled')
    parts.push(words.what[last]);
  if (!alarm.active && alarm.clearedAt !== undefined) parts.push(`${at(alarm.clearedAt)} ${words.what.cleared}`);
  if (alarm.ackedBy !== undefined && alarm.ackedAt !== undefined) {
    parts.push(`${at(alarm.ackedAt)} ${words.what.acknowledged} (${alarm.ackedBy})`);
  }
  return parts.join(', ');
}

/** `14:02`, with the day if it is another one. */
export function clockTime(at: UnixMs, zone: ZoneTimeLike, now: UnixMs): string {
  const [day = '', time = ''] = zone.iso(at).split('T');
  const [today = ''] = zone.iso(now).split('T');
  return day === today ? time.slice(0, 5) : `${day.slice(5)} ${time.slice(0, 5)}`;
}

interface ZoneTimeLike {
  iso(at: UnixMs): string;
}

export function priorityIn(language: Language, priority: keyof (typeof WORDS)['en']['priority']): string {
  return WORDS[language].priority[priority];
}

export function testIn(language: Language): string {
  return WORDS[language].test;
}
