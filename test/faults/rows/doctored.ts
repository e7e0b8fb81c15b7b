import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { chainAfter, encodeFrame } from '../../../cloud-sync/protocol/frame.ts';
import { decodeKey, encodeKey, markAfter } from '../../../gateway/journal/frame-key.ts';
import { openLevel } from '../../../gateway/journal/store.ts';
import { archiveFile } from '../../../monitor/parts.ts';
import { oraclePlant } from '../../e2e/oracle-plant.ts';
import { pause, Site } from '../../e2e/site.ts';
import type { Figures, Row, RowContext } from '../row.ts';
import { settle } from '../settle.ts';

const plant = oraclePlant(100, '50ms');

interface Doctored {
  /** Brought about while everything runs; resolves to the hub's cursor that must be passed, once the hub is back. */
  readonly doctor: (site: Site, context: RowContext) => Promise<number>;
  readonly again: string;
}

/** Again and again: something is tampered with, and the hub must get on. */
async function tamper(context: RowContext, { doctor, again }: Doctored): Promise<Figures> {
  const site = await Site.start({ plant: plant.yaml, values: 'oracle' });
  const recoveryMs: number[] = [];
  try {
    await site.until(async () => (await site.latest()).size === plant.pointOf.size, 'values at the hub');
    for (let done = 0; done < context.size.faults; done++) {
      await pause(500 + 1000 * context.random());
      const before = await doctor(site, context);
      const startedAt = performance.now();
      await site.until(async () => Number((await site.shown()).cursor) > before, again, 75_000);
      recoveryMs.push(performance.now() - startedAt);
      context.progress(done + 1);
    }
    const verdict = await settle(site, plant);
    return { faults: recoveryMs.length, verdict, reused: site.reports.reused, recoveryMs, notes: {} };
  } finally {
    await site.stop();
  }
}

/** The hub forgets what the points are; it must ask, and the gateway must answer. */
async function forgetCatalogue(site: Site): Promise<number> {
  await site.hub.kill('SIGTERM');
  await forget(archiveFile(site.hubDir));
  site.startHub();
  await site.hubReady();
  return Number((await site.shown()).cursor);
}

async function forget(archive: string): Promise<void> {
  const instance = await DuckDBInstance.create(archive);
  const connection = await instance.connect();
  for (const sql of ['DELETE FROM catalogues', 'DELETE FROM numbers', 'UPDATE epochs SET catalogue = 0']) {
    await connection.run(sql);
  }
  connection.closeSync();
  instance.closeSync();
}

const POISON_RECORDS = 3;

/** A frame whose checksum is right and whose content is none gets into the journal, as by a mistake in an encoder. */
async function poison(context: RowContext): Promise<Figures> {
  const doctor = async (site: Site) => {
    await site.gateway.kill('SIGTERM');
    const { epoch, next } = await addPoison(join(site.gatewayDir, 'journal'), context.random);
    site.journalled.set(epoch, next);
    site.startGateway();
    return next;
  };
  const figures = await tamper(context, { doctor, again: 'the hub has passed it' });
  const { declared } = figures.verdict;
  const expected = POISON_RECORDS * figures.faults;
  return { ...figures, breaches: declared === expected ? [] : [`declared ${declared} instead of ${expected}`] };
}

/** Behind the newest frame, chained and numbered as the journal itself would. */
async function addPoison(journal: string, random: () => number): Promise<{ epoch: string; next: number }> {
  const epoch = readdirSync(journal).find((name) => /^[0-9a-f]{32}$/.test(name)) ?? '';
  const segment = readdirSync(join(journal, epoch)).sort().at(-1) ?? '';
  const store = await openLevel(join(journal, epoch, segment), { create: false });
  try {
    const key = await store.lastKey();
    const newest = key && decodeKey(key);
    if (!newest) throw new Error('the newest segment is empty');
    const { next: first, chain } = markAfter(newest);
    const body = Buffer.from(Array.from({ length: 40 }, () => Math.floor(random() * 256)));
    const header = { kind: 'readings' as const, epoch, first, count: POISON_RECORDS, catalogue: 1, boot: 1, chain };
    const bytes = encodeFrame({ ...header, clockUncertain: false }, body);
    const place = { first, count: POISON_RECORDS, chainAfter: chainAfter(bytes) };
    await store.write([{ key: encodeKey(place), value: bytes }]);
    return { epoch, next: first + POISON_RECORDS };
  } finally {
    await store.close();
  }
}

export const catalogueMissing: Row = {
  name: 'catalogue-missing',
  what: 'the hub forgets what all points are, while the gateway goes on',
  needs: [],
  sizes: { short: { faults: 1 }, long: { faults: 20 } },
  expect: { declares: false, recoveryMs: 75_000 },
  run: (context) => tamper(context, { doctor: forgetCatalogue, again: 'the hub stores again' }),
};

export const poisonFrame: Row = {
  name: 'poison-frame',
  what: 'a frame with a right checksum that nobody can decode stands in the journal: it is quarantined, declared and passed',
  needs: [],
  sizes: { short: { faults: 1 }, long: { faults: 20 } },
  expect: { declares: true, recoveryMs: 75_000 },
  run: poison,
};
