import { expect, test } from 'vitest';
import { MemoryOutbox } from '../support/memory-outbox.ts';
import { enrol, until } from '../support/sync-pair.ts';
import { confirmed, useSync } from '../support/use-sync.ts';

const sync = useSync();

test('declares what retention took before the hub knew the journal', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  for (let frame = 0; frame < 20; frame++) outbox.writeReadings();
  outbox.trim(101);
  await sync.edgeFor(outbox);
  await confirmed(outbox);
  sync.expectExactlyOnce(outbox);
  expect(sync.gapsOf(outbox)).toEqual([{ epoch: outbox.epoch, from: 0, to: 101, reason: 'before-this-hub' }]);
  // The catalogue was in what is gone: the hub asked for it.
  expect(sync.home.archive.catalogues).toEqual([1]);
});

test('declares what the journal lost in its middle, also when it finds out only now', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  for (let frame = 0; frame < 10; frame++) outbox.writeReadings();
  outbox.lose(55, true);
  await sync.edgeFor(outbox);
  await confirmed(outbox);
  // Nothing of this leaves before it is lost: it all happens in one turn.
  for (let frame = 0; frame < 10; frame++) outbox.writeReadings();
  outbox.lose(155, true);
  await confirmed(outbox);
  sync.expectExactlyOnce(outbox);
  expect(sync.gapsOf(outbox)).toHaveLength(2);
});

test('stores what comes although it was declared lost, and declares only what does not come', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  for (let frame = 0; frame < 10; frame++) outbox.writeReadings();
  outbox.lose(55, false);
  outbox.declared.push({ epoch: outbox.epoch, from: 51, to: 81, reason: 'journal-damaged' });
  await sync.edgeFor(outbox);
  await confirmed(outbox);
  sync.expectExactlyOnce(outbox);
  expect(sync.gapsOf(outbox)).toMatchObject([{ from: 51, to: 61 }]);
});

test('passes a frame that nobody can decode, with its bytes kept', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  outbox.writeReadings();
  outbox.writePoison();
  outbox.writeReadings();
  await sync.edgeFor(outbox);
  await confirmed(outbox);
  sync.expectExactlyOnce(outbox);
  expect(sync.home.archive.quarantined).toHaveLength(1);
  expect(sync.gapsOf(outbox)).toMatchObject([{ from: 11, to: 14, reason: 'quarantined' }]);
});

test('retention that trims what is being drained: it drains to its end, and what went is declared with its reason, each time', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  for (let frame = 0; frame < 6000; frame++) outbox.writeReadings();
  // The archive stores one transaction at a word, so that something is always on its way when retention strikes.
  const waiting: (() => void)[] = [];
  sync.home.archive.before = () => new Promise((resolve) => waiting.push(resolve));
  const storeOnce = () => waiting.splice(0).forEach((each) => void each());
  const stored = () => sync.home.archive.next('plant-1', outbox.epoch);
  const edge = await sync.edgeFor(outbox, 'plant-1', { window: 16 * 1024 });
  const rounds = 8;
  for (let round = 0; round < rounds; round++) {
    const floor = outbox.epochs()[0]?.floor ?? 0;
    await until('some of what was left got through', () => {
      storeOnce();
      return stored() > floor;
    });
    await until('more is on its way', () => waiting.length > 0 && edge.state().unackedBytes > 0);
    // Beyond what can have left: a window of 16 KB and an envelope of 4 KB hold 2600 of these records, in frames of 78 bytes.
    outbox.trim(stored() + 4000, true);
    outbox.writeReadings();
  }
  expect(outbox.epochs()[0]?.floor).toBeLessThan(outbox.next - 1000);
  sync.home.archive.before = () => {};
  storeOnce();
  await confirmed(outbox);
  sync.expectExactlyOnce(outbox);
  const gaps = sync.gapsOf(outbox);
  expect(gaps.map(({ reason }) => reason)).toEqual(Array(rounds).fill('retention'));
  // The hub has it: the ledger is empty.
  expect(outbox.declared).toEqual([]);
});

test('a tail that is lost to its end does not keep the next epoch waiting', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  for (let frame = 0; frame < 4; frame++) outbox.writeReadings();
  outbox.lose(35, true);
  const old = outbox.epoch;
  outbox.beginEpoch();
  outbox.writeCatalogue().writeReadings();
  await sync.edgeFor(outbox);
  await confirmed(outbox);
  await until('the old one', () => sync.home.archive.next('plant-1', old) === 41);
  expect(sync.gapsOf(outbox, 'plant-1', old)).toMatchObject([{ from: 31, to: 41, reason: 'journal-damaged' }]);
  await until('nothing of it is owed', () => outbox.epochs().length === 1 && outbox.declared.length === 0);
});

test('so does one that is found lost only while it is sent', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  for (let frame = 0; frame < 4; frame++) outbox.writeReadings();
  outbox.lose(35, 'when-read');
  const old = outbox.epoch;
  outbox.beginEpoch();
  outbox.writeCatalogue().writeReadings();
  await sync.edgeFor(outbox);
  await confirmed(outbox);
  await until('the old one', () => sync.home.archive.next('plant-1', old) === 41);
  await confirmed(outbox);
});

test('a hub restored from a backup gets back what is kept; the rest is a gap that says why', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  const identity = await enrol(sync.hub, 'plant-1');
  for (let frame = 0; frame < 10; frame++) outbox.writeReadings();
  await sync.edgeFor(outbox, 'plant-1', { identity });
  await confirmed(outbox);
  const restore = sync.home.archive.backup();
  for (let frame = 0; frame < 10; frame++) outbox.writeReadings();
  await confirmed(outbox);
  expect(outbox.knownHub).toEqual({ id: 'hub', generation: 'first' });
  await sync.restartHub(() => {
    restore();
    outbox.trim(151);
  });
  await until('drained again', () => sync.home.archive.next('plant-1', outbox.epoch) === outbox.next);
  await confirmed(outbox);
  expect(outbox.confirmations).toContain(101);
  sync.expectExactlyOnce(outbox);
  expect(sync.gapsOf(outbox)).toEqual([{ epoch: outbox.epoch, from: 101, to: 151, reason: 'hub-restored' }]);
  expect(outbox.knownHub).toEqual({ id: 'hub', generation: 'first+' });
});
