import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { Database } from '../../monitor/archive/database.ts';
import { DuckArchive } from '../../monitor/archive/duck-archive.ts';
import { MemoryOutbox } from '../support/memory-outbox.ts';
import { enrol, HubHome, startEdge, until } from '../support/sync-pair.ts';

test('over the wire, into the real archive: a point number that no catalogue has holds nothing up', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'archive-'));
  const database = await Database.open(join(folder, 'archive.duckdb'), systemClock);
  const home = await HubHome.create();
  const running = await home.start({ archive: await DuckArchive.create(database) });
  const outbox = new MemoryOutbox(3).writeCatalogue();
  for (const points of [3, 5, 3]) outbox.writeReadings(points);
  const identity = await enrol(running.hub, 'plant-1');
  const edge = startEdge({ gateway: 'plant-1', port: running.hub.port, identity, outbox });
  try {
    await until('everything confirmed', () => outbox.confirmed.get(outbox.epoch) === outbox.next);
    const count = async (what: string) => Number((await database.read(`SELECT count(*) AS n FROM ${what}`))[0]?.n);
    expect(await count('readings')).toBe(6);
    expect(await count('quarantine')).toBe(1);
    expect(await count("gaps WHERE reason = 'quarantined'")).toBe(1);
  } finally {
    await edge.stop();
    await running.stop();
    await database.close();
    await Promise.all([home.remove(), rm(folder, { recursive: true })]);
  }
});
