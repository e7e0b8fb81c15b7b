import { expect, test } from 'vitest';
import { z } from 'zod';
import { catalogueSchema } from '../../cloud-sync/protocol/catalogue.ts';
import { eventSchema } from '../../cloud-sync/protocol/events.ts';
import { offlineRule } from '../../core/rules/built-in.ts';
import type { Rule } from '../../core/rules/rule.ts';
import { nextCatalogue } from '../../gateway/catalogue.ts';
import { ruleOf } from '../core/rules/support.ts';
import { plantOf, point } from '../support/plant.ts';

const FACTS = { site: 'Test', timezone: 'Asia/Seoul' };

const rule: Rule = {
  ...ruleOf({ kind: 'expression', text: 't > 3', inputs: ['t'] }),
  ...{ formula: { inputs: ['t'], evaluate: () => ({ quality: 'good', value: true }) }, class: 'process', latch: true },
  ...{
    onDelayMs: 1000,
    offDelayMs: 2000,
    reAlarmMs: 60_000,
    reAlarmCount: 3,
    ack: true,
    shelvable: false,
    group: 'heat',
  },
  ...{
    cause: { en: 'c', ko: 'ㅊ' },
    url: 'https://example.com/a',
    text: { en: 'x', ko: '엑' },
    action: { en: 'y', ko: '와' },
  },
  schedule: { windows: [{ days: ['mon'], from: 0, to: 60 }], holidays: 'off' },
  suppressWhen: [{ point: 't', equals: 1 }],
};

test('the catalogue carries of a rule what the desk needs, as plain data, the same after a journey', () => {
  const plant = plantOf([point('t')], { rules: [rule, offlineRule()] });
  const made = nextCatalogue(null, plant, FACTS);
  const arrived = catalogueSchema.parse(JSON.parse(JSON.stringify(made)));
  expect(arrived).toEqual(made);
  const { formula: _f, schedule: _s, suppressWhen: _w, ...plain } = rule;
  expect(arrived.rules[0]).toEqual({ device: 'boiler', ...plain });
  expect(arrived.rules[1]).toMatchObject({
    device: 'boiler',
    id: 'device/offline',
    point: '',
    condition: { kind: 'offline' },
  });
  expect(nextCatalogue(arrived, plant, FACTS)).toBe(arrived);
});

/** As the release before knew them. */
const oldRule = z.object({
  ...{ device: z.string(), id: z.string(), point: z.string(), condition: z.unknown() },
  ...{ priority: z.string(), text: z.object({}), action: z.object({}) },
});
const oldAlarm = z.object({
  event: z.literal('alarm'),
  at: z.number(),
  device: z.string(),
  rule: z.string(),
  point: z.string(),
  active: z.boolean(),
});

test('what an earlier release does not know passes it by, and what it does not say may be missing', () => {
  const entry = nextCatalogue(null, plantOf([point('t')], { rules: [rule] }), FACTS).rules[0];
  expect(Object.keys(oldRule.parse(entry)).sort()).toEqual([
    'action',
    'condition',
    'device',
    'id',
    'point',
    'priority',
    'text',
  ]);
  const alarm = { event: 'alarm', at: 1, device: 'd', rule: 't/above', point: 't', active: true } as const;
  expect(oldAlarm.parse({ ...alarm, suppressed: true, limit: 3 })).toEqual(alarm);
  expect(eventSchema.parse(alarm)).toEqual(alarm);
  const boot = { event: 'boot', at: 1, boot: 1, software: 'x' } as const;
  expect(eventSchema.parse(boot)).toEqual(boot);
  expect(eventSchema.parse({ ...boot, alarms: [{ device: 'd', rule: 'r', more: 1 }], more: 2 })).toEqual({
    ...boot,
    alarms: [{ device: 'd', rule: 'r' }],
  });
});
