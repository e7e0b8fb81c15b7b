import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Gap } from '../../cloud-sync/protocol/messages.ts';
import { systemClock } from '../../core/clock.ts';
import { Database } from '../../monitor/archive/database.ts';
import { DuckArchive } from '../../monitor/archive/duck-archive.ts';
import { readGaps } from '../../monitor/archive/gaps.ts';
import { reconcile } from '../../monitor/reconcile.ts';
import { CutProxy } from '../support/cut-proxy.ts';
import { damaging, forgetCleanEnd, journalFolder, RunningJournal, removeFolder } from '../support/journal-home.ts';
import { catalogueOf } from '../support/memory-outbox.ts';
import { enrol, HubHome, type RunningEdge, type RunningHub, startEdge, until } from '../support/sync-pair.ts';

/** The real journal, edge, broker, hub and archive, over TLS on loopback, in one process. */

let folder: string;
let home: HubHome;
let database: Database;
let hub: RunningHub;
let proxy: CutProxy;
let identity: Awaited<ReturnType<typeof enrol>>;
let running: RunningJournal;
let edge: RunningEdge;

beforeEach(async () => {
  folder = await journalFolder();
  home = await HubHome.create();
  database = await Database.open(join(home.dataDir, 'archive.duckdb'), systemClock);
  hub = await home.start({ archive: await DuckArchive.create(database) });
  proxy = await CutProxy.start({ host: '127.0.0.1', port: hub.hub.port });
  identity = await enrol(hub.hub, 'plant-1');
});

afterEach(async () => {
  await edge?.stop();
  await running?.close();
  await proxy.stop();
  await hub.stop();
  await database.close();
  await home.remove();
  await removeFolder(folder);
});

function connect(options: Partial<Parameters<typeof startEdge>[0]> = {}): void {
  const { journal } = running;
  edge = startEdge({ gateway: 'plant-1', port: proxy.port, identity, outbox: journal, boot: journal.boot, ...options });
}

async function restartHub(): Promise<void> {
  await hub.stop();
  // The archive too forgets what it knew by heart.
  hub = await home.start({ archive: await DuckArchive.create(database) });
  proxy.retarget(hub.hub.port);
}

const isConfirmed = () => running.journal.confirmedBelow(running.journal.epoch) === running.journal.next;
const confirmed = (ms = 10_000) => until('everything confirmed', isConfirmed, ms);

/** Archive and declared gaps together are the journal's numbers, each once, each value at its place. */
async function expectExactlyOnce(): Promise<readonly Gap[]> {
  const { journal } = running;
  const rows = await database.read('SELECT seq, value FROM readings UNION ALL SELECT seq, NULL FROM events ORDER BY 1');
  const gaps = (await readGaps(database)).filter(({ epoch }) => epoch === journal.epoch);
  const lost = gaps.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, at) => from + at));
  const numbers = [...rows.map(({ seq }) => Number(seq)), ...lost].sort((one, other) => one - other);
  expect(numbers).toEqual(Array.from({ length: journal.next }, (_, seq) => seq));
  expect(rows.filter(({ seq, value }) => value !== null && value !== seq)).toEqual([]);
  return gaps;
}

test('random cuts, hub restarts and reopened journals: the archive is the journal, number by number', async () => {
  running = await RunningJournal.open(folder);
  await running.publish();
  connect({ window: 4096 });
  let seed = 7;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  for (let round = 0; round < 30; round++) {
    for (let frame = random(6); frame >= 0; frame--) await running.scan(1 + random(40));
    const chance = random(10);
    if (chance < 5) proxy.kill();
    else if (chance < 7) await restartHub();
    else if (chance < 9) {
      await edge.stop();
      await running.close();
      running = await RunningJournal.open(folder);
      connect({ window: 4096 });
    } else await confirmed();
  }
  await confirmed();
  expect(await expectExactlyOnce()).toEqual([]);
  expect(running.journal.next).toBeGreaterThan(10_000);
}, 120_000);

describe('frames damaged on the disk', () => {
  async function journalled(frames: number): Promise<number[]> {
    running = await RunningJournal.open(folder);
    await running.publish();
    const firsts: number[] = [];
    for (let frame = 0; frame < frames; frame++) {
      firsts.push(running.journal.next);
      await running.scan();
    }
    return firsts;
  }

  async function reopenDamaged(...damage: Parameters<typeof damaging>): Promise<void> {
    await running.close();
    running = await RunningJournal.open(folder, { openStore: damaging(...damage) });
  }

  test.each([
    ['bytes', 'frame', 0],
    ['chain in the key', 'key', 15],
    ['count in the key', 'key', 9],
    ['number in the key', 'key', 3],
    ['number in the key beyond reason', 'key', 0],
  ] as const)('%s: passed as a declared gap, also before the hub has anything', async (_name, what, byte) => {
    const firsts = await journalled(6);
    const second = firsts[2] as number;
    await reopenDamaged(new Set([second]), what, byte);
    connect();
    await confirmed();
    expect(await expectExactlyOnce()).toMatchObject([{ from: second, to: second + 10, reason: 'journal-damaged' }]);
  });

  test('just where the hub stands: a new session goes on behind it', async () => {
    const firsts = await journalled(3);
    connect();
    await confirmed();
    await edge.stop();
    const next = running.journal.next;
    await running.scan();
    await running.scan();
    expect(firsts).toHaveLength(3);
    await reopenDamaged(new Set([next]), 'frame');
    connect();
    await confirmed();
    expect(await expectExactlyOnce()).toMatchObject([{ from: next, to: next + 10 }]);
  });

  test('at the end after an orderly stop: numbering goes on where it was, and the hub takes it', async () => {
    const firsts = await journalled(3);
    connect();
    await confirmed();
    await edge.stop();
    const last = firsts[2] as number;
    // The hub has what the disk lost.
    await reopenDamaged(new Set([last]), 'key', 9);
    expect(running.journal.next).toBe(last + 10);
    connect();
    await running.scan();
    await confirmed();
    expect(await expectExactlyOnce()).toEqual([]);
  });

  test('at the end after a cut: declared with the next frame, and no number is used again', async () => {
    const firsts = await journalled(3);
    connect();
    await confirmed();
    await edge.stop();
    const last = firsts[2] as number;
    // The hub has what the disk lost.
    await running.close();
    await forgetCleanEnd(folder);
    running = await RunningJournal.open(folder, { openStore: damaging(new Set([last]), 'key', 9) });
    expect(running.journal.next).toBeGreaterThan(last + 10);
    connect();
    await running.scan();
    await confirmed();
    const [gap] = await expectExactlyOnce();
    expect(gap).toMatchObject({ from: last + 10, reason: 'journal-damaged' });
  });

  test('several, one after another', async () => {
    const firsts = await journalled(12);
    const damaged = [1, 4, 5, 9].map((at) => firsts[at] as number);
    await reopenDamaged(new Set(damaged), 'frame');
    connect({ window: 256 });
    await confirmed();
    const gaps = await expectExactlyOnce();
    expect(gaps.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(40);
  });
});

test('a catalogue that no frame can hold reaches the hub in parts', async () => {
  running = await RunningJournal.open(folder);
  let seed = 1;
  // Names as random as names are not: nothing shrinks.
  const name = () => {
    let text = '';
    while (text.length < 60) {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      text += seed.toString(36);
    }
    return text.slice(0, 60);
  };
  const catalogue = catalogueOf(40_000);
  const points = catalogue.points.map((point) => ({ ...point, title: { en: name() } }));
  await running.journal.publish({ ...catalogue, points });
  await running.scan();
  connect();
  await confirmed();
  const [row] = await database.read("SELECT version, json_array_length(body, '$.points') AS points FROM catalogues");
  expect(row).toEqual({ version: 1, points: 40_000 });
  expect(await expectExactlyOnce()).toEqual([]);
}, 60_000);

test('counts per point of many losses do not make a hello that no broker takes', async () => {
  running = await RunningJournal.open(folder);
  await running.publish();
  await running.scan();
  const points = Object.fromEntries(Array.from({ length: 5000 }, (_, point) => [point, 123_456]));
  const gaps = Array.from({ length: 100 }, (_, at) => {
    const from = 1_000_000 + at * 20;
    return { epoch: running.journal.epoch, from, to: from + 10, reason: 'retention' as const, points };
  });
  running.journal.gaps = () => gaps;
  connect();
  await confirmed();
});

test('an old image of the card, put back: what it brings is stored once in a journal of its own, and the figures agree', async () => {
  running = await RunningJournal.open(folder);
  await running.publish();
  for (let at = 0; at < 5; at++) await running.scan();
  connect();
  await confirmed();
  const old = running.journal.epoch;
  await edge.stop();
  await running.close();
  const image = join(home.dataDir, 'image');
  await cp(folder, image, { recursive: true });
  running = await RunningJournal.open(folder);
  for (let at = 0; at < 3; at++) await running.scan();
  connect();
  await confirmed();
  const stored = running.journal.next;
  await edge.stop();
  await running.close();
  // The hub has long not heard the first: nobody holds the name.
  await restartHub();

  running = await RunningJournal.open(image);
  for (let at = 0; at < 2; at++) await running.scan();
  connect();
  await until('parted', () => running.journal.epoch !== old);
  await running.scan();
  await confirmed();
  await until('the old one is settled', () => running.journal.epochs().every((each) => each.confirmed === each.next));
  const rows = `SELECT e.epoch, count(DISTINCT r.seq) AS numbers, count(*) AS rows FROM epochs e
    JOIN (SELECT epoch, seq FROM readings UNION ALL SELECT epoch, seq FROM events) r ON r.epoch = e.id GROUP BY 1`;
  const counts = new Map((await database.read(rows)).map((row) => [row.epoch, [row.numbers, row.rows]]));
  expect(counts.get(old)).toEqual([stored, stored]);
  const { next } = running.journal;
  expect(counts.get(running.journal.epoch)).toEqual([next, next]);
  expect(await readGaps(database)).toEqual([]);
  const fleet = { gateways: () => ['plant-1'], journals: () => running.journal.epochs() };
  expect(await reconcile({ database, fleet })).toEqual([]);
});
