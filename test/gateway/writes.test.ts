import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import { bad, good } from '../../core/reading.ts';
import { afterReading, afterWrite, freshPoint } from '../../gateway/twins/twin-step.ts';
import { hubWrite } from '../../gateway/writes/hub-write.ts';
import { WriteBook } from '../../gateway/writes/write-book.ts';
import { checkExpiry } from '../../gateway/writes/write-checks.ts';
import { WriteLock } from '../../gateway/writes/write-lock.ts';
import type { WriteOrder } from '../../gateway/writes/write-order.ts';
import { NOW, writingGateway } from '../support/writing-gateway.ts';

const PLANT = `
channels: [{ name: plc, driver: modbus-tcp, port: "tcp://127.0.0.1:1" }]
devices:
  - name: boiler
    channel: plc
    points:
      setpoint: { address: { table: holding, register: 41, type: int16 }, writable: true, min: 0, max: 100 }
      key: { address: { table: discrete, register: 1 } }
`;

describe('what is written to devices', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'writes-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const order = (id: string, more: Partial<WriteOrder> = {}): WriteOrder => ({
    ...{ id, via: 'hub', by: 'kim', point: 'boiler/setpoint', value: 5 },
    ...more,
  });

  const gateway = (write: () => Promise<void> = async () => {}, wait: () => Promise<void> = async () => {}) =>
    writingGateway({ folder, plant: PLANT, write, wait });

  test('an id is done once, also in another life, and each leaves two records', async () => {
    const first = await gateway();
    expect(await first.path.take(order('write-1'))).toMatchObject({ state: 'done', readBack: 5 });
    expect(await first.path.take(order('write-1'))).toMatchObject({ state: 'done' });
    expect(first.written()).toBe(1);
    expect(first.events.flatMap((event) => (event.event === 'command' ? [event.phase] : []))).toEqual([
      'begun',
      'done',
    ]);
    await first.stop();
    const second = await gateway();
    expect(await second.path.take(order('write-1'))).toMatchObject({ state: 'done', readBack: 5 });
    expect(second.written()).toBe(0);
    await second.stop();
  });

  test.each([{ value: 6 }, { point: 'boiler/key' }])('the id of another write is refused: %j', async (more) => {
    const { path, stop, written, book } = await gateway();
    const first = path.take(order('write-1'));
    const another = { state: 'refused', code: 'request-invalid', detail: expect.stringMatching('boiler/setpoint = 5') };
    expect(await path.take(order('write-1', more))).toMatchObject(another);
    await first;
    expect(await path.take(order('write-1', { ...more, via: 'bus' }))).toMatchObject(another);
    expect(book.find('write-1')?.outcome).toMatchObject({ state: 'done' });
    expect(written()).toBe(1);
    await stop();
  });

  test('what another process of this gateway may have begun is answered, and never begun here', async () => {
    const first = await gateway();
    await first.path.take(order('write-1'));
    await first.stop();
    const second = await gateway();
    expect(await second.path.take(order('write-1', { again: true }))).toMatchObject({ state: 'done' });
    const forgotten = { state: 'unknown', code: 'write-unknown' };
    expect(await second.path.take(order('write-2', { again: true }))).toMatchObject(forgotten);
    expect(await second.path.take(order('write-2'))).toMatchObject(forgotten);
    expect(second.written()).toBe(0);
    expect(second.path.counts).toEqual({ hub: { unknown: 1 }, bus: {}, twin: {} });
    await second.stop();
  });

  test('what was under way when the process ended is unknown, told so, and never tried again', async () => {
    const book = await WriteBook.open(folder, NOW, quietLog);
    await book.begin(order('write-1'), NOW);
    await book.close();
    const next = await gateway();
    expect(await next.path.take(order('write-1'))).toMatchObject({ state: 'unknown', code: 'write-unknown' });
    expect(next.written()).toBe(0);
    await systemClock.sleep(100);
    await next.stop();
    expect(next.events).toMatchObject([{ event: 'command', id: 'write-1', phase: 'unknown' }]);
    const third = await gateway();
    await third.stop();
    expect(third.events).toEqual([]);
  });

  test('the id and the record are on the disk before anything goes to the device', async () => {
    let seen = '';
    const { path, durable, stop } = await gateway(async () => {
      seen = `${readFileSync(join(folder, 'meta', 'writes.log'), 'utf8')} ${JSON.stringify(durable)}`;
    });
    await path.take(order('write-1'));
    await stop();
    expect(seen).toMatch(/"id":"write-1".*"phase":"begun"/s);
  });

  test.each([
    [{ expires: NOW - 1000 }, 'request-expired'],
    [{ value: 101 }, 'value-unfit'],
    [{ value: true }, 'value-unfit'],
    [{ point: 'boiler/key' }, 'not-writable'],
    [{ point: 'boiler/__proto__' }, 'not-found'],
    [{ expect: 6 }, 'value-changed'],
  ])('%j is refused: %s; the answer stays the same', async (more, code) => {
    const { path, stop, written } = await gateway();
    expect(await path.take(order('write-1', more))).toMatchObject({ state: 'refused', code });
    expect(await path.take(order('write-1', more))).toMatchObject({ state: 'refused', code });
    expect(written()).toBe(0);
    await stop();
  });

  test('a command for another gateway is refused', async () => {
    const told: unknown[] = [];
    const { path, stop, written } = await gateway();
    const { id, by, point, value } = order('write-1');
    hubWrite('plant-1', path, (result) => told.push(result))({
      ...{ id, by, point, value, kind: 'write', gateway: 'plant-2', expires: NOW + 1000 },
    });
    expect(told).toMatchObject([{ id: 'write-1', state: 'refused', code: 'not-found' }]);
    expect(written()).toBe(0);
    await stop();
  });

  test('ten a minute are enough where the point says nothing', async () => {
    const { path, stop, written } = await gateway();
    for (let i = 0; i < 10; i++) expect(await path.take(order(`write-${i}`))).toMatchObject({ state: 'done' });
    expect(await path.take(order('write-x'))).toMatchObject({ state: 'refused', code: 'write-rate' });
    expect(written()).toBe(10);
    await stop();
  });

  test('a book that was cut off in a line is read to there, and goes on', async () => {
    const book = await WriteBook.open(folder, NOW, quietLog);
    await book.end(order('write-1'), { state: 'done' }, NOW);
    await book.close();
    appendFileSync(join(folder, 'meta', 'writes.log'), '{"id":"write-2","at":1,"ord');
    const again = await WriteBook.open(folder, NOW, quietLog);
    expect([...again.entries().keys()]).toEqual(['write-1']);
    await again.begin(order('write-3'), NOW);
    await again.close();
    const third = await WriteBook.open(folder, NOW, quietLog);
    expect([...third.entries().keys()]).toEqual(['write-1', 'write-3']);
    await third.close();
  });

  test('a line of the book that a nearly full disk takes in parts is whole, or nothing is begun', async () => {
    const handle = await open(join(folder, 'any'), 'w');
    const proto = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    const whole = proto.write;
    let room = Number.POSITIVE_INFINITY;
    const inParts = async function (this: FileHandle, bytes: Buffer, at = 0, length = 10) {
      const most = Math.min(10, length, room);
      room -= most;
      return whole.call(this, bytes as never, at, most as never);
    };
    const spy = vi.spyOn(proto, 'write').mockImplementation(inParts as never);
    const book = await WriteBook.open(folder, NOW, quietLog);
    await book.begin(order('write-1'), NOW);
    room = 15;
    await expect(book.begin(order('write-2'), NOW)).rejects.toMatchObject({ code: 'journal-write' });
    expect(book.find('write-2')).toBeUndefined();
    room = Number.POSITIVE_INFINITY;
    await book.begin(order('write-3'), NOW);
    spy.mockRestore();
    await book.close();
    const again = await WriteBook.open(folder, NOW, quietLog);
    expect([...again.entries().keys()]).toEqual(['write-1', 'write-3']);
    await again.close();
  });

  test('a switch locks when it is on, and when nobody can read it', async () => {
    const lock = { point: 'boiler/key', when: true };
    const states = [undefined, good(true), good(1), good('off'), bad('no-answer'), good(false)];
    const results = states.map((state) =>
      new WriteLock(folder, lock, () => state).check().then(
        () => 'open',
        (error: { code: string }) => error.code,
      ),
    );
    expect(await Promise.all(results)).toEqual([...Array(5).fill('writes-locked'), 'open']);
    writeFileSync(join(folder, 'writes-locked'), '');
    await expect(new WriteLock(folder, lock, () => good(false)).check()).rejects.toMatchObject({
      code: 'writes-locked',
    });
  });

  test('whoever locks while an order waits for its line is obeyed', async () => {
    const { path, stop, written } = await gateway(undefined, async () =>
      writeFileSync(join(folder, 'writes-locked'), ''),
    );
    expect(await path.take(order('write-1'))).toMatchObject({ state: 'refused', code: 'writes-locked' });
    expect(written()).toBe(0);
    await stop();
  });

  test.each([
    ['is no longer writable', PLANT.replace(', writable: true, min: 0, max: 100', '')],
    ['is another register', PLANT.replace('register: 41', 'register: 42')],
    ['has another range', PLANT.replace('max: 100', 'max: 4')],
    ['is gone', PLANT.replace('setpoint:', 'other:')],
  ])('a point that %s since an order was admitted is not written', async (_, plant) => {
    let configure: (next: string) => Promise<void> = async () => {};
    const { path, stop, written, ...rest } = await gateway(undefined, () => configure(plant));
    ({ configure } = rest);
    expect(await path.take(order('write-1'))).toMatchObject({ state: 'refused', code: 'not-found' });
    expect(written()).toBe(0);
    await stop();
  });

  test.each([
    [undefined, 'clock-uncertain'],
    [{ now: NOW, errorMs: 60_000 }, 'clock-uncertain'],
    [{ now: NOW + 1001, errorMs: 0 }, 'request-expired'],
    [{ now: NOW + 990, errorMs: 50 }, 'clock-uncertain'],
    [{ now: NOW + 900, errorMs: 50 }, undefined],
  ])('expiry on the clock of the hub: %j', (hub, code) => {
    const check = () => checkExpiry(NOW + 1000, hub);
    if (code === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ code }));
  });
});

describe('a twin, step by step', () => {
  const wanted = { version: 3, value: 55.55, enforce: false, by: 'kim', at: 0 };
  const held = afterWrite(freshPoint(wanted), wanted, { state: 'done', readBack: 55.6 });

  test('what the device made of the value is as wanted', () => {
    expect(held).toMatchObject({ state: 'held', taken: 55.6, tries: 1 });
    expect(afterReading(held, { value: 55.6, at: 2 }, undefined)).toBe(held);
  });

  test('one reading that differs is none, two are a drift, and it ends', () => {
    expect(afterReading(held, { value: 40, at: 1 }, undefined).state).toBe('held');
    expect(afterReading(held, { value: 40, at: 1 }, { value: 40, at: 1 }).state).toBe('held');
    const drift = afterReading(held, { value: 40, at: 2 }, { value: 41, at: 1 });
    expect(drift.state).toBe('drift');
    expect(afterReading(drift, { value: 55.6, at: 3 }, undefined).state).toBe('held');
  });

  test('what passes by itself waits, what does not is refused, what is not known stays so', () => {
    const stateAfter = (state: 'refused' | 'failed' | 'unknown', code: 'writes-locked' | 'value-unfit' | 'no-answer') =>
      afterWrite(freshPoint(wanted), wanted, { state, code }).state;
    expect(stateAfter('refused', 'writes-locked')).toBe('waiting');
    expect(stateAfter('failed', 'no-answer')).toBe('waiting');
    expect(stateAfter('refused', 'value-unfit')).toBe('refused');
    expect(stateAfter('unknown', 'no-answer')).toBe('unknown');
  });
});
