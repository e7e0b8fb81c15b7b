import { describe, expect, test } from 'vitest';
import type { DecodedFrame } from '../../../cloud-sync/protocol/decode-frame.ts';
import type { ChangeKind } from '../../../monitor/alarms/alarm.ts';
import { Desk } from '../../../monitor/alarms/desk.ts';
import { DeskStore } from '../../../monitor/alarms/desk-store.ts';
import { Points } from '../../../monitor/points.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { catalogue, EPOCH, Journal, T0 } from '../support/batches.ts';
import { useArchive } from '../support/use-archive.ts';
import { GATEWAY, live, transition } from './support.ts';

const home = useArchive(async (archive) => {
  const rules = [
    {
      device: 'boiler',
      id: 'hot',
      point: 'temp',
      priority: 'high' as const,
      text: { en: 'Boiler hot' },
      action: { en: 'Look' },
      condition: {},
    },
  ];
  const journal = new Journal();
  await archive.append([journal.batch([journal.publish({ ...catalogue([]), rules })])]);
});

/** A desk on the test's archive, and what it announced. */
async function openDesk(store = new DeskStore(home.database)) {
  const clock = new FakeClock(T0 + 1000);
  const points = new Points(() => home.archive.registry);
  const desk = new Desk({ store, points, clock });
  const told: [ChangeKind, string][] = [];
  desk.listen(({ what, alarm }) => told.push([what, alarm.id]));
  await desk.catchUp();
  return { desk, told, clock };
}

function newJournal(): Journal {
  const journal = new Journal();
  journal.next = 1;
  return journal;
}

async function store(desk: Desk | undefined, journal: Journal, ...frames: readonly DecodedFrame[]): Promise<void> {
  await home.archive.append([journal.batch(frames)]);
  desk?.onFrames(GATEWAY, frames);
  await desk?.idle();
}

const id = (seq: number) => `${GATEWAY}~${EPOCH}~${seq}`;
const liveAlarms = (seq: number, active: boolean) => live(seq, active).alarms;

describe('two lanes and one log', () => {
  test('the live lane raises at once, durably; the journal goes on with the same occurrence', async () => {
    const { desk, told } = await openDesk();
    const journal = newJournal();
    desk.onLive(GATEWAY, liveAlarms(1, true));
    await desk.idle();
    expect(told).toEqual([['raised', id(1)]]);
    expect(await home.count('alarm_log')).toBe(1);
    expect(desk.find(id(1))).toMatchObject({ priority: 'high', text: { en: 'Boiler hot' }, late: false });
    await store(desk, journal, journal.events(transition(true), transition(false)));
    expect(told).toEqual([
      ['raised', id(1)],
      ['cleared', id(1)],
    ]);
  });

  test('what the archive has stored and the desk has not heard is read at the next start, and told once', async () => {
    const journal = newJournal();
    await store((await openDesk()).desk, journal, journal.events(transition(true)));
    await store(undefined, journal, journal.events(transition(false)), journal.events(transition(true)));
    const again = await openDesk();
    expect(again.told).toEqual([
      ['cleared', id(1)],
      ['raised', id(3)],
    ]);
    expect((await openDesk()).told).toEqual([]);
  });

  test('alarms of an archive that never had a desk are history', async () => {
    const journal = newJournal();
    await home.archive.append([
      journal.batch([journal.events(transition(true, { at: T0 - 3_600_000 }))], { arrivedAt: T0 - 3_600_000 }),
    ]);
    const { desk } = await openDesk();
    expect(desk.find(id(1))).toMatchObject({ active: true, late: true });
  });

  test('restarts at random instants: everything once, in the order it happened', async () => {
    const journal = newJournal();
    const told: string[] = [];
    let active = false;
    let random = 7;
    const chance = (share: number) => {
      random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
      return random / 2 ** 32 < share;
    };
    let held = await openDesk();
    for (let i = 0; i < 60; i++) {
      active = !active;
      const place = journal.next;
      if (active && chance(0.5)) held.desk.onLive(GATEWAY, liveAlarms(place, true));
      const heard = chance(0.6) ? held.desk : undefined;
      await store(heard, journal, journal.events(transition(active)));
      if (heard && !chance(0.4)) continue;
      await held.desk.idle();
      told.push(...held.told.map(([what, which]) => `${what} ${which}`));
      held = await openDesk();
    }
    told.push(...held.told.map(([what, which]) => `${what} ${which}`));
    const expected = Array.from({ length: 30 }, (_, i) => [
      `raised ${id(1 + 2 * i)}`,
      `cleared ${id(1 + 2 * i)}`,
    ]).flat();
    expect(told.filter((text) => /^(raised|cleared)/.test(text))).toEqual(expected);
    const log = await new DeskStore(home.database).logFrom(1, 1000);
    expect(log.map(({ n }) => n)).toEqual(log.map((_, index) => index + 1));
  });
});

/** Virtual time goes on until the work, which does real I/O, is done. */
async function passing(clock: FakeClock, work: Promise<unknown>): Promise<void> {
  let isDone = false;
  const done = work.then(() => {
    isDone = true;
  });
  while (!isDone) {
    await clock.advance(200);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await done;
}

class FailingStore extends DeskStore {
  /** Left to fail; `after`: the transaction was stored all the same. */
  failures: ('before' | 'after')[] = [];

  override async write(stage: Parameters<DeskStore['write']>[0]): Promise<void> {
    const failure = this.failures.shift();
    if (failure !== 'before') await super.write(stage);
    if (failure) throw new Error('disk full');
  }
}

test.each(['before', 'after'] as const)(
  'a write that fails %s it was stored: the desk finds out, and tells once',
  async (failure) => {
    const failing = new FailingStore(home.database);
    const { desk, told, clock } = await openDesk(failing);
    const journal = newJournal();
    failing.failures = [failure];
    const frame = journal.events(transition(true));
    await home.archive.append([journal.batch([frame])]);
    desk.onLive(GATEWAY, liveAlarms(1, true));
    desk.onFrames(GATEWAY, [frame]);
    await passing(clock, desk.idle());
    expect(told).toEqual([['raised', id(1)]]);
    expect(await home.count('alarm_log')).toBe(1);
    expect(desk.list()).toHaveLength(1);
  },
);

describe('people', () => {
  test('two operators at once: one acknowledges, both read the same', async () => {
    const { desk, told } = await openDesk();
    desk.onLive(GATEWAY, liveAlarms(1, true));
    await desk.idle();
    const both = await Promise.all([
      desk.acknowledge(id(1), { by: 'kim', comment: 'on my way' }),
      desk.acknowledge(id(1), { by: 'lee' }),
    ]);
    expect(both.map(({ ackedBy, comment }) => [ackedBy, comment])).toEqual([
      ['kim', 'on my way'],
      ['kim', 'on my way'],
    ]);
    expect(told.filter(([what]) => what === 'acked')).toHaveLength(1);
  });

  test('what is over and acknowledged is history, and stays as it is', async () => {
    const { desk } = await openDesk();
    const journal = newJournal();
    await store(desk, journal, journal.events(transition(true), transition(false)));
    await desk.acknowledge(id(1), { by: 'kim' });
    expect(await home.count('alarm_history')).toBe(1);
    await store(desk, journal, journal.events(transition(true)));
    expect(await desk.acknowledge(id(1), { by: 'lee' })).toMatchObject({ ackedBy: 'kim' });
    expect(await home.count('alarm_history')).toBe(1);
  });

  test('one that came again meanwhile is not acknowledged unseen', async () => {
    const { desk } = await openDesk();
    const journal = newJournal();
    await store(desk, journal, journal.events(transition(true), transition(false), transition(true)));
    await expect(desk.acknowledge(id(1), { by: 'kim' })).rejects.toMatchObject({ code: 'alarm-unfit' });
    expect(desk.find(id(3))).toMatchObject({ acknowledged: false });
  });

  test('shelving holds over a restart and ends by itself', async () => {
    const first = await openDesk();
    first.desk.onLive(GATEWAY, liveAlarms(1, true));
    await first.desk.idle();
    await first.desk.shelve(id(1), { by: 'kim', forMs: 60_000 });
    const { desk, told, clock } = await openDesk();
    const stop = new AbortController();
    const running = desk.run(stop.signal).catch(() => {});
    await clock.advance(59_000);
    await desk.idle();
    expect(desk.find(id(1))?.shelvedUntil).toBe(T0 + 61_000);
    await clock.advance(2000);
    await desk.idle();
    expect(told).toEqual([['unshelved', id(1)]]);
    stop.abort();
    await running;
  });

  test('a rule that was quiet for a month is kept in the history only, until it is raised again', async () => {
    const { desk, clock } = await openDesk();
    const journal = newJournal();
    const others = [
      transition(true, { rule: 'dry' }),
      transition(true, { rule: 'low' }),
      transition(false, { rule: 'low' }),
    ];
    await store(desk, journal, journal.events(transition(true), transition(false), ...others));
    await desk.acknowledge(id(1), { by: 'kim' });
    const stop = new AbortController();
    clock.step(31 * 86_400_000);
    const running = desk.run(stop.signal).catch(() => {});
    await clock.advance(1000);
    await desk.idle();
    // One is active, the other waits to be acknowledged.
    expect([desk.find(id(1)), desk.find(id(3))?.active, await home.count('alarm_rules')]).toEqual([undefined, true, 2]);
    expect(await desk.acknowledge(id(1), { by: 'lee' })).toMatchObject({ ackedBy: 'kim' });
    await store(desk, journal, journal.events(transition(true)));
    expect([desk.find(id(6))?.active, await home.count('alarm_rules')]).toEqual([true, 3]);
    stop.abort();
    await running;
  });

  test('nobody acts on what is not there', async () => {
    const { desk } = await openDesk();
    await expect(desk.reset('nothing', { by: 'kim' })).rejects.toMatchObject({ code: 'not-found' });
  });

  test('while the archive cannot store an action is refused, not forgotten in silence', async () => {
    const failing = new FailingStore(home.database);
    const { desk, clock } = await openDesk(failing);
    desk.onLive(GATEWAY, liveAlarms(1, true));
    await desk.idle();
    failing.failures = ['before'];
    const asked = desk.acknowledge(id(1), { by: 'kim' });
    await expect(asked).rejects.toMatchObject({ code: 'archive-write' });
    await passing(clock, desk.idle());
    expect((await desk.acknowledge(id(1), { by: 'kim' })).ackedBy).toBe('kim');
  });
});
