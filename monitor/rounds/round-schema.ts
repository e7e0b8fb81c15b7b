import { z } from 'zod';
import { isTimeZone } from '../../core/local-time.ts';
import { deviceId, distinct, label, partId, pictureId } from '../documents/parts.ts';
import { DAYS, parseTimeOfDay } from '../notify/calendar.ts';

const timeOfDay = z.string().refine((text) => parseTimeOfDay(text) !== undefined, {
  message: 'expected a time of day such as 10:00',
});

/** By when it must be done: on some days of the week, or on a day of each month. */
const due = z.strictObject({
  timezone: z.string().refine(isTimeZone, { message: 'expected a time zone such as Asia/Seoul' }),
  by: timeOfDay,
  days: z
    .array(z.enum(DAYS))
    .min(1)
    .max(7)
    .default([...DAYS]),
  /** 1..28, which every month has; left out: by the week. */
  dayOfMonth: z.number().int().min(1).max(28).optional(),
});
export type Due = z.output<typeof due>;

const item = z.strictObject({
  id: partId,
  text: label,
  /** ok: in order or not; number: read off, within limits; text: what was seen. */
  kind: z.enum(['ok', 'number', 'text']),
  device: deviceId.optional(),
  unit: z.string().max(20).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  photo: z.boolean().default(false).describe('a picture must be taken'),
});
export type RoundItem = z.output<typeof item>;

const place = z.strictObject({ id: partId, name: label, items: z.array(item).min(1).max(100) });

/** An inspection round [점검]: places in the order in which one walks, what to look at in each. */
export const roundSchema = z.strictObject({
  name: label,
  due: due.optional(),
  places: z
    .array(place)
    .min(1)
    .max(50)
    .superRefine(distinct)
    .superRefine((places, context) => {
      distinct(
        places.flatMap(({ items }) => items),
        context,
      );
      for (const { id, kind, min, max, unit } of places.flatMap(({ items }) => items)) {
        const say = (message: string) => context.addIssue({ code: 'custom', message: `${id}: ${message}` });
        if (kind !== 'number' && [min, max, unit].some((given) => given !== undefined))
          say('only a number has min, max and unit');
        if (min !== undefined && max !== undefined && min >= max) say('min is not below max');
      }
    }),
});
export type Round = z.output<typeof roundSchema>;

const answer = z.strictObject({
  ok: z.boolean().optional(),
  number: z.number().optional(),
  text: z.string().trim().min(1).max(2000).optional(),
  note: z.string().trim().max(2000).optional(),
  photo: pictureId.optional(),
});
export type Answer = z.output<typeof answer>;

/** One walk. The id is made on the phone, so that what is sent again after a bad link is kept once. */
export const resultSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9_-]{8,40}$/, { message: 'expected an id of 8 to 40 letters and digits' }),
  /** The version of the round that was walked. */
  version: z.number().int().min(1),
  /** Unix milliseconds, phone's clock. */
  startedAt: z.number().int().nonnegative(),
  finishedAt: z.number().int().nonnegative(),
  answers: z.record(partId, answer),
});
export type Result = z.output<typeof resultSchema>;
