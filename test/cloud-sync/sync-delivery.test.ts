import { expect, test } from 'vitest';
import { MemoryOutbox } from '../support/memory-outbox.ts';
import { until } from '../support/sync-pair.ts';
import { confirmed, useSync } from '../support/use-sync.ts';

const sync = useSync();

test('brings what was journalled before, and what comes', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  for (let frame = 0; frame < 200; frame++) outbox.writeReadings();
  const edge = await sync.edgeFor(outbox);
  await confirmed(outbox);
  expect(edge.state()).toMatchObject({ link: 'welcomed', unackedBytes: 0 });
  for (let frame = 0; frame < 20; frame++) outbox.writeReadings();
  await confirmed(outbox);
  sync.expectExactlyOnce(outbox);
  expect(sync.hub.gateways()).toMatchObject([{ gateway: 'plant-1', state: 'online', backlog: 0 }]);
  await edge.stop();
  await until('offline', () => sync.hub.gateways()[0]?.state === 'offline');
  await until('the will', () => sync.home.statuses.at(-1)?.status.state === 'offline');
});

test('stores each record once while the link is cut again and again', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  await sync.edgeFor(outbox, 'plant-1', { window: 16 * 1024 });
  for (let round = 0; round < 6; round++) {
    await until('a session', () => sync.home.sessions.filter(({ state }) => state === 'online').length > round);
    for (let frame = 0; frame < 300; frame++) outbox.writeReadings();
    await new Promise((resolve) => setTimeout(resolve, round));
    sync.proxy.kill();
  }
  await confirmed(outbox);
  sync.expectExactlyOnce(outbox);
});

test('goes on where it was after the hub was restarted', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  await sync.edgeFor(outbox);
  for (let round = 0; round < 3; round++) {
    for (let frame = 0; frame < 200; frame++) outbox.writeReadings();
    await until('some stored', () => sync.home.archive.next('plant-1', outbox.epoch) > round * 2000);
    await sync.restartHub();
  }
  await confirmed(outbox);
  sync.expectExactlyOnce(outbox);
});

test('stores once what was stored although the archive reported an error', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  let failures = 0;
  sync.home.archive.after = () => {
    if (failures++ < 1) throw new Error('unknown');
  };
  for (let frame = 0; frame < 50; frame++) outbox.writeReadings();
  await sync.edgeFor(outbox);
  await confirmed(outbox);
  sync.expectExactlyOnce(outbox);
});

test('does not acknowledge what is not stored, and other gateways go on', async () => {
  const bad = new MemoryOutbox().writeCatalogue();
  const fine = new MemoryOutbox().writeCatalogue();
  sync.home.archive.before = (batches) => {
    if (batches.some(({ gateway }) => gateway === 'bad')) throw new Error('disk');
  };
  await sync.edgeFor(bad, 'bad');
  await sync.edgeFor(fine, 'fine');
  for (let frame = 0; frame < 50; frame++) {
    bad.writeReadings();
    fine.writeReadings();
  }
  await confirmed(fine);
  sync.expectExactlyOnce(fine, 'fine');
  expect(bad.confirmations.filter((next) => next > 0)).toEqual([]);
  sync.home.archive.before = () => {};
  await confirmed(bad);
  sync.expectExactlyOnce(bad, 'bad');
});

test('leaves a connection that went silent', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  const edge = await sync.edgeFor(outbox);
  await confirmed(outbox);
  sync.proxy.freeze();
  outbox.writeReadings();
  await until('noticed', () => edge.state().fault === 'hub-unreachable');
  sync.proxy.thaw();
  await confirmed(outbox);
  sync.expectExactlyOnce(outbox);
});

test('opens its window on a long link', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  const write = () => {
    for (let frame = 0; frame < 4000; frame++) outbox.writeReadings();
  };
  write();
  sync.proxy.delay(40);
  const edge = await sync.edgeFor(outbox);
  let most = 0;
  let more = 4;
  await until('confirmed', () => {
    most = Math.max(most, edge.state().unackedBytes);
    const isConfirmed = outbox.confirmed.get(outbox.epoch) === outbox.next;
    // A busy machine acknowledges more slowly: its window takes more to open.
    if (!isConfirmed || most > 64 * 1024 || more-- === 0) return isConfirmed;
    write();
    return false;
  });
  expect(most).toBeGreaterThan(64 * 1024);
  sync.expectExactlyOnce(outbox);
});

test('groups the frames of many gateways into few transactions', async () => {
  const outboxes = Array.from({ length: 20 }, () => new MemoryOutbox().writeCatalogue());
  await Promise.all(outboxes.map((outbox, at) => sync.edgeFor(outbox, `plant-${at}`)));
  await Promise.all(outboxes.map(confirmed));
  sync.home.archive.before = () => new Promise((resolve) => setTimeout(resolve, 20));
  const before = sync.home.archive.transactions;
  for (const outbox of outboxes) for (let frame = 0; frame < 30; frame++) outbox.writeReadings();
  await Promise.all(outboxes.map(confirmed));
  for (const [at, outbox] of outboxes.entries()) sync.expectExactlyOnce(outbox, `plant-${at}`);
  expect(sync.home.archive.transactions - before).toBeLessThan(60);
});

test('a card in a spare delivers its tail, then what the spare wrote', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  for (let frame = 0; frame < 10; frame++) outbox.writeReadings();
  const old = outbox.epoch;
  outbox.beginEpoch();
  outbox.writeCatalogue().writeReadings();
  await sync.edgeFor(outbox);
  await confirmed(outbox);
  expect(outbox.confirmed.get(old)).toBe(101);
  expect(sync.home.archive.rows('plant-1', old)).toHaveLength(101);
  expect(sync.home.archive.rows('plant-1', outbox.epoch)).toHaveLength(11);
});
