import { describe, expect, test } from 'vitest';
import { MemoryOutbox } from '../support/memory-outbox.ts';
import { enrol, type RunningEdge, until } from '../support/sync-pair.ts';
import { confirmed, useSync } from '../support/use-sync.ts';

/** Two live gateways take one name from each other for ever, until the hub lets one of them work. */

const sync = useSync();

const isRefused = (edge: RunningEdge) => edge.state().fault === 'identity-held';
const isDelivered = (outbox: MemoryOutbox) => outbox.confirmed.get(outbox.epoch) === outbox.next;

/** Of its newest epoch the hub has the first numbers, each once, and no more is confirmed than that. */
function expectBeginStored(outbox: MemoryOutbox): void {
  const stored = sync.home.archive.rows('plant-1', outbox.epoch).map(({ seq }) => seq);
  expect(stored).toEqual(Array.from(stored, (_, at) => at));
  expect(outbox.confirmed.get(outbox.epoch) ?? 0).toBeLessThanOrEqual(stored.length);
}

/** Both journal until one is refused. */
async function fight(edges: readonly RunningEdge[], outboxes: readonly MemoryOutbox[]): Promise<void> {
  await until('one is refused', () => {
    for (const outbox of outboxes) outbox.writeReadings(1);
    return edges.some(isRefused);
  });
  expect(sync.hub.isCloned('plant-1')).toBe(true);
  expect(sync.home.cloned).toContain('plant-1');
}

/** The first is in a session when the second comes with its name. */
async function oneAfterTheOther(first: MemoryOutbox, second: MemoryOutbox): Promise<RunningEdge[]> {
  const identity = await enrol(sync.hub, 'plant-1');
  const one = await sync.edgeFor(first, 'plant-1', { identity });
  await confirmed(first);
  const edges = [one, await sync.edgeFor(second, 'plant-1', { identity })];
  await fight(edges, [first, second]);
  return edges;
}

async function atOnce(outboxes: readonly MemoryOutbox[]): Promise<RunningEdge[]> {
  const identity = await enrol(sync.hub, 'plant-1');
  const edges = await Promise.all(outboxes.map((outbox) => sync.edgeFor(outbox, 'plant-1', { identity })));
  await fight(edges, outboxes);
  return edges;
}

describe('with a journal each', () => {
  test('the first keeps the name, and of neither is anything twice', async () => {
    const first = new MemoryOutbox().writeCatalogue();
    const second = new MemoryOutbox().writeCatalogue();
    const edges = await oneAfterTheOther(first, second);
    await confirmed(first);
    expect(edges.map(isRefused)).toEqual([false, true]);
    sync.expectExactlyOnce(first);
    expectBeginStored(second);
  });

  test('that come at once: one keeps the name, and of neither is anything twice', async () => {
    const outboxes = [new MemoryOutbox().writeCatalogue(), new MemoryOutbox().writeCatalogue()];
    const edges = await atOnce(outboxes);
    const holder = outboxes[edges.findIndex((edge) => !isRefused(edge))] as MemoryOutbox;
    await confirmed(holder);
    expect(edges.map(isRefused).sort()).toEqual([false, true]);
    sync.expectExactlyOnce(holder);
    for (const outbox of outboxes) expectBeginStored(outbox);
  });
});

/** Only the chain tells them apart: neither has started again since the card was copied. */
describe('copies that started alike', () => {
  function copies() {
    const outbox = new MemoryOutbox().writeCatalogue();
    for (let frame = 0; frame < 5; frame++) outbox.writeReadings();
    return { outbox, copy: outbox.clone(false), shared: outbox.epoch };
  }

  test('one that is shorter than what is stored is refused, and nothing of it is', async () => {
    const { outbox, copy, shared } = copies();
    for (let frame = 0; frame < 100; frame++) outbox.writeReadings();
    copy.writeReadings(5);
    const edges = await oneAfterTheOther(outbox, copy);
    await confirmed(outbox);
    expect(edges.map(isRefused)).toEqual([false, true]);
    expect([outbox.epoch, copy.confirmations, copy.partings]).toEqual([shared, [], []]);
    sync.expectExactlyOnce(outbox);
  });

  // The frames that follow the copying differ, and one begins wherever the hub may have got to, or none does.
  test.each([
    ['frames are cut alike', 5, 2000, 1],
    ['frames are cut elsewhere', 7, 200, 10],
  ])('one that is longer parts and is delivered; the first is refused; %s', async (_how, then, frames, readings) => {
    const { outbox, copy, shared } = copies();
    outbox.writeReadings(10);
    copy.writeReadings(then);
    for (let frame = 0; frame < frames; frame++) copy.writeReadings(readings);
    const edges = await oneAfterTheOther(outbox, copy);
    await confirmed(copy);
    expect(edges.map(isRefused)).toEqual([true, false]);
    expect(copy.partings).toMatchObject([{ epoch: shared, at: 0 }]);
    expect(sync.home.archive.rows('plant-1', copy.epoch)).toHaveLength(copy.next);
    expect([outbox.epoch, outbox.partings]).toEqual([shared, []]);
    for (const each of [outbox, copy]) expectBeginStored(each);
  });

  test('that come at once: one delivers in the end, and of neither is anything twice', async () => {
    const { outbox, copy } = copies();
    await atOnce([outbox, copy]);
    // For a while both may be refused. Then the name is free 90 s after its holder was heard, which are nine here.
    await until('one delivers', () => [outbox, copy].some(isDelivered), 30_000);
    for (const each of [outbox, copy]) expectBeginStored(each);
  }, 60_000);
});
