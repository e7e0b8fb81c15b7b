import { describe, expect, test } from 'vitest';
import type { JournalEvent } from '../../cloud-sync/protocol/events.ts';
import { quietLog } from '../../core/log.ts';
import { good } from '../../core/reading.ts';
import { ClockKeeper } from '../../gateway/clock-keeper.ts';
import { EdgeClock } from '../../gateway/edge-clock.ts';
import { Pending } from '../../gateway/journal/pending.ts';
import { FakeClock } from '../support/fake-clock.ts';

const HOUR = 3_600_000;
const FLOOR = 1_800_000_000_000;
const YEAR_1970 = 86_400_000;

function unsetSystem(): FakeClock {
  const system = new FakeClock(YEAR_1970);
  system.synced = false;
  return system;
}

function hubAgrees(clock: EdgeClock, offsetMs = 0): void {
  clock.hubSays({ now: clock.now() + offsetMs, ticks: clock.ticks(), errorMs: 10 });
}

describe('a clock that starts in 1970', () => {
  test('stamps run on from the floor, uncertain, and are told what to add once the system clock is set', async () => {
    const system = unsetSystem();
    const clock = new EdgeClock(system, FLOOR);
    expect(clock.now()).toBe(FLOOR);
    await system.advance(5000);
    expect([clock.now(), clock.synchronised(), clock.check()]).toEqual([FLOOR + 5000, false, undefined]);
    const truth = FLOOR + 40 * 24 * HOUR;
    system.step(truth - system.now());
    system.synced = true;
    expect(clock.check()).toMatchObject({ source: 'system', at: truth, offset: truth - FLOOR - 5000, certain: true });
    expect([clock.now(), clock.synchronised(), clock.state]).toEqual([truth, true, 'system']);
  });

  test('a jump of the system clock before it is synchronised moves no stamp', async () => {
    const system = unsetSystem();
    const clock = new EdgeClock(system, FLOOR);
    system.step(20 * HOUR);
    await system.advance(1000);
    expect([clock.check(), clock.now()]).toEqual([undefined, FLOOR + 1000]);
  });

  test("without a time server the hub's clock is the source after five minutes, and gives way to the system's", async () => {
    const system = unsetSystem();
    const clock = new EdgeClock(system, FLOOR);
    hubAgrees(clock, 7 * HOUR);
    await system.advance(299_000);
    expect(clock.check()).toBeUndefined();
    await system.advance(1000);
    expect(clock.check()).toMatchObject({ source: 'hub', offset: 7 * HOUR, certain: true });
    expect([clock.now(), clock.synchronised(), clock.state]).toEqual([FLOOR + 300_000 + 7 * HOUR, true, 'hub']);
    await system.advance(1000);
    system.step(clock.now() + 400 - system.now());
    system.synced = true;
    const change = clock.check();
    expect(change).toMatchObject({ source: 'system', step: 400, certain: true });
    expect(change).not.toHaveProperty('offset');
  });
});

describe('a clock that jumps', () => {
  test('back an hour and forth again: doubted in between, and the stamps in between are put right', async () => {
    const system = new FakeClock(FLOOR);
    const clock = new EdgeClock(system, 0);
    hubAgrees(clock);
    await system.advance(1000);
    expect(clock.check()).toBeUndefined();
    system.step(-HOUR);
    expect(clock.check()).toMatchObject({ step: -HOUR, certain: false });
    expect([clock.synchronised(), clock.isSet(), clock.disagrees]).toEqual([false, true, true]);
    await system.advance(1000);
    expect(clock.check()).toBeUndefined();
    system.step(HOUR);
    expect(clock.check()).toMatchObject({ step: HOUR, offset: HOUR, certain: true });
    expect(clock.synchronised()).toBe(true);
  });

  test('to what the hub has as well: the jump is recorded and believed', async () => {
    const system = new FakeClock(FLOOR);
    const clock = new EdgeClock(system, 0);
    hubAgrees(clock, 30 * 24 * HOUR);
    expect(clock.check()).toMatchObject({ certain: false });
    system.step(30 * 24 * HOUR);
    expect(clock.check()).toMatchObject({ step: 30 * 24 * HOUR, offset: 30 * 24 * HOUR, certain: true });
  });

  test('while the hub is away: doubted until the next session, or for a day', async () => {
    const system = new FakeClock(FLOOR);
    const clock = new EdgeClock(system, 0);
    system.step(365 * 24 * HOUR);
    expect(clock.check()).toMatchObject({ step: 365 * 24 * HOUR, certain: false });
    await system.advance(23 * HOUR);
    expect([clock.check(), clock.synchronised()]).toEqual([undefined, false]);
    await system.advance(2 * HOUR);
    expect(clock.check()).toMatchObject({ offset: 0, certain: true });
    system.step(-HOUR);
    expect(clock.check()).toMatchObject({ certain: false });
    hubAgrees(clock, 150);
    expect(clock.check()).toMatchObject({ offset: 0, certain: true });
  });

  test('to 1970: stamps go on from what was right, and are joined to the clock that comes back', async () => {
    const system = new FakeClock(FLOOR);
    const clock = new EdgeClock(system, 0);
    await system.advance(10_000);
    system.step(YEAR_1970 - system.now());
    system.synced = false;
    expect(clock.check()).toMatchObject({ certain: false });
    expect([clock.now(), clock.isSet()]).toEqual([FLOOR + 10_000, false]);
    await system.advance(5000);
    system.step(FLOOR + 15_000 - system.now() + 300);
    system.synced = true;
    expect(clock.check()).toMatchObject({ offset: 300, certain: true });
  });

  test('moves no stamp before it was looked at', async () => {
    const system = new FakeClock(FLOOR);
    const clock = new EdgeClock(system, 0);
    system.step(-HOUR);
    await system.advance(700);
    expect(clock.now()).toBe(FLOOR + 700);
    clock.check();
    expect(clock.now()).toBe(FLOOR + 700 - HOUR);
  });

  test('being slewed, or by less than a second, is no jump', async () => {
    const system = new FakeClock(FLOOR);
    const clock = new EdgeClock(system, 0);
    for (let each = 0; each < 100; each++) {
      await system.advance(1000);
      system.step(40);
      expect(clock.check()).toBeUndefined();
    }
  });
});

test('a difference that drift over weeks explains is no disagreement', async () => {
  const system = new FakeClock(FLOOR);
  const clock = new EdgeClock(system, 0);
  hubAgrees(clock);
  await system.advance(20 * 24 * HOUR);
  for (let each = 0; each < 100; each++) {
    system.step(900);
    clock.check();
  }
  expect(clock.hubOffsetMs).toBe(-90_000);
  expect(clock.disagrees).toBe(false);
  system.step(100_000);
  clock.check();
  expect(clock.disagrees).toBe(true);
});

test('the keeper journals each change once, at once, with the boot it belongs to', async () => {
  const system = unsetSystem();
  const clock = new EdgeClock(system, FLOOR);
  const events: [JournalEvent, { urgent: boolean }][] = [];
  const journal = {
    boot: 7,
    event: (event: JournalEvent, options: { urgent: boolean }) => void events.push([event, options]),
  };
  const stop = new AbortController();
  const running = new ClockKeeper(clock, journal, quietLog).run(stop.signal);
  await system.advance(3000);
  expect(events).toEqual([]);
  system.step(FLOOR + HOUR - system.now());
  system.synced = true;
  await system.advance(3000);
  expect(events).toMatchObject([
    [{ event: 'clock-anchor', boot: 7, source: 'system', offset: HOUR - 3000, certain: true }, { urgent: true }],
  ]);
  stop.abort();
  await running;
});

test('readings stamped before and after the clock is set never share a frame', () => {
  let uncertain = true;
  const pending = new Pending(0, () => uncertain);
  pending.reading(1, 1, good(1));
  uncertain = false;
  pending.reading(1, 2, good(2));
  pending.event({ event: 'boot', at: 3, boot: 1, software: '0' });
  uncertain = true;
  pending.reading(1, 4, good(4));
  expect(pending.take().map(({ kind, clockUncertain }) => [kind, clockUncertain])).toEqual([
    ['readings', true],
    ['readings', false],
    ['events', false],
    ['readings', true],
  ]);
});
