import { expect, test } from 'vitest';
import { hashOf } from '../../cloud-sync/protocol/document.ts';
import type { TwinDocument, TwinWanted } from '../../cloud-sync/protocol/twins.ts';
import type { WriteOutcome } from '../../cloud-sync/protocol/writes.ts';
import { quietLog } from '../../core/log.ts';
import { good, type Outcome } from '../../core/reading.ts';
import { TwinKeeper } from '../../gateway/twins/twin-keeper.ts';
import { FakeClock } from '../support/fake-clock.ts';

const PLACE = 'boiler/setpoint';
const wanted = (version: number, value: number, more: Partial<TwinWanted> = {}): TwinWanted => ({
  ...{ version, value, enforce: false, by: 'kim', at: 0 },
  ...more,
});

/** A keeper with its store, book and device in memory: whatever is written is taken. */
async function start(outcomeOfAll: WriteOutcome = { state: 'done' }, unlessHeld = false) {
  const clock = new FakeClock();
  const outcomes = new Map<string, WriteOutcome>();
  const written: string[] = [];
  let saves = 0;
  const point: { newest: Outcome | undefined; newestAt: number } = { newest: undefined, newestAt: 0 };
  const keeper = await TwinKeeper.open({
    store: { load: async () => undefined, save: async () => void saves++ } as never,
    writes: {
      take: async ({ id }) => {
        const known = outcomes.get(id);
        if (known) return known;
        written.push(id);
        outcomes.set(id, outcomeOfAll);
        return outcomeOfAll;
      },
    },
    book: { find: (id) => (outcomes.has(id) ? ({ outcome: outcomes.get(id) } as never) : undefined) },
    intake: { devices: new Map([['boiler', { points: new Map([['setpoint', point]]) }]]) } as never,
    journal: { event: () => {} },
    orders: { prefix: 'twin', unlessHeld },
    ...{ owner: 'the hub', begin: 0 },
    tell: () => {},
    clock,
    log: quietLog,
  });
  const abort = new AbortController();
  const done = keeper.run(abort.signal);
  const pass = async (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      await clock.advance(1000);
      await keeper.idle();
    }
  };
  return {
    ...{ outcomes, written, pass, now: () => clock.now() },
    saves: () => saves,
    wants: async (version: number, ...of: readonly TwinWanted[]) => {
      const text = JSON.stringify({
        points: Object.fromEntries(of.map((each) => [PLACE, each])),
      } satisfies TwinDocument);
      keeper.desired({ version, text, hash: hashOf(text) });
      await keeper.idle();
    },
    reads: async (value: number) => {
      for (let i = 0; i < 2; i++) {
        Object.assign(point, { newest: good(value), newestAt: clock.now() + 1 });
        await pass(1);
      }
    },
    state: () => keeper.stand().points[PLACE]?.state,
    stop: () => {
      abort.abort();
      return done;
    },
  };
}

test('a command that could not be made is noted once, not every second', async () => {
  const { wants, outcomes, pass, saves, state, stop } = await start();
  await wants(1, wanted(1, 60, { command: 'write-1' }));
  await pass(2);
  outcomes.set('write-1', { state: 'failed', code: 'no-answer' });
  await pass(1);
  const noted = saves();
  await pass(30);
  expect([saves(), state()]).toEqual([noted, 'waiting']);
  await stop();
});

test('a lock that stays closed for an hour is tried each minute: each try is kept on the card', async () => {
  const { wants, pass, written, saves, state, stop } = await start({ state: 'refused', code: 'writes-locked' });
  await wants(1, wanted(1, 60));
  await pass(3600);
  expect(state()).toBe('waiting');
  expect(written.length).toBeGreaterThan(55);
  expect(written.length).toBeLessThanOrEqual(64);
  expect(saves()).toBeLessThanOrEqual(written.length + 2);
  await wants(2, wanted(2, 70));
  expect(written.at(-1), 'what is new is tried at once').toBe('twin-2-0-boiler/setpoint');
  await stop();
});

test('what is wanted again after a command that wrote nothing is not written again, and still enforced', async () => {
  const { wants, outcomes, written, pass, reads, state, stop } = await start();
  const former = wanted(1, 50, { enforce: true });
  await wants(1, former);
  await reads(40);
  await pass(31);
  expect(written).toEqual(['twin-1-0-boiler/setpoint', 'twin-1-1-boiler/setpoint']);
  await reads(50);
  await wants(2, wanted(2, 60, { enforce: true, command: 'write-1' }));
  outcomes.set('write-1', { state: 'refused', code: 'value-changed' });
  await pass(1);
  expect(state()).toBe('refused');
  await wants(3, former);
  await pass(40);
  expect([state(), written.length]).toEqual(['held', 2]);
  await reads(40);
  await pass(31);
  expect(written.slice(2)).toEqual(['twin-1-2-boiler/setpoint']);
  await stop();
});

test('what the device is read to hold since it is wanted is not written; a point that is read each hour is', async () => {
  const { wants, written, pass, reads, state, now, stop } = await start(undefined, true);
  await reads(40);
  await wants(1, wanted(1, 40, { at: now() + 1 }));
  await pass(2);
  expect([state(), written]).toEqual(['waiting', []]);
  await reads(40);
  expect([state(), written]).toEqual(['held', []]);
  // Somebody turns it between two readings.
  await pass(60);
  await wants(2, wanted(2, 40, { at: now() }));
  await pass(12);
  expect([state(), written]).toEqual(['held', ['twin-2-0-boiler/setpoint']]);
  await stop();
});

test('after a write whose outcome is unknown no reading from before it shows what the device holds', async () => {
  const { wants, written, pass, reads, state, now, stop } = await start({ state: 'unknown', code: 'no-answer' }, true);
  const at = now();
  await pass(1);
  await reads(40);
  await wants(1, wanted(1, 55, { at }));
  expect(state()).toBe('unknown');
  await wants(2, wanted(2, 40, { at }));
  await pass(12);
  expect(written).toEqual(['twin-1-0-boiler/setpoint', 'twin-2-0-boiler/setpoint']);
  await stop();
});
