import { describe, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { PATIENCE_MS } from '../../core/progress.ts';
import { type OpenStore, openLevel } from '../../gateway/journal/store.ts';
import { bound } from '../support/journal-home.ts';
import { playLine } from '../support/played-line.ts';
import { deviceWith } from '../support/poll-line.ts';
import { useJournals } from '../support/use-journals.ts';

/** What the watchdog is fed with: a hung loop stops it, everything that a restart cannot mend does not. */

const MINUTE_MS = 60_000;

async function longest(parts: ReturnType<typeof playLine>, ms: number): Promise<number> {
  let most = 0;
  for (let at = 0; at < ms; at += 5000) {
    await parts.clock.advance(5000);
    most = Math.max(most, parts.poller.stalledMs());
  }
  return most;
}

describe('polling', () => {
  test('gets on with devices that answer, refuse and are silent, and while nothing is due', async () => {
    const devices = [deviceWith(1, [100], 1000), deviceWith(2, [100], 1000), deviceWith(3, [100], 30 * MINUTE_MS)];
    const line = playLine(devices, ({ unit }) => ({ answer: unit === 1 ? 'silence' : unit === 2 ? 2 : 'values' }));
    expect(await longest(line, 2 * 60 * MINUTE_MS)).toBeLessThan(10_000);
  });

  test('gets on while every device of the line is dead', async () => {
    const line = playLine(
      [1, 2, 3, 4].map((unit) => deviceWith(unit, [100], 1000)),
      () => ({ answer: 'silence' }),
    );
    expect(await longest(line, 60 * MINUTE_MS)).toBeLessThan(10_000);
  });

  test('gets on in a round that takes longer than the patience', async () => {
    const registers = Array.from({ length: 300 }, (_, i) => i * 200);
    const line = playLine([deviceWith(1, registers, 1000)], () => ({ answer: 'values', afterMs: 900 }));
    expect(await longest(line, 10 * MINUTE_MS)).toBeLessThan(10_000);
  });

  test('hangs when an exchange never ends', async () => {
    let isHung = false;
    const line = playLine([deviceWith(1, [100], 1000)], () =>
      isHung ? { answer: 'values', afterMs: Number.POSITIVE_INFINITY } : { answer: 'values' },
    );
    expect(await longest(line, MINUTE_MS)).toBeLessThan(10_000);
    isHung = true;
    await line.clock.advance(PATIENCE_MS + 2000);
    expect(line.poller.stalledMs()).toBeGreaterThanOrEqual(PATIENCE_MS);
  });
});

describe('the journal', () => {
  const journals = useJournals();

  const storeThat = (write: (isMeta: boolean, go: () => Promise<void>) => Promise<void>): OpenStore => {
    return async (path, options) => {
      const store = await openLevel(path, options);
      return {
        ...bound(store),
        write: (puts, deletes) => write(path.endsWith('meta'), () => store.write(puts, deletes)),
      };
    };
  };

  test('gets on while the disk refuses', async () => {
    const disk = { isFull: false, refused: 0, refusedAt: 0 };
    const openStore = storeThat(async (isMeta, go) => {
      if (isMeta || !disk.isFull) return go();
      disk.refused += 1;
      disk.refusedAt = systemClock.ticks();
      throw new Error('no space left');
    });
    const running = await journals.start({ openStore });
    await running.scan();
    disk.isFull = true;
    const began = systemClock.ticks();
    const scan = running.scan();
    // The waits between are drawn; what counts is that there were several, and that all of them took long.
    while (disk.refused < 4 || disk.refusedAt - began < 100) await systemClock.sleep(1);
    await systemClock.sleep(10);
    const stalledMs = running.journal.stalledMs();
    expect(stalledMs).toBeLessThanOrEqual(systemClock.ticks() - disk.refusedAt);
    disk.isFull = false;
    await scan;
    await expect.poll(() => running.journal.stalledMs()).toBe(0);
  });

  test('hangs while a write never ends', async () => {
    const disk: { free: (() => void) | undefined; isHung: boolean } = { free: undefined, isHung: false };
    const openStore = storeThat(async (isMeta, go) => {
      if (!isMeta && disk.isHung) await new Promise<void>((resolve) => (disk.free = resolve));
      return go();
    });
    const running = await journals.start({ openStore });
    await running.scan();
    disk.isHung = true;
    const scan = running.scan();
    while (disk.free === undefined) await systemClock.sleep(1);
    await systemClock.sleep(200);
    expect(running.journal.stalledMs()).toBeGreaterThanOrEqual(190);
    disk.isHung = false;
    disk.free();
    await scan;
  });
});
