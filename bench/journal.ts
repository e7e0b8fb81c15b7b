import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENVELOPE_BYTES } from '../cloud-sync/protocol/envelope.ts';
import { upTopic } from '../cloud-sync/protocol/topics.ts';
import { systemClock } from '../core/clock.ts';
import { quietLog } from '../core/log.ts';
import { good } from '../core/reading.ts';
import type { Journal } from '../gateway/journal/journal.ts';
import { openJournal } from '../gateway/journal/open-journal.ts';
import { openLevel } from '../gateway/journal/store.ts';
import { defaultJournalSettings } from '../gateway/journal-settings.ts';
import type { Bench, Row } from './report.ts';

const POINTS = 100;
const T0 = 1_800_000_000_000;

/** Slowly changing values of mixed size in steps of 0.1, as meters and sensors give them: a bounded random walk of two steps at most. */
function plantSignals(): () => number[] {
  let seed = 42;
  const random = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed / 2 ** 32;
  };
  const tenths = Array.from({ length: POINTS }, (_, i) => Math.round(10 ** (1.5 + (i % 5) * 0.5) * (1 + random())));
  return () =>
    tenths.map((_, i) => {
      tenths[i] = (tenths[i] as number) + Math.round((random() - 0.5) * 4);
      return (tenths[i] as number) / 10;
    });
}

async function withJournal<T>(commitInterval: number, work: (journal: Journal) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const settings = { ...defaultJournalSettings(), commitInterval };
  const journal = await openJournal({ folder, settings, clock: systemClock, log: quietLog });
  const stop = new AbortController();
  const running = journal.run(stop.signal);
  try {
    return await work(journal);
  } finally {
    stop.abort();
    await running;
    await journal.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Readings a second, durable, through the group commit with its default settings. */
async function groupCommit(readings: number): Promise<number> {
  return withJournal(1000, async (journal) => {
    const next = plantSignals();
    const began = systemClock.ticks();
    for (let at = T0, given = 0; given < readings; at += 1000) {
      for (const [point, value] of next().entries()) journal.reading(point, at, good(value));
      given += POINTS;
      // The pollers of a real gateway wait for their devices; here the journal's own commits set the pace.
      if (given % 20_000 === 0) while (given - journal.next > 60_000) await systemClock.sleep(1);
    }
    while (journal.next < readings) await systemClock.sleep(1);
    return readings / ((systemClock.ticks() - began) / 1000);
  });
}

/** What a straightforward gateway does: each reading a JSON value of its own in LevelDB, synced. */
async function singlePuts(readings: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const store = await openLevel(folder, { create: true });
  const next = plantSignals();
  const began = systemClock.ticks();
  for (let at = T0, given = 0; given < readings; at += 1000) {
    for (const [point, value] of next().entries()) {
      const key = Buffer.alloc(8);
      key.writeDoubleBE(given++);
      await store.write([{ key, value: Buffer.from(JSON.stringify({ point, at, value })) }]);
    }
  }
  const rate = readings / ((systemClock.ticks() - began) / 1000);
  await store.close();
  rmSync(folder, { recursive: true, force: true });
  return rate;
}

/** Bytes on the wire for a reading, when `scans` scans of all points make a frame. */
async function wireBytes(scans: number): Promise<{ frame: number; wire: number }> {
  const frames = 40;
  return withJournal(60_000, async (journal) => {
    const next = plantSignals();
    for (let frame = 0, at = T0; frame < frames; frame++) {
      for (let scan = 0; scan < scans; scan++, at += 1000) {
        for (const [point, value] of next().entries()) journal.reading(point, at, good(value));
      }
      await journal.flush();
    }
    let frameBytes = 0;
    let count = 0;
    for await (const { bytes } of journal.frames(journal.epoch, 0)) {
      frameBytes += bytes.length;
      count += 1;
    }
    const publish = upTopic('seoul-plant-1', 'frame').length + 2 + 2 + 4 + ENVELOPE_BYTES;
    const readings = frames * scans * POINTS;
    return { frame: frameBytes / readings, wire: (frameBytes + count * publish) / readings };
  });
}

export const bench: Bench = {
  name: 'journal: group commit and bytes on the wire',
  async run() {
    const rows: Row[] = [];
    const [commit, single] = [await groupCommit(1_000_000), await singlePuts(3000)];
    rows.push({
      what: 'group commit, 100 points, default settings, fsynced',
      value: commit,
      unit: 'readings/s',
      baseline: { what: 'one synced put for each reading', value: single },
      goal: { of: 'value', least: 150_000 },
    });
    const second = await wireBytes(1);
    rows.push({
      what: 'wire, 100 points at 1 s, one commit a second (frame + envelope + MQTT)',
      value: second.wire,
      unit: 'B/reading',
      goal: { of: 'value', most: 3.2 },
    });
    const five = await wireBytes(5);
    rows.push({
      what: 'frames of 500 readings (frame alone)',
      value: five.frame,
      unit: 'B/reading',
      goal: { of: 'value', most: 1.4 },
    });
    rows.push({ what: 'the same with envelope and MQTT', value: five.wire, unit: 'B/reading' });
    return rows;
  },
};
