import { z } from 'zod';
import { duration } from '../../core/units.ts';
import { DAYS, parseTimeOfDay } from './calendar.ts';

const DAY_MS = 86_400_000;

const priority = z.enum(['critical', 'high', 'medium', 'low']);
const name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, { message: 'expected a name such as night-shift' });
const names = z.array(name).min(1).max(100);
const webUrl = z.string().regex(/^https?:\/\/\S+$/, { message: 'expected http://… or https://…' });

/** An address that may be a secret: as it is, with `${NAME}` within, or in a file. */
const hookUrl = z
  .string()
  .regex(/^(https?:\/\/\S+|\$\{[A-Za-z_][A-Za-z0-9_]*\})$/, {
    message: 'expected http://…, https://… or a variable of the environment',
  })
  .optional();

const timeOfDay = z
  .string()
  .meta({ description: 'a time of day such as 22:00' })
  .transform((text, context) => {
    const minutes = parseTimeOfDay(text);
    if (minutes === undefined) context.addIssue({ code: 'custom', message: 'expected a time of day such as 22:00' });
    return minutes ?? 0;
  });

/** A secret: `${NAME}` of the environment here, or a file with it under the key with `File` at the end. */
const secret = z.string().optional();
const secretFile = z.string().optional();

const common = {
  language: z.enum(['en', 'ko']).default('en'),
  priorities: z.array(priority).min(1).optional(),
  gateways: z.array(z.string().min(1)).min(1).optional(),
  sites: z.array(z.string().min(1)).min(1).optional(),
  tell: z.array(z.enum(['cleared', 'acknowledged'])).default(['cleared', 'acknowledged']),
  quietHours: z
    .strictObject({
      from: timeOfDay,
      to: timeOfDay,
      priorities: z.array(priority).min(1).default(['medium', 'low']),
    })
    .optional(),
};

const webhook = z.strictObject({
  kind: z.literal('webhook'),
  ...{ ...common, url: hookUrl, urlFile: secretFile, secret, secretFile, bearer: secret, bearerFile: secretFile },
});
const email = z.strictObject({
  kind: z.literal('email'),
  ...{
    ...common,
    to: z
      .array(z.string().regex(/^\S+@\S+$/, { message: 'expected a mail address' }))
      .min(1)
      .max(100),
  },
});
const telegram = z.strictObject({
  kind: z.literal('telegram'),
  ...{ ...common, chat: z.string().min(1), token: secret, tokenFile: secretFile },
  api: webUrl.default('https://api.telegram.org'),
});
const slack = z.strictObject({ kind: z.literal('slack'), ...{ ...common, url: secret, urlFile: secretFile } });
const code = z.string().min(1).max(100);
const alimtalk = z.strictObject({
  kind: z.literal('alimtalk'),
  ...{ ...common, language: z.enum(['en', 'ko']).default('ko'), url: webUrl },
  to: z
    .array(z.string().regex(/^\+?[0-9-]{8,20}$/, { message: 'expected a telephone number' }))
    .min(1)
    .max(100),
  templates: z.strictObject({ raised: code, cleared: code, acknowledged: code, digest: code }),
  headers: z.record(z.string(), z.string()).default({}),
  headersFile: secretFile,
  body: z.record(z.string(), z.json()),
});

const receiver = z.discriminatedUnion('kind', [webhook, email, telegram, slack, alimtalk]);

const smtp = z.strictObject({
  host: z.string().min(1),
  port: z.number().int().min(1).max(65_535).default(587),
  tls: z.enum(['starttls', 'implicit', 'none']).default('starttls'),
  ca: z.string().optional(),
  user: z.string().optional(),
  password: secret,
  passwordFile: secretFile,
  from: z.string().min(3),
});

const turn = z.strictObject({
  days: z
    .array(z.enum(DAYS))
    .min(1)
    .default([...DAYS]),
  from: timeOfDay,
  to: timeOfDay,
  receivers: names,
});

/** `notify:` of hub.yaml. */
export const notifySchema = z.strictObject({
  timezone: z.string().optional(),
  receivers: z.record(name, receiver),
  roster: z.record(name, z.strictObject({ timezone: z.string().optional(), turns: z.array(turn).min(1) })).default({}),
  escalation: z
    .array(z.strictObject({ after: duration({ most: DAY_MS }), to: names }))
    .max(20)
    .default([]),
  groupWait: duration({ least: 100, most: 5000 }).default(1500),
  digestEvery: duration({ least: 10_000, most: DAY_MS }).default(60_000),
  smtp: smtp.optional(),
  heartbeat: z
    .strictObject({
      url: secret,
      urlFile: secretFile,
      every: duration({ least: 10_000, most: DAY_MS }).default(60_000),
    })
    .optional(),
  keep: duration({ least: DAY_MS }).default(365 * DAY_MS),
});

export type NotifyFile = z.output<typeof notifySchema>;
export type ReceiverSettings = NotifyFile['receivers'][string];
export type ReceiverOf<Kind extends ReceiverSettings['kind']> = Extract<ReceiverSettings, { kind: Kind }>;
export type SmtpSettings = z.output<typeof smtp>;

export interface NotifySettings extends Omit<NotifyFile, 'timezone'> {
  readonly timezone: string;
  /** Address of the page, for links; left out: no links. */
  readonly publicUrl?: string;
}
