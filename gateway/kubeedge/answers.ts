import { z } from 'zod';

/** What EdgeCore says at the broker of its node. An id is `namespace/name`, or the name alone before KubeEdge 1.16. */

const DEVICES = '$hw/events/device';
const KINDS = ['twin/update/result', 'twin/update/delta', 'twin/get/result', 'state/update/result'] as const;
export type AnswerKind = (typeof KINDS)[number];

/** Devices that EdgeCore has begun to know, or knows no more. */
const MEMBERS = /^\$hw\/events\/node\/[^/]+\/membership\/updated$/;

/** Of devices with and without namespace; `+` is also the empty name of an answer that knows no device. */
export const ANSWER_TOPICS: readonly string[] = [
  ...KINDS.flatMap((kind) => [`${DEVICES}/+/${kind}`, `${DEVICES}/+/+/${kind}`]),
  '$hw/events/node/+/membership/updated',
];

const ANSWER = new RegExp(`^\\$hw/events/device/([^/]*|[^/]+/[^/]+)/(${KINDS.join('|')})$`);

export type Answered = { readonly kind: AnswerKind; readonly id: string } | { readonly kind: 'members' };

/** Undefined: it is no answer. The id is empty where EdgeCore could not read of which device it was. */
export function answerTopic(topic: string): Answered | undefined {
  if (MEMBERS.test(topic)) return { kind: 'members' };
  const [, id, kind] = ANSWER.exec(topic) ?? [];
  return id === undefined ? undefined : { id, kind: kind as AnswerKind };
}

const resultSchema = z.object({ code: z.number().optional(), reason: z.string().optional() });
const MOST_REASON = 200;

/** What EdgeCore refused; `undefined` if it took it. */
export function refusalOf(payload: string): { readonly code: number; readonly reason: string } | undefined {
  const { code, reason = '' } = parsed(resultSchema, payload) ?? {};
  return code === undefined || code === 0 || code === 200 ? undefined : { code, reason: reason.slice(0, MOST_REASON) };
}

const deltaSchema = z.object({ delta: z.record(z.string(), z.string()) });

/** What is wanted of a device and differs, by property. */
export function deltaOf(payload: string): Readonly<Record<string, string>> {
  return parsed(deltaSchema, payload)?.delta ?? {};
}

const twinSchema = z.object({ value: z.string().nullish() }).nullish();
const gotSchema = z.object({ twin: z.record(z.string(), z.object({ expected: twinSchema }).nullable()) });

/** What EdgeCore holds as wanted of a device, by property; an empty text is nothing. */
export function expectedOf(payload: string): Readonly<Record<string, string>> {
  const entries = Object.entries(parsed(gotSchema, payload)?.twin ?? {});
  return Object.fromEntries(
    entries.flatMap(([property, twin]) => (twin?.expected?.value ? [[property, twin.expected.value]] : [])),
  );
}

const membersSchema = z.object({
  added_devices: z.array(z.object({ id: z.string(), name: z.string().optional() })).nullish(),
});

/** Ids of devices that EdgeCore has begun to know. */
export function addedOf(payload: string): readonly string[] {
  return (parsed(membersSchema, payload)?.added_devices ?? []).map(({ id }) => id);
}

function parsed<S extends z.ZodType>(schema: S, payload: string): z.output<S> | undefined {
  try {
    return schema.safeParse(JSON.parse(payload)).data;
  } catch {
    return undefined;
  }
}
