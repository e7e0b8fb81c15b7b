import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import type { JournalEvent } from '../../cloud-sync/protocol/events.ts';
import { systemClock } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import { bad, good, type Outcome } from '../../core/reading.ts';
import { offlineRule } from '../../core/rules/built-in.ts';
import type { DeviceSpec } from '../../devices/plant-types.ts';
import { AlarmBook } from '../../gateway/alarms/alarm-book.ts';
import { nextCatalogue } from '../../gateway/catalogue.ts';
import { Intake } from '../../gateway/intake.ts';
import type { Journal } from '../../gateway/journal/journal.ts';
import { ruleOf } from '../core/rules/support.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { journalFolder, RunningJournal, removeFolder } from '../support/journal-home.ts';
import { plantOf, point } from '../support/plant.ts';

const plant = plantOf([point('t')], {
  rules: [
    ruleOf({ kind: 'above', limit: 10, deadband: 2 }),
    ruleOf({ kind: 'below', limit: 5, deadband: 0 }, { onDelayMs: 3000, offDelayMs: 2000 }),
    ruleOf({ kind: 'rate', above: 6, perMs: 10_000 }),
    ruleOf({ kind: 'stale', afterMs: 5000 }),
    offlineRule({ onDelay: 2000 }),
  ],
});
const device = plant.devices[0] as DeviceSpec;
const facts = { site: 's', timezone: 'Asia/Seoul' };

/** A boot of the gateway's alarms on a journal, as the app composes it. */
class Boot {
  readonly clock = new FakeClock();
  readonly intake: Intake;
  readonly #journal: Journal;
  readonly #book: AlarmBook;
  #dead = false;

  static async start(running: RunningJournal, folder: string): Promise<Boot> {
    const { journal } = running;
    const book = await AlarmBook.open(folder, journal, { clock: systemClock, log: quietLog });
    return new Boot(journal, book);
  }

  private constructor(journal: Journal, book: AlarmBook) {
    this.#journal = journal;
    this.#book = book;
    const keeper = {
      reading() {},
      event: (...given: Parameters<Journal['event']>) => (this.#dead ? undefined : journal.event(...given)),
    };
    this.intake = new Intake(plant, nextCatalogue(null, plant, facts), keeper, this.clock, {
      alarms: { timezone: 'Asia/Seoul', holidays: [], restored: book.restored, lineState: () => undefined },
    });
    book.follow(() => this.intake.alarms.active());
    this.intake.alarms.onChange(() => book.changed());
    const alarms = this.intake.alarms.active().map(({ device: name, rule }) => ({ device: name, rule }));
    journal.event({ event: 'boot', at: 0, boot: journal.boot, software: 'x', alarms });
  }

  async happen(what: Happening): Promise<void> {
    await this.clock.advance(what.after);
    const outcome: Outcome = what.value === null ? bad('no-answer') : good(what.value);
    if (what.value === 'away') this.intake.away(device, 'no-answer');
    else if (what.value !== 'time') this.intake.answers(device, new Map([['t', outcome]]));
    this.intake.stepWaiting();
  }

  /** Nothing of what comes from now on reaches the journal. */
  lose(): void {
    this.#dead = true;
  }

  commit(): Promise<void> {
    return this.#journal.flush();
  }

  /** Resolves when no write of the file is under way any more. */
  settled(): Promise<void> {
    return this.#book.run(AbortSignal.abort());
  }
}

interface Happening {
  readonly after: number;
  readonly value: number | null | 'time' | 'away';
}

const happening: fc.Arbitrary<Happening> = fc.record({
  after: fc.integer({ min: 0, max: 4000 }),
  value: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 15 }) },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 2, arbitrary: fc.constantFrom('time' as const, 'away' as const) },
  ),
});

/** What happens, how much of it still happens unjournalled before the process dies, and whether the file was written by then. */
const life = fc.record({
  lived: fc.array(happening, { maxLength: 12 }),
  lost: fc.array(happening, { maxLength: 3 }),
  file: fc.constantFrom('written', 'not yet', 'half a life old'),
});

async function eventsOf(running: RunningJournal): Promise<JournalEvent[]> {
  const found: JournalEvent[] = [];
  for (const { epoch } of running.journal.epochs())
    for await (const { bytes } of running.journal.wholeFrames(epoch)) {
      const frame = decodeFrame(Buffer.from(bytes));
      if (frame.kind === 'events') found.push(...frame.events);
    }
  return found;
}

/** What a hub holds as active; what would be announced twice, or has been forgotten, is a mistake. */
function followHub(events: readonly JournalEvent[]): { active: string[]; mistakes: string[] } {
  const active = new Map<string, boolean>();
  const mistakes: string[] = [];
  for (const event of events) {
    if (event.event === 'boot') {
      const named = new Set(event.alarms?.map(({ device: name, rule }) => `${name} ${rule}`));
      for (const key of active.keys()) if (!named.has(key)) mistakes.push(`${key} forgotten`);
      for (const key of named) if (!active.has(key)) mistakes.push(`${key} invented`);
    }
    if (event.event !== 'alarm') continue;
    const key = `${event.device} ${event.rule}`;
    if (event.active) {
      if (active.get(key) === (event.suppressed === true)) mistakes.push(`${key} raised twice`);
      active.set(key, event.suppressed === true);
    } else if (!active.delete(key)) mistakes.push(`${key} cleared twice`);
  }
  return { active: [...active.keys()].sort(), mistakes };
}

test('killed at any instant, nothing is announced twice and nothing is forgotten', { timeout: 400_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 2, maxLength: 4 }), async (lives) => {
      const folder = await journalFolder();
      const file = join(folder, 'alarms.json');
      try {
        for (const { lived, lost, file: state } of lives) {
          const running = await RunningJournal.open(join(folder, 'journal'));
          const boot = await Boot.start(running, folder);
          const kept = [readFileSync(file, 'utf8')];
          for (const what of lived) {
            await boot.happen(what);
            if (what.after % 2 === 0) await boot.commit();
            kept.push(readFileSync(file, 'utf8'));
          }
          await boot.commit();
          boot.lose();
          for (const what of lost) await boot.happen(what);
          await running.close();
          const old = state === 'not yet' ? kept[0] : kept[kept.length >> 1];
          // The last write may still be on its way: then it is as if the process had lived a little longer.
          if (state === 'written') continue;
          await boot.settled();
          writeFileSync(file, old as string);
        }
        const running = await RunningJournal.open(join(folder, 'journal'));
        const { intake, commit } = await Boot.start(running, folder).then((boot) => ({
          intake: boot.intake,
          commit: () => boot.commit(),
        }));
        await commit();
        const { active, mistakes } = followHub(await eventsOf(running));
        await running.close();
        expect(mistakes).toEqual([]);
        expect(
          intake.alarms
            .active()
            .map(({ device: name, rule }) => `${name} ${rule}`)
            .sort(),
        ).toEqual(active);
      } finally {
        await removeFolder(folder);
      }
    }),
    { numRuns: 25 },
  );
});

test('an occurrence keeps its name over a restart; without the file what holds is raised anew', async () => {
  const folder = await journalFolder();
  const file = join(folder, 'alarms.json');
  const first = await RunningJournal.open(join(folder, 'journal'));
  const boot = await Boot.start(first, folder);
  await boot.happen({ after: 0, value: 12 });
  await boot.commit();
  expect(boot.intake.alarms.active()).toMatchObject([{ rule: 't/above', value: 12, limit: 10 }]);
  // Silent too long, then suppressed: its device is away.
  await boot.happen({ after: 5000, value: 'time' });
  await boot.happen({ after: 1000, value: 'away' });
  await boot.commit();
  await boot.settled();
  const raised = boot.intake.alarms.active();
  expect(raised[1]).toMatchObject({ rule: 't/stale', suppressed: true, changed: {} });
  await first.close();

  const second = await RunningJournal.open(join(folder, 'journal'));
  const next = await Boot.start(second, folder);
  expect(next.intake.alarms.active()).toEqual(raised);
  await next.commit();
  await second.close();
  await next.settled();

  rmSync(file);
  const third = await RunningJournal.open(join(folder, 'journal'));
  const last = await Boot.start(third, folder);
  expect(last.intake.alarms.active()).toEqual([]);
  await last.commit();
  const events = await eventsOf(third);
  expect(events.flatMap((event) => (event.event === 'boot' ? [event.alarms] : []))).toEqual([
    [],
    raised.map(({ device: name, rule }) => ({ device: name, rule })),
    [],
  ]);
  await third.close();
  await removeFolder(folder);
});
