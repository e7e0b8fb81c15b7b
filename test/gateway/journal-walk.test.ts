import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Clock, systemClock } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import { good } from '../../core/reading.ts';
import { aborted } from '../../core/service.ts';
import { summariseJournal } from '../../gateway/journal/journal-summary.ts';
import { SealedWalk } from '../../gateway/journal/sealed-walk.ts';
import { damaging, JOURNAL_SETTINGS, type RunningJournal } from '../support/journal-home.ts';
import { useJournals } from '../support/use-journals.ts';

const DAY_MS = 86_400_000;
const T0 = 1_793_491_200_000;
const MIB = 1024 * 1024;

const journals = useJournals();

/** One walk, in no time; the answer: the waits in it. */
async function walk({ journal }: RunningJournal, onWait: () => Promise<void> = async () => {}): Promise<number[]> {
  const stop = new AbortController();
  const waits: number[] = [];
  const clock: Clock = {
    ...systemClock,
    now: () => T0,
    async sleep(ms, signal) {
      if (ms > DAY_MS) {
        stop.abort();
        if (signal) await aborted(signal);
        throw signal?.reason;
      }
      waits.push(ms);
      await onWait();
    },
  };
  await new SealedWalk(journal, clock, quietLog).run(stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  return waits;
}

/** 20 commits of 30 KB each close a segment. */
async function fill({ journal }: RunningJournal, commits: number): Promise<void> {
  for (let i = 0; i < commits * 10; i++) {
    journal.reading(0, T0 + i, good(randomBytes(3000).toString('base64')));
    if (i % 10 === 9) await journal.flush();
  }
}

const small = { maxBytes: 5 * MIB };

test('sealed segments are read in parts; what they have lost is declared, what is being written is left', async () => {
  const damaged = new Set([31, 61, 91]);
  const first = await journals.start({ settings: small });
  await first.publish();
  await fill(first, 60);
  await journals.stop(first);
  const running = await journals.start({ settings: small, openStore: damaging(damaged, 'frame') });
  const { journal } = running;
  const summary = () => summariseJournal(journal, JOURNAL_SETTINGS);
  const sealed = (await journal.verify({ sealedOnly: true }))[0]?.next ?? 0;
  expect(sealed).toBeGreaterThan(300);
  expect(sealed).toBeLessThan(journal.next - 10);
  damaged.add(sealed);
  expect((await summary()).lastVerified).toBeNull();
  await journal.confirm(journal.epoch, 65);

  const waits = await walk(running);
  expect(waits.length).toBeGreaterThan(1);
  expect(waits.slice(0, 2)).toEqual([60_000, 250]);
  const { epoch } = journal;
  expect(journal.gaps()).toEqual([
    { epoch, from: 65, to: 71, reason: 'journal-damaged' },
    { epoch, from: 91, to: 101, reason: 'journal-damaged' },
  ]);
  const verified = { at: T0, records: sealed - 30 };
  expect((await summary()).lastVerified).toEqual(verified);
  await journals.stop(running);
  const again = await journals.start({ settings: small });
  expect(again.journal.lastVerified()).toEqual(verified);
});

test('what is trimmed during a pause is no loss', async () => {
  let skew = 0;
  const clock: Clock = { ...systemClock, ticks: () => systemClock.ticks() + skew };
  const running = await journals.start({ clock, settings: { ...small, keepConfirmed: 0 } });
  const { journal } = running;
  await running.publish();
  await fill(running, 60);
  const floor = () => journal.epochs()[0]?.floor ?? 0;
  const before = floor();
  let waits = 0;
  await walk(running, async () => {
    if (++waits !== 2) return;
    await journal.confirm(journal.epoch, journal.next);
    // The next housekeeping is due.
    skew = 61_000;
    await fill(running, 2);
    await expect.poll(floor, { timeout: 15_000 }).toBeGreaterThan(before);
  });
  expect(waits).toBeGreaterThan(1);
  expect(journal.gaps()).toEqual([]);
  expect(journal.lastVerified()).not.toBeNull();
  await journals.stop(running);
});
