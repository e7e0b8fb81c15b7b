import { randomBytes } from 'node:crypto';
import type { Aedes } from 'aedes';
import { z } from 'zod';
import { valueSchema, type WriteOutcome } from '../../cloud-sync/protocol/writes.ts';
import { isFault } from '../../core/faults.ts';
import type { WritePath } from './write-path.ts';

const SET = /^sluice\/([^/+#]+\/[^/+#]+)\/set$/;

/** The `device/point` that a topic writes to. */
export function setTopic(topic: string): string | undefined {
  return SET.exec(topic)?.[1];
}

/** A value alone, or with what a command can say beside. */
const messageSchema = z.union([
  valueSchema.transform((value) => ({ value })),
  z.strictObject({
    value: valueSchema,
    expect: valueSchema.optional(),
    confirm: valueSchema.optional(),
    /** What was done for an id is never done again. */
    id: z.string().min(8).max(64).optional(),
  }),
]);

/** What programs on the gateway publish to `sluice/{device}/{point}/set` goes the way of all writes; the answer comes to `…/set/result`. */
export function takeBusWrites(broker: Aedes, writes: Pick<WritePath, 'take'>): void {
  broker.on('publish', ({ topic, payload, dup }, client) => {
    const point = setTopic(topic);
    if (client === null || point === undefined) return;
    const by = `event bus: ${client.id.slice(0, 64)}`;
    void takeMessage({ point, by, payload, isAgain: dup }, writes).then((answer) => tell(broker, topic, answer));
  });
}

export interface BusMessage {
  /** `device/point` */
  readonly point: string;
  readonly by: string;
  readonly payload: Buffer | string;
  /** Sent once more, since the first may have been lost. */
  readonly isAgain: boolean;
}

/** A program's message goes the way of all writes, whichever broker it came over. What it is answered. */
export async function takeMessage(
  { point, by, payload, isAgain }: BusMessage,
  writes: Pick<WritePath, 'take'>,
): Promise<WriteOutcome & { readonly id?: string }> {
  const message = parse(payload);
  if (message === undefined) return { state: 'refused', code: 'request-invalid' };
  const { id, ...order } = { id: undefined, ...message };
  // Without an id nobody can tell whether the first was lost.
  if (isAgain && id === undefined)
    return { state: 'refused', code: 'request-invalid', detail: 'sent again without an id' };
  const known = id === undefined ? {} : { id };
  try {
    const orderId = `bus-${id ?? randomBytes(9).toString('base64url')}`;
    return { ...known, ...(await writes.take({ ...order, id: orderId, via: 'bus', by, point })) };
  } catch (error) {
    return { ...known, state: 'failed', detail: isFault(error) ? error.message : 'the log of the gateway says why' };
  }
}

function parse(payload: Buffer | string) {
  try {
    return messageSchema.safeParse(JSON.parse(payload.toString())).data;
  } catch {
    return undefined;
  }
}

function tell(broker: Aedes, topic: string, body: object): void {
  const payload = JSON.stringify(body);
  broker.publish({ cmd: 'publish', topic: `${topic}/result`, payload, qos: 0, retain: false, dup: false }, () => {});
}
