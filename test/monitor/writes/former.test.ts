import { afterEach, beforeEach, expect, test } from 'vitest';
import type { WriteOutcome } from '../../../cloud-sync/protocol/writes.ts';
import type { KnownPoint } from '../../../monitor/points.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { startHub, type TestHub } from '../support/hub.ts';

const PLACE = 'boiler/setpoint';
const entry = { device: 'boiler', point: 'setpoint', writable: true, retired: false, kind: 'number' };
const point = { id: `g/${PLACE}`, gateway: 'g', entry } as unknown as KnownPoint;

let clock: FakeClock;
let hub: TestHub;
beforeEach(async () => {
  clock = new FakeClock();
  hub = await startHub({ clock });
});
afterEach(() => hub.stop());

const wants = (value: number, enforce = false) =>
  hub.writes.changeTwin(
    { gateway: 'g', points: new Map([[PLACE, { value, enforce }]]), from: undefined, by: 'kim' },
    () => point,
  );
const command = async (value: number, isThere = true) =>
  (await hub.writes.command({ point, value, expiresIn: 60_000, by: 'lee', isThere })).id;
const ends = (id: string, outcome: WriteOutcome) => hub.writes.wrote('g', id, outcome);
const wanted = async () => (await hub.writes.twins('g')).wanted.document.points[PLACE];

test.each<WriteOutcome>([
  { state: 'refused', code: 'value-changed' },
  { state: 'refused', code: 'writes-locked' },
  { state: 'failed', code: 'no-answer' },
])('what was wanted before a command that ends %j is wanted again, under its old version', async (outcome) => {
  await wants(50, true);
  const before = await wanted();
  const id = await command(60);
  expect(await wanted()).toMatchObject({ value: 60, version: 2, command: id });
  await ends(id, outcome);
  expect(await wanted()).toEqual(before);
  expect((await hub.writes.twins('g')).wanted.version).toBe(3);
});

test.each<WriteOutcome>([
  { state: 'done' },
  { state: 'unknown', code: 'write-unknown' },
  { state: 'failed', code: 'write-differs' },
])('what a command wrote or may have written stays wanted: %j', async (outcome) => {
  await wants(50);
  const id = await command(60);
  await ends(id, outcome);
  expect(await wanted()).toMatchObject({ value: 60, command: id });
});

test('a command that expires while the gateway is away wants nothing when it returns', async () => {
  await wants(50, true);
  const before = await wanted();
  await command(60, false);
  await clock.advance(61_000);
  expect(await hub.writes.sending('g', 'a')).toEqual([]);
  expect(await wanted()).toEqual(before);
});

test('of two commands that write nothing neither comes back, in whatever order they end', async () => {
  await wants(50);
  const before = await wanted();
  for (const isTurned of [false, true]) {
    const ids = [await command(60), await command(70)];
    for (const id of isTurned ? ids.reverse() : ids) await ends(id, { state: 'refused', code: 'write-rate' });
    expect(await wanted()).toEqual(before);
  }
});

test('what somebody wants meanwhile is left alone', async () => {
  await wants(50);
  const id = await command(60);
  await wants(55);
  await ends(id, { state: 'failed', code: 'no-answer' });
  expect(await wanted()).toMatchObject({ value: 55, version: 3 });
  await hub.writes.changeTwin(
    { gateway: 'g', points: new Map([[PLACE, null]]), from: undefined, by: 'kim' },
    () => point,
  );
  await ends(await command(60), { state: 'failed', code: 'no-answer' });
  expect(await wanted()).toBeUndefined();
});
