import { expect, test } from 'vitest';
import type { Told } from '../../cloud-sync/cloud-hub/archive.ts';
import { good } from '../../core/reading.ts';
import { readGaps } from '../../monitor/archive/gaps.ts';
import { catalogue, column, EPOCH, entry, gap, Journal, T0 } from './support/batches.ts';
import { useArchive } from './support/use-archive.ts';

const OTHER = 'c'.repeat(32);
const GATEWAY = 'plant-1';
const hub = useArchive();

function told(ends: Readonly<Record<string, number>>, more: Partial<Told> = {}): Told {
  const epochs = Object.entries(ends).map(([epoch, next]) => ({
    epoch,
    next,
    boots: [[1, 0, '0'.repeat(16)]] as const,
  }));
  return { gateway: GATEWAY, epochs, open: new Set(Object.keys(ends)), gaps: [], arrivedAt: T0, ...more };
}

async function stored(records: number): Promise<Journal> {
  const journal = new Journal();
  const readings = Array.from({ length: records - 1 }, (_, i) => [T0 + i, good(i)] as const);
  const frames = [journal.publish(catalogue([entry(0, 'boiler', 'temp')])), journal.readings([column(0, readings)])];
  await hub.archive.append([journal.batch(frames, {})]);
  return journal;
}

const gaps = async () =>
  (await readGaps(hub.database, GATEWAY)).map(({ epoch, from, to, reason }) => [epoch, from, to, reason]);
const cursors = async () => new Map((await hub.archive.cursors(GATEWAY)).map((cursor) => [cursor.epoch, cursor]));

test('what a journal that is no longer named still owed is lost by name and number, also after a restart', async () => {
  await hub.archive.tell(told({ [EPOCH]: 100 }));
  await stored(40);
  await hub.archive.tell(told({ [OTHER]: 5 }));
  expect(await gaps()).toEqual([[EPOCH, 40, 100, 'epoch-lost']]);
  await hub.forget();
  expect((await cursors()).get(EPOCH)).toMatchObject({ next: 40, told: 100, closed: true });
  // Said again, nothing is added.
  await hub.archive.tell(told({ [OTHER]: 9 }));
  expect(await gaps()).toHaveLength(1);
});

test('a journal that was told and never delivered anything is lost as well', async () => {
  await hub.archive.tell(told({ [EPOCH]: 7 }));
  await hub.archive.tell(told({ [OTHER]: 5 }));
  expect(await gaps()).toEqual([[EPOCH, 0, 7, 'epoch-lost']]);
});

test('a journal that returns owes again; what it brings then is stored, and only the rest is lost', async () => {
  await hub.archive.tell(told({ [EPOCH]: 100 }));
  const journal = await stored(40);
  await hub.archive.tell(told({ [OTHER]: 5 }));
  await hub.archive.tell(told({ [EPOCH]: 100, [OTHER]: 5 }));
  expect(await gaps()).toEqual([]);
  await hub.archive.append([journal.batch([journal.readings([column(0, [[T0, good(1)]])])])]);
  await hub.archive.tell(told({ [OTHER]: 5 }));
  expect(await gaps()).toEqual([[EPOCH, 41, 100, 'epoch-lost']]);
});

test('a hello that may have left journals out closes none', async () => {
  await hub.archive.tell(told({ [EPOCH]: 100 }));
  await hub.archive.tell(told({ [OTHER]: 5 }, { open: undefined }));
  expect(await gaps()).toEqual([]);
});

test('a notice completes what was recorded before it, and adds nothing', async () => {
  const journal = new Journal();
  journal.next = 30;
  const recorded = gap(0, 20);
  const quarantined = gap(20, 30, { reason: 'quarantined' });
  await hub.archive.append([journal.batch([], { gaps: [recorded, quarantined] })]);
  const notice = { epoch: EPOCH, from: 0, to: 20, reason: 'retention' as const, points: { 0: 20 } };
  const others = [
    { epoch: EPOCH, from: 20, to: 30, reason: 'retention' as const },
    { epoch: EPOCH, from: 30, to: 50, reason: 'retention' as const },
  ];
  await hub.archive.tell(told({ [EPOCH]: 60 }, { gaps: [notice, ...others] }));
  expect(await readGaps(hub.database, GATEWAY)).toMatchObject([
    { from: 0, to: 20, reason: 'retention', points: { 0: 20 } },
    { from: 20, to: 30, reason: 'quarantined' },
  ]);
});

test('a wider notice gives its reason, and no counts that are not of these records', async () => {
  const journal = new Journal();
  journal.next = 20;
  await hub.archive.append([journal.batch([], { gaps: [gap(0, 20)] })]);
  const notice = { epoch: EPOCH, from: 0, to: 90, reason: 'retention' as const, points: { 0: 90 } };
  await hub.archive.tell(told({ [EPOCH]: 100 }, { gaps: [notice] }));
  const [row] = await readGaps(hub.database, GATEWAY);
  expect(row).toMatchObject({ from: 0, to: 20, reason: 'retention' });
  expect(row?.points).toBeUndefined();
});

test('hellos of many gateways at once share transactions', async () => {
  const all = Array.from({ length: 200 }, (_, at) => ({ ...told({ [EPOCH]: at }), gateway: `plant-${at}` }));
  let writes = 0;
  const write = hub.database.write.bind(hub.database);
  hub.database.write = (work) => {
    writes++;
    return write(work);
  };
  await Promise.all(all.map((each) => hub.archive.tell(each)));
  expect(writes).toBeLessThan(5);
  await hub.forget();
  expect((await hub.archive.cursors('plant-150'))[0]).toMatchObject({ told: 150, next: 0 });
});
