import { describe, expect, test } from 'vitest';
import { Budget } from '../../../gateway/kubeedge/budget.ts';
import { ReportQueue, type Stand } from '../../../gateway/kubeedge/report-queue.ts';

describe('the budget', () => {
  test('never more than a second apart in the long run, whatever is asked', () => {
    const budget = new Budget(0);
    const times: number[] = [];
    for (let ticks = 0; ticks < 600_000; ticks += 7) if (budget.take(ticks)) times.push(ticks);
    // EdgeCore's bucket: 100 at once, one more each second.
    let [tokens, at] = [100, 0];
    for (const time of times) {
      tokens = Math.min(100, tokens + (time - at) / 1000) - 1;
      at = time;
      expect(tokens).toBeGreaterThanOrEqual(0);
    }
    expect(times.length).toBeGreaterThan(590);
    expect(times.length).toBeLessThan(630);
  });

  test('a gateway that starts every five seconds leaves calls to others', () => {
    let calls = 0;
    for (let life = 0; life < 20; life++) {
      const budget = new Budget(0);
      for (let ticks = 0; ticks < 5000; ticks += 10) if (budget.take(ticks)) calls += 1;
    }
    // In 100 s EdgeCore has 200 for all mappers.
    expect(calls).toBeLessThan(200);
  });

  test('after a refusal it waits', () => {
    const budget = new Budget(0);
    budget.refused(0);
    expect(budget.take(4900)).toBe(false);
    expect(budget.wait(0)).toBeGreaterThan(4900);
    expect(budget.take(5200)).toBe(true);
  });
});

describe('the queue of reports', () => {
  const stand = (id: string, value: number | string, state: Stand['state'] = 'online'): Stand => ({
    id,
    state,
    twins: [
      { property: 'a', desired: '', reported: String(value) },
      { property: 'b', desired: '', reported: 'same' },
    ],
  });
  const ids = Array.from({ length: 20 }, (_, i) => `default/d${i}`);

  test('fair: with everything changing all the time each device waits as long as any', () => {
    const queue = new ReportQueue(0);
    const waits = new Map(ids.map((id) => [id, [] as number[]]));
    for (let round = 0; round < 400; round++) {
      const next = queue.next(
        ids.map((id) => stand(id, round)),
        round * 1000,
      );
      if (next?.kind === 'twins') waits.get(next.id)?.push(round);
      if (next) queue.told(next, round * 1000, round);
    }
    for (const rounds of waits.values()) {
      // One call in ten is for the first words that devices are online.
      const gaps = rounds.slice(1).map((round, i) => round - (rounds[i] as number));
      expect(rounds.length).toBeGreaterThan(15);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(23);
    }
  });

  test('changes first, then only the newest, and nothing twice', () => {
    const queue = new ReportQueue(0);
    const tell = (stands: readonly Stand[], ticks: number) => {
      const next = queue.next(stands, ticks);
      if (next) queue.told(next, ticks, ticks);
      return next;
    };
    const quiet = [stand('default/a', 1), stand('default/b', 1)];
    for (let i = 0; i < 4; i++) expect(tell(quiet, i)).toBeDefined();
    expect(tell(quiet, 5)).toBeUndefined();
    expect(tell([stand('default/a', 1), stand('default/b', 7)], 6)).toEqual({
      ...{ kind: 'twins', id: 'default/b' },
      twins: [{ property: 'a', desired: '', reported: '7' }],
    });
    // Ten minutes later all of it again, in case it got lost.
    expect(tell(quiet.slice(0, 1), 601_000)).toMatchObject({
      id: 'default/a',
      twins: [{ property: 'a' }, { property: 'b' }],
    });
    queue.forget();
    expect(tell(quiet.slice(0, 1), 601_001)).toMatchObject({
      kind: 'twins',
      twins: [{ property: 'a' }, { property: 'b' }],
    });
    expect(tell(quiet.slice(0, 1), 601_002)).toMatchObject({ kind: 'state' });
  });

  test('at the start: trouble, then a first value of each, then that they are online; what is not known yet is no news', () => {
    const queue = new ReportQueue(0);
    const stands = [stand('a', 1), stand('b', 1), stand('c', 1, 'offline'), { ...stand('d', 1, 'unknown'), twins: [] }];
    const told: string[] = [];
    for (let next = queue.next(stands, 0); next; next = queue.next(stands, 0)) {
      queue.told(next, 0, 0);
      told.push(`${next.kind} ${next.id}`);
    }
    expect(told[0]).toBe('state c');
    expect(told.slice(1, 4).sort()).toEqual(['twins a', 'twins b', 'twins c']);
    expect(told.slice(4).sort()).toEqual(['state a', 'state b']);
  });

  test('a state that is told while the link is away is told again, also where values change without end', () => {
    const queue = new ReportQueue(0);
    const busy = (i: number) => [stand('pump', 'x', 'offline'), ...ids.map((id) => stand(id, i))];
    const times: number[] = [];
    for (let i = 0; i < 1500; i++) {
      const next = queue.next(busy(i), i * 1000);
      if (next) queue.told(next, i * 1000, i);
      if (next?.kind === 'state' && next.id === 'pump') times.push(i);
    }
    expect(times[0]).toBe(0);
    expect(times).toHaveLength(3);
    expect(times[1]).toBeLessThan(660);
  });

  test('a property that stands still beside one that changes is told again with it; a device that stands still in its turn', () => {
    const queue = new ReportQueue(0);
    const quiet: number[] = [];
    const times: number[] = [];
    for (let i = 0; i < 1500; i++) {
      const next = queue.next([stand('moves', i), stand('too', i), stand('quiet', 'x')], i * 1000);
      if (next) queue.told(next, i * 1000, i);
      if (next?.kind !== 'twins') continue;
      if (next.id === 'moves' && next.twins.some(({ property }) => property === 'b')) times.push(i);
      if (next.id === 'quiet') quiet.push(i);
    }
    // A second time soon, since the cloud takes no first one.
    for (const seen of [times, quiet]) {
      expect(seen).toHaveLength(4);
      expect(seen[1]).toBeLessThan(60);
      expect(seen[2]).toBeLessThan(720);
    }
  });

  test('states of many that flap keep no other state waiting, neither a bad one nor one that became good', () => {
    const queue = new ReportQueue(0);
    const flaps = Array.from({ length: 20 }, (_, i) => `default/flaps-${i}`);
    const at = (i: number, late: Stand['state'], back: Stand['state']) => [
      ...flaps.map((id) => stand(id, 1, i % 2 ? 'unhealthy' : 'offline')),
      ...[stand('default/late', 1, late), stand('default/back', 1, back)],
    ];
    const told: string[] = [];
    for (let i = 0; i < 200; i++) {
      const next = queue.next(at(i, i < 100 ? 'online' : 'offline', i < 100 ? 'offline' : 'online'), i);
      if (next) queue.told(next, i, i);
      if (i >= 100 && next?.kind === 'state') told.push(`${next.id} ${next.state}`);
    }
    expect(told.indexOf('default/late offline')).toBeLessThan(3);
    expect(told).toContain('default/late offline');
    expect(told.slice(0, 5)).toContain('default/back online');
    expect(new Set(told.filter((text) => text.includes('flaps')).map((text) => text.split(' ')[0])).size).toBe(20);
  });

  test('a state that flaps does not keep twins waiting', () => {
    const queue = new ReportQueue(0);
    const kinds = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const next = queue.next([stand('default/flaps', 1, i % 2 ? 'online' : 'offline'), stand('default/x', i)], i);
      if (next) queue.told(next, i, i);
      // In between comes the word that `x` is online.
      if (i > 11 && next) kinds.add(`${next.kind} ${next.id}`);
    }
    expect(kinds).toEqual(new Set(['state default/flaps', 'twins default/x']));
  });
});
