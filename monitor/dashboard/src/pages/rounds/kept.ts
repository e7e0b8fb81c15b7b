import { effect, signal } from '@preact/signals';
import { ask, post, Refusal } from '../../data/api.ts';
import { after } from '../../data/clock.ts';
import { connection, session } from '../../data/store.ts';
import { type Done, type Hub, Outbox } from './outbox.ts';
import { PhoneStore } from './phone-store.ts';

const AGAIN_MS = 15_000;

export const phone = new PhoneStore();
/** Walks that are done and not yet at the hub. */
export const kept = signal<readonly Done[]>([]);
/** Grows with each attempt that brought something to the hub. */
export const sentCount = signal(0);

const hub: Hub = {
  async sendPicture(picture) {
    const headers = { 'content-type': picture.type };
    return (await ask<{ id: string }>('/pictures', { method: 'POST', body: picture, headers })).id;
  },
  async sendResult(round, result) {
    await post(`/rounds/${encodeURIComponent(round)}/results`, result);
  },
};

/** A login can be renewed, a hub can come back, too many requests become fewer: the rest will never be taken. */
const outbox = new Outbox(phone, hub, (error) => {
  if (!(error instanceof Refusal)) return undefined;
  const mayBeMended = error.status >= 500 || [401, 403, 408, 429].includes(error.status);
  return mayBeMended ? undefined : error.code;
});

export async function lookAtKept(): Promise<void> {
  kept.value = await phone.all();
}

export async function sendKept(): Promise<void> {
  const held = session.peek();
  await lookAtKept();
  const before = kept.peek().length;
  if (held.state === 'in' && before > 0) await outbox.send(held.me.name);
  await lookAtKept();
  if (kept.peek().length < before) sentCount.value++;
}

/** Sends whenever there is a link again, and now and then: for as long as the page is open. */
export function startSending(): void {
  effect(() => {
    if (connection.value.state === 'live' && session.value.state === 'in') sendKept().catch(() => {});
  });
  const again = () => {
    if (kept.peek().length > 0) sendKept().catch(() => {});
    after(AGAIN_MS, again);
  };
  after(AGAIN_MS, again);
}
