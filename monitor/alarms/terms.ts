import type { Catalogue, CatalogueRule } from '../../cloud-sync/protocol/catalogue.ts';
import type { Priority } from '../../core/rules/rule.ts';
import type { Terms } from './alarm.ts';

const MINUTE = 60_000;
/** An alarm that nobody attends comes back: the urgent ones sooner, the others not at all. */
const RE_ALARM_MS: Readonly<Partial<Record<Priority, number>>> = { critical: 15 * MINUTE, high: 60 * MINUTE };
const RE_ALARM_COUNT = 8;

/** Terms with the defaults of their priority filled in. */
export function toTerms({
  priority,
  text,
  action,
  cause,
  url,
  group,
  ...more
}: Omit<CatalogueRule, 'device' | 'id' | 'point' | 'condition'>): Terms {
  const reAlarmMs = more.reAlarmMs ?? RE_ALARM_MS[priority];
  return {
    ...{ priority, text, action },
    ...(cause ? { cause } : {}),
    ...(url === undefined ? {} : { url }),
    ...(more.class === undefined ? {} : { class: more.class }),
    ...(group === undefined ? {} : { group }),
    latch: more.latch ?? false,
    ack: more.ack ?? priority !== 'low',
    shelvable: more.shelvable ?? true,
    ...(reAlarmMs === undefined ? {} : { reAlarmMs }),
    reAlarmCount: more.reAlarmCount ?? RE_ALARM_COUNT,
  };
}

const indexes = new WeakMap<Catalogue, ReadonlyMap<string, CatalogueRule>>();

export function findRule(catalogue: Catalogue | undefined, device: string, rule: string): CatalogueRule | undefined {
  if (!catalogue) return undefined;
  let index = indexes.get(catalogue);
  if (!index) {
    index = new Map(catalogue.rules.map((entry) => [`${entry.device}/${entry.id}`, entry]));
    indexes.set(catalogue, index);
  }
  return index.get(`${device}/${rule}`);
}

/** A rule that the newest catalogue no longer has is told by its name. */
export function termsOf(catalogue: Catalogue | undefined, device: string, rule: string): Terms {
  const name = [device, rule].filter(Boolean).join(' ');
  return toTerms(findRule(catalogue, device, rule) ?? { priority: 'medium', text: { en: name, ko: name }, action: {} });
}
