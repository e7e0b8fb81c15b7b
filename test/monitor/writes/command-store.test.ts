import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StoredCommand } from '../../../monitor/writes/command.ts';
import { toCommand } from '../../../monitor/writes/command.ts';
import { CommandStore } from '../../../monitor/writes/command-store.ts';
import { TwinStore } from '../../../monitor/writes/twin-store.ts';
import { WriteDesk } from '../../../monitor/writes/write-desk.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { startHub, type TestHub } from '../support/hub.ts';

const NOW = 1_800_000_000_000;
const command = (id: string, state: StoredCommand['state']): StoredCommand => ({
  ...{ id, gateway: 'g', point: 'boiler/setpoint', value: 5, by: 'kim', madeAt: NOW, expires: NOW + 60_000, state },
});

let hub: TestHub;
let store: CommandStore;
beforeEach(async () => {
  hub = await startHub();
  store = new CommandStore(hub.database);
});
afterEach(() => hub.stop());

/** The ids that go to a process of the gateway, those that it must not begin in brackets. */
const sentTo = async (process: string) =>
  (await store.sending('g', process, NOW)).map((each) => (toCommand(each, process).again ? `(${each.id})` : each.id));

test('a command is begun by the process that got it first, and by no other', async () => {
  await store.add(command('away', 'pending'), async () => {});
  await store.add(command('there', 'sent'), async () => {});
  expect(await sentTo('a')).toEqual(['away', 'there']);
  expect(await sentTo('a')).toEqual(['away', 'there']);
  expect([await store.waiting(NOW), await store.waiting(NOW + 120_000)]).toEqual([2, 2]);
  await store.add(command('later', 'pending'), async () => {});
  expect([await store.waiting(NOW), await store.waiting(NOW + 120_000)]).toEqual([3, 2]);
  expect(await sentTo('b')).toEqual(['(away)', '(there)', 'later']);
  expect(await sentTo('a')).toEqual(['away', 'there', '(later)']);
});

test('of what was sent before this release nobody knows to whom', async () => {
  await store.add(command('old', 'sent'), async () => {});
  await store.add(command('waits', 'pending'), async () => {});
  await hub.database.write((connection) => connection.run("UPDATE commands SET sent_to = ''"));
  expect(await sentTo('a')).toEqual(['(old)', 'waits']);
});

test('a list of one state holds what is in it now, whatever was stored', async () => {
  const desk = new WriteDesk({
    ...{ commands: store, twins: new TwinStore(hub.database), changed: () => {} },
    clock: new FakeClock(NOW + 61_000),
  });
  await store.add(command('late', 'pending'), async () => {});
  await store.add({ ...command('waits', 'pending'), expires: NOW + 120_000 }, async () => {});
  await store.add({ ...command('lost', 'sent'), expires: NOW - 400 * 86_400_000 }, async () => {});
  await store.add(command('there', 'sent'), async () => {});
  const idsOf = async (state: StoredCommand['state']) => {
    const listed = await desk.list({ state }, 100);
    expect(listed.every((each) => each.state === state)).toBe(true);
    return listed.map(({ id }) => id);
  };
  expect(await idsOf('pending')).toEqual(['waits']);
  expect(await idsOf('expired')).toEqual(['late']);
  expect(await idsOf('sent')).toEqual(['there']);
  expect(await idsOf('unknown')).toEqual(['lost']);
});
