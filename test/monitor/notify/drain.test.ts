import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JournalEvent } from '../../../cloud-sync/protocol/events.ts';
import { catalogue, EPOCH, Journal } from '../support/batches.ts';
import { HttpReceiver } from './http-receiver.ts';
import { startNotifying, until } from './support.ts';

const GATEWAY = 'plant-1';
const HOUR = 3_600_000;
const WEEK = 168 * HOUR;
const rule = (id: string) => ({
  ...{ device: 'boiler', id, point: 'temp', priority: 'high' as const, condition: {} },
  ...{ text: { en: 'Boiler hot' }, action: { en: 'Look' } },
});

let receiver: HttpReceiver;
let world: Awaited<ReturnType<typeof startNotifying>>;
beforeEach(async () => {
  receiver = await HttpReceiver.start();
  world = await startNotifying(`{ receivers: { soc: { kind: webhook, url: "${receiver.url}" } } }`);
});
afterEach(async () => {
  await world?.stop();
  await receiver?.stop();
});

const occurrences = (body: { alerts: { annotations: { occurrence: string } }[] }) =>
  body.alerts.map(({ annotations }) => annotations.occurrence);

test('while a week drains what is raised now and what still stands is told at once, and the week as one digest', {
  timeout: 90_000,
}, async () => {
  const { observer, archive } = world.hub;
  const journal = new Journal();
  const start = Date.now() - WEEK;
  await archive.append([
    journal.batch([journal.publish({ ...catalogue([]), rules: ['hot', 'old', 'now'].map(rule) })]),
  ]);
  observer.onSession(GATEWAY, 'online');
  observer.onStatus(GATEWAY, { state: 'online', backlog: 10_000, oldestUnsent: start });

  const seqOfLive = 5000;
  const live = (id: string, seq: number, at: number) => {
    const alarm = { occurrence: { epoch: EPOCH, seq }, device: 'boiler', rule: id, point: 'temp', at, active: true };
    observer.onLive(GATEWAY, { catalogue: 1, values: [], alarms: [alarm] });
  };
  const tell = async (id: string, seq: number, at: number) => {
    live(id, seq, at);
    await until(() => receiver.received.some(({ text }) => text.includes(`"alertname":"${id}"`)));
  };
  // It has stood for two hours, and its gateway says so as it comes back.
  await tell('old', seqOfLive, Date.now() - 2 * HOUR);

  for (let day = 0; day < 7; day++) {
    const events: JournalEvent[] = Array.from({ length: 20 }, (_, i) => ({
      ...{ event: 'alarm', device: 'boiler', rule: 'hot', point: 'temp' },
      ...{ at: start + day * 24 * HOUR + i * HOUR, active: i % 2 === 0 },
    }));
    const frames = [journal.events(...events)];
    await archive.append([journal.batch(frames)]);
    observer.onFrames(GATEWAY, frames);
    // Longer than it takes for history to be told where nothing more is on the way.
    await new Promise((resolve) => setTimeout(resolve, day === 4 ? 11_000 : 300));
    if (day === 3) await tell('now', seqOfLive + 1, Date.now() - 100);
  }
  expect(receiver.received).toHaveLength(2);
  observer.onStatus(GATEWAY, { state: 'online', backlog: 0 });
  await until(() => receiver.received.length === 3, 30_000);
  const [old, now, week] = receiver.bodies;
  await until(() => world.notify.senders.get('soc')?.waiting === 0);
  const { told } = (await world.hub.get('/api/v1/notify/log?limit=1000')).json();
  const reasons = new Map(told.map(({ delivery, reason }: { delivery: string; reason: string }) => [delivery, reason]));
  expect([...reasons.values()].sort()).toEqual(['alarm', 'alarm', 'late']);
  expect([old, now].map((body) => occurrences(body).length)).toEqual([1, 1]);
  expect(new Set(occurrences(week)).size).toBe(70);
  expect(week.alerts.every(({ status }: { status: string }) => status === 'resolved')).toBe(true);
});
