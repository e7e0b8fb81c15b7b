import { expect, test } from 'vitest';
import { MemoryOutbox } from '../support/memory-outbox.ts';
import { enrol, until } from '../support/sync-pair.ts';
import { confirmed, useSync } from '../support/use-sync.ts';

const sync = useSync();

test('the copy is refused while the first is alive, and nothing of it is stored', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  for (let frame = 0; frame < 10; frame++) outbox.writeReadings();
  const identity = await enrol(sync.hub, 'plant-1');
  const first = await sync.edgeFor(outbox, 'plant-1', { identity });
  await confirmed(outbox);
  const copy = outbox.clone();
  outbox.writeReadings();
  await confirmed(outbox);
  copy.writeReadings(5);
  const second = await sync.edgeFor(copy, 'plant-1', { identity, boot: 2 });
  await until('refused', () => second.state().fault === 'identity-held');
  await until('the first is back', () => first.state().link === 'welcomed');
  outbox.writeReadings();
  await confirmed(outbox);
  sync.expectExactlyOnce(outbox);
  expect(copy.confirmations).toEqual([]);
});

/** 101 records stored, an image of the card, 20 more: then the image runs on the same name. */
async function restored(options: { hardware?: [string, string] } = {}) {
  const [one, two] = options.hardware ?? [undefined, undefined];
  const outbox = new MemoryOutbox().writeCatalogue();
  for (let frame = 0; frame < 10; frame++) outbox.writeReadings();
  const image = outbox.clone();
  const identity = await enrol(sync.hub, 'plant-1');
  const first = await sync.edgeFor(outbox, 'plant-1', { identity, ...(one ? { hardware: one } : {}) });
  outbox.writeReadings();
  outbox.writeReadings();
  await confirmed(outbox);
  await first.stop();
  image.writeReadings(5);
  image.writeReadings(7);
  const lives = { identity, boot: 2, ...(two ? { hardware: two } : {}) };
  return { outbox, image, start: () => sync.edgeFor(image, 'plant-1', lives) };
}

test('a restored image goes on in a new epoch, which is delivered', async () => {
  const { outbox, image, start } = await restored({ hardware: ['board-1', 'board-1'] });
  await sync.restartHub();
  const old = image.epoch;
  await start();
  await until('parted', () => image.epoch !== old);
  image.writeReadings(3);
  await confirmed(image);
  expect(image.partings).toEqual([{ epoch: old, at: 101, moved: 12 }]);
  expect(image.next).toBe(15);
  expect(sync.home.archive.rows('plant-1', image.epoch)).toHaveLength(15);
  // What both lives have in common counts as delivered; nothing was confirmed beyond.
  expect(image.confirmed.get(old)).toBe(101);
  sync.expectExactlyOnce(outbox);
  expect(sync.hub.isCloned('plant-1')).toBe(false);
  // The old epoch is no longer named: nothing of it was owed.
  image.writeReadings(1);
  await confirmed(image);
  expect(image.epochs()).toHaveLength(1);
});

test('a restored image whose first life has left is delivered at once', async () => {
  const { image, start } = await restored();
  const old = image.epoch;
  await start();
  await until('parted', () => image.epoch !== old);
  await confirmed(image);
  expect(sync.hub.isCloned('plant-1')).toBe(false);
});

test('an image on other hardware is refused, whoever else is there', async () => {
  const { image, start } = await restored({ hardware: ['board-1', 'board-2'] });
  await sync.restartHub();
  const second = await start();
  await until('refused', () => second.state().fault === 'identity-held');
  expect(image.partings).toEqual([]);
  expect(image.confirmations).toEqual([]);
});

test('a copy on other hardware that began its own epoch is no conflict: only that epoch is delivered', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  outbox.writeReadings();
  const copy = outbox.clone(false);
  const identity = await enrol(sync.hub, 'plant-1');
  const first = await sync.edgeFor(outbox, 'plant-1', { identity, hardware: 'board-1' });
  outbox.writeReadings();
  await confirmed(outbox);
  await first.stop();
  copy.beginEpoch();
  copy.writeCatalogue().writeReadings();
  await sync.edgeFor(copy, 'plant-1', { identity, hardware: 'board-2', boot: 2 });
  await confirmed(copy);
  expect(copy.confirmations.filter((next) => next > 11)).toEqual([]);
  expect(sync.home.archive.rows('plant-1', copy.epoch)).toHaveLength(11);
  expect(sync.home.archive.next('plant-1', outbox.epoch)).toBe(outbox.next);
  sync.expectExactlyOnce(outbox);
});
