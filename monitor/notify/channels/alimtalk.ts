import type { Message } from '../message.ts';
import type { ReceiverOf } from '../settings.ts';
import { clockTime, linkOf, placeOf, priorityIn, sitesOf, testIn, titleIn, valueText } from '../wording.ts';
import type { Channel } from './channel.ts';
import { post } from './post.ts';

export type Template = 'raised' | 'cleared' | 'acknowledged' | 'digest';

/**
 * The texts to have approved, with the variables as KakaoTalk writes them. A message is one of them with the variables filled in and
 * nothing else.
 */
const TEMPLATES: Readonly<Record<Template, string>> = {
  raised: '[#{priority}] 알람 발생\n위치: #{place}\n내용: #{what} #{value}\n발생: #{time}\n조치: #{action}',
  cleared: '[#{priority}] 알람 복구\n위치: #{place}\n내용: #{what}\n발생: #{time}\n복구: #{until}',
  acknowledged: '[#{priority}] 알람 확인\n위치: #{place}\n내용: #{what}\n확인: #{by} #{until}',
  digest: '알람 요약 #{count}건\n발생 중: #{active}건\n위치: #{place}\n가장 급한 알람: #{what}',
};

/** A gateway to KakaoTalk's 알림톡: approved templates, fields only. One request for each number. */
export function alimtalkChannel(settings: ReceiverOf<'alimtalk'>, headers: Readonly<Record<string, string>>): Channel {
  const { url, to, templates, body, language } = settings;
  return {
    target: url,
    spacingMs: 0,
    groups: to.map((number) => [number]),
    async send(message, signal, [number = '']) {
      const template = templateOf(message);
      const fields = fieldsOf(message, language);
      const content = TEMPLATES[template].replace(/#\{(\w+)\}/g, (_, name: string) => fields[name] ?? '');
      const values = { ...fields, content, to: number, template: templates[template], delivery: message.delivery.id };
      const answer = await post(url, JSON.stringify(fill(body, values)), headers, signal);
      return String(answer.status);
    },
  };
}

function templateOf({ delivery, items, more }: Message): Template {
  const [item] = items;
  if (delivery.reason !== 'alarm' || !item || items.length + more > 1) return 'digest';
  const last = item.whats.at(-1);
  if (last === 'cleared' || last === 'acknowledged') return last;
  return item.alarm.active || last !== 'settled' ? 'raised' : 'cleared';
}

function fieldsOf(message: Message, language: 'en' | 'ko'): Record<string, string> {
  const { items, more, publicUrl, now } = message;
  const [item] = items;
  const active = items.filter(({ alarm }) => alarm.active).length;
  const count = { count: String(items.length + more), active: String(active) };
  const url = publicUrl === undefined ? '' : linkOf(publicUrl);
  if (!item) {
    const text = testIn(language);
    return {
      ...count,
      url,
      priority: '',
      place: 'Sluice',
      what: text,
      value: '',
      time: '',
      until: '',
      action: '',
      by: '',
    };
  }
  const { alarm, zone } = item;
  const until = alarm.active ? alarm.ackedAt : (alarm.clearedAt ?? alarm.ackedAt);
  return {
    ...{ ...count, url, priority: priorityIn(language, alarm.priority) },
    place: items.length > 1 ? sitesOf(items) : placeOf(item, language),
    ...{ what: titleIn(language, alarm.text, alarm.rule), value: valueText(item, language) },
    time: clockTime(alarm.raisedAt, zone, now),
    until: until === undefined ? '' : clockTime(until, zone, now),
    ...{ action: titleIn(language, alarm.action, '-'), by: alarm.ackedBy ?? '' },
  };
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** `{name}` within a text stands for a field. */
export function fill(body: Json, fields: Readonly<Record<string, string>>): Json {
  if (typeof body === 'string') return body.replace(/\{(\w+)\}/g, (all, name: string) => fields[name] ?? all);
  if (Array.isArray(body)) return body.map((each) => fill(each, fields));
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, fill(value as Json, fields)]));
}
