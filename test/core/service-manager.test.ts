import { expect, test } from 'vitest';
import { quietLog } from '../../core/log.ts';
import { Answering, PATIENCE_MS, type Progress } from '../../core/progress.ts';
import { supervisionOf, tellBy, Watchdog } from '../../core/service-manager.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { NotifyReceiver } from '../support/notify-receiver.ts';
import { describeIf, hasTool } from '../support/tools.ts';

const PARTS = { watchdogMs: 60_000, socket: '/run/nobody' };

function supervised(parts: readonly Progress[]) {
  const clock = new FakeClock();
  const said: string[] = [];
  let nowReady: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    nowReady = resolve;
  });
  const tell = async (...states: string[]) => void said.push(...states);
  const stop = new AbortController();
  const watchdog = new Watchdog({ supervision: PARTS, tell, parts, ready, clock, log: quietLog });
  return { clock, said, nowReady, stop, done: watchdog.run(stop.signal) };
}

const beats = (said: readonly string[]) => said.filter((state) => state === 'WATCHDOG=1').length;

test('ready is told when the process is at work, the beats four times an interval, the stop at last', async () => {
  const { clock, said, nowReady, stop, done } = supervised([]);
  await clock.advance(60_000);
  expect(said).toEqual([]);
  nowReady();
  await clock.advance(60_000);
  expect(said.slice(0, 2)).toEqual(['READY=1', 'STATUS=at work']);
  expect(beats(said)).toBeGreaterThanOrEqual(3);
  stop.abort();
  await done;
  expect(said).toContain('STOPPING=1');
});

test('what hangs is no longer vouched for, and said by name; once it gets on again the beats come again', async () => {
  const part = { what: 'journal', since: 0, stalledMs: () => part.since };
  const { clock, said, nowReady } = supervised([{ what: 'polling', stalledMs: () => 0 }, part]);
  nowReady();
  part.since = PATIENCE_MS - 1;
  await clock.advance(60_000);
  expect(beats(said)).toBeGreaterThanOrEqual(3);
  part.since = PATIENCE_MS;
  const before = beats(said);
  await clock.advance(600_000);
  expect(beats(said)).toBe(before);
  expect(said.filter((state) => state === 'STATUS=hangs: journal')).toHaveLength(1);
  part.since = 0;
  await clock.advance(30_000);
  expect(beats(said)).toBeGreaterThan(before);
});

test('something that is asked gets on when it answers, be it with a failure, and hangs when it does not', async () => {
  const clock = new FakeClock();
  const answer: { come: (() => void) | undefined } = { come: undefined };
  const archive = new Answering('archive', () => new Promise((_, reject) => (answer.come = () => reject('no'))), clock);
  expect(archive.stalledMs()).toBe(0);
  await clock.advance(5000);
  expect(archive.stalledMs()).toBe(5000);
  answer.come?.();
  await clock.advance(1);
  expect(archive.stalledMs()).toBe(0);
});

test('a supervision is for us alone', () => {
  expect(supervisionOf({}, 7)).toBeUndefined();
  expect(supervisionOf({ NOTIFY_SOCKET: '/run/n' }, 7)).toEqual({ socket: '/run/n', watchdogMs: undefined });
  const given = { NOTIFY_SOCKET: '/run/n', WATCHDOG_USEC: '60000000' };
  expect(supervisionOf({ ...given, WATCHDOG_PID: '7' }, 7)?.watchdogMs).toBe(60_000);
  expect(supervisionOf({ ...given, WATCHDOG_PID: '8' }, 7)?.watchdogMs).toBeUndefined();
});

test('where nobody can be told, that is an error and nothing hangs', async () => {
  await expect(tellBy({ socket: '/nowhere/notify', watchdogMs: undefined })('READY=1')).rejects.toThrow();
});

describeIf(hasTool('systemd-notify') && hasTool('python3'), 'systemd-notify', 'a datagram socket', () => {
  test('hears every state', async () => {
    const receiver = await NotifyReceiver.open();
    try {
      await tellBy({ socket: receiver.socket, watchdogMs: undefined })('READY=1', 'STATUS=at work');
      await receiver.until('READY=1\nSTATUS=at work');
    } finally {
      receiver.close();
    }
  });
});
