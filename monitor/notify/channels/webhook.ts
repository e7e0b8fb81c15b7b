import { createHash, createHmac } from 'node:crypto';
import { isoTime } from '../../../core/clock.ts';
import type { UnixMs } from '../../../core/reading.ts';
import { ruleKey } from '../../alarms/alarm.ts';
import type { Item, Message } from '../message.ts';
import { type Language, lineOf, linkOf, testIn, titleIn, valueText } from '../wording.ts';
import type { Channel } from './channel.ts';
import { post } from './post.ts';

export interface WebhookOptions {
  readonly name: string;
  readonly url: string;
  readonly language: Language;
  readonly secret: string | undefined;
  readonly bearer: string | undefined;
}

const MOST_ALERTS = 500;
/** What Alertmanager writes for an alert that has not ended. */
const NO_END = '0001-01-01T00:00:00Z';

/** The webhook of Alertmanager, version 4, signed after Standard Webhooks 1.0. */
export function webhookChannel({ name, url, language, secret, bearer }: WebhookOptions): Channel {
  return {
    target: url,
    spacingMs: 0,
    async send(message, signal) {
      const body = JSON.stringify(alertmanagerBody(message, name, language));
      const { id } = message.delivery;
      const headers: Record<string, string> = { 'x-sluice-delivery': id, 'webhook-id': id };
      if (secret !== undefined) Object.assign(headers, signed(secret, id, message.now, body));
      if (bearer !== undefined) headers.authorization = `Bearer ${bearer}`;
      const { status, text } = await post(url, body, headers, signal);
      return `${status} ${text}`.trim();
    },
  };
}

/** `secret`: `whsec_` and Base64, or any text. */
export function signed(secret: string, id: string, now: UnixMs, body: string): Record<string, string> {
  const at = String(Math.floor(now / 1000));
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret);
  const digest = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64');
  return { 'webhook-timestamp': at, 'webhook-signature': `v1,${digest}` };
}

function alertmanagerBody(message: Message, receiver: string, language: Language) {
  const { items, more, publicUrl, delivery } = message;
  const alerts =
    delivery.reason === 'test'
      ? [testAlert(message, language)]
      : items.slice(0, MOST_ALERTS).map((item) => alertOf(item, message, language));
  const labels = common(alerts.map((alert) => alert.labels));
  const group = 'gateway' in labels ? { gateway: labels.gateway } : {};
  return {
    version: '4',
    groupKey: `{}:{${Object.entries(group).map(([key, value]) => `${key}=${JSON.stringify(value)}`)}}`,
    truncatedAlerts: Math.max(0, items.length - MOST_ALERTS) + more,
    status: alerts.some(({ status }) => status === 'firing') ? 'firing' : 'resolved',
    receiver,
    groupLabels: group,
    commonLabels: labels,
    commonAnnotations: common(alerts.map((alert) => alert.annotations)),
    externalURL: publicUrl ?? '',
    alerts,
  };
}

function alertOf(item: Item, { publicUrl, now }: Message, language: Language) {
  const { alarm, site, whats } = item;
  const { gateway, device, point, rule, priority, text, action, cause, url, ackedBy, comment, clearedAt } = alarm;
  const isFiring = alarm.active || alarm.latched;
  const annotations: Record<string, string | undefined> = {
    summary: titleIn(language, text, rule),
    description: lineOf(item, language, now),
    ...{
      action: titleIn(language, action, ''),
      cause: cause && titleIn(language, cause, ''),
      value: valueText(item, language),
    },
    ...{ runbook_url: url, acknowledgedBy: ackedBy, comment, occurrence: alarm.id, notices: whats.join(',') },
  };
  return {
    status: isFiring ? 'firing' : 'resolved',
    labels: filled({ alertname: rule, gateway, site, device, point, rule, priority, severity: SEVERITIES[priority] }),
    annotations: filled(annotations),
    startsAt: isoTime(alarm.raisedAt),
    endsAt: isFiring ? NO_END : isoTime(clearedAt ?? now),
    generatorURL: publicUrl === undefined ? '' : linkOf(publicUrl),
    fingerprint: createHash('sha256').update(ruleKey(alarm)).digest('hex').slice(0, 16),
  };
}

const SEVERITIES = { critical: 'critical', high: 'error', medium: 'warning', low: 'info' } as const;

function testAlert({ now, publicUrl, delivery }: Message, language: Language) {
  return {
    ...{ status: 'resolved', labels: { alertname: 'SluiceTest', severity: 'info' } },
    ...{ annotations: { summary: testIn(language) }, startsAt: isoTime(now), endsAt: isoTime(now) },
    generatorURL: publicUrl === undefined ? '' : linkOf(publicUrl),
    fingerprint: createHash('sha256').update(delivery.id).digest('hex').slice(0, 16),
  };
}

function filled(given: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(given).flatMap(([key, value]) => (value ? [[key, value]] : [])));
}

function common(all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const [first = {}, ...rest] = all;
  return Object.fromEntries(Object.entries(first).filter(([key, value]) => rest.every((each) => each[key] === value)));
}
