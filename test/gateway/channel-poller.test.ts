import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import type { Outcome } from '../../core/reading.ts';
import { openChannel } from '../../devices/channels/open-channel.ts';
import type { Driver } from '../../devices/driver.ts';
import { modbusAddress } from '../../devices/modbus/address.ts';
import type { ChannelSpec, DeviceSpec, Rhythm } from '../../devices/plant-types.ts';
import { findDriver } from '../../devices/registry.ts';
import { ChannelPoller, type PollSink } from '../../gateway/poll/channel-poller.ts';
import { planTasks } from '../../gateway/poll/task.ts';
import { channelAt, farEnd, later, tcpAnswer } from '../devices/far-end.ts';
import { plantOf, point } from '../support/plant.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type RhythmOf = (register: number) => Rhythm;

/** Points so far apart that each is a request of its own. */
const REGISTERS = [100, 200, 300];

function device(unitId: number, rhythmOf: RhythmOf): DeviceSpec {
  const points = REGISTERS.map((register) =>
    point(`p${register}`, {
      address: modbusAddress.parse({ table: 'holding', register, type: 'uint16' }),
      rhythm: rhythmOf(register),
    }),
  );
  return plantOf(points, { name: `d${unitId}`, unitId }).devices[0] as DeviceSpec;
}

/** Polls devices 1 and 2 on one line, where `silent` says which requests are left unanswered. */
async function poll(
  silent: (unit: number, register: number) => boolean,
  more: Partial<ChannelSpec> = {},
  rhythmOf: RhythmOf = () => ({ everyMs: 60 }),
) {
  const asked: string[] = [];
  const far = await farEnd((socket) =>
    socket.on('data', (bytes: Buffer) => {
      for (let at = 0; at + 12 <= bytes.length; at += 12) {
        const request = bytes.subarray(at, at + 12);
        const [unit, register] = [request[6] as number, request.readUInt16BE(8)];
        asked.push(`${unit}/${register}`);
        if (!silent(unit, register)) socket.write(tcpAnswer(request));
      }
    }),
  );
  cleanups.push(far.stop);
  const newest = new Map<string, Outcome>();
  const moves: string[] = [];
  const sink: PollSink = {
    answers: ({ name }, answers) => {
      for (const [key, outcome] of answers) newest.set(`${name}/${key}`, outcome);
    },
    fault: ({ name }, points, fault) => {
      for (const key of points) newest.set(`${name}/${key}`, { quality: 'bad', fault });
    },
    away: ({ name }, fault) => void moves.push(`${name} ${fault}`),
  };
  const spec = channelAt(far.port, { driver: 'modbus-tcp', timeoutMs: 20, ...more });
  const channel = openChannel(spec, { clock: systemClock, log: quietLog });
  const tasks = [device(1, rhythmOf), device(2, rhythmOf)].flatMap((each) =>
    planTasks(each, findDriver('modbus-tcp') as Driver, systemClock.ticks()),
  );
  const poller = new ChannelPoller(channel, tasks, spec.maxInFlight, sink, systemClock);
  const [stopPoller, stopChannel] = [new AbortController(), new AbortController()];
  const done = Promise.all([poller.run(stopPoller.signal), channel.run(stopChannel.signal)]);
  const stop = async () => {
    stopPoller.abort();
    stopChannel.abort();
    await done;
  };
  cleanups.push(stop);
  return { newest, moves, asked, stop };
}

const good = (value: number) => ({ quality: 'good', value });
const NO_ANSWER = { quality: 'bad', fault: 'no-answer' };

test.each([100, 200, 300])('register %i, left unanswered, hides no other and no device', async (dead) => {
  const { newest, moves } = await poll((unit, register) => unit === 1 && register === dead);
  await later(900);
  for (const register of REGISTERS) {
    expect(newest.get(`d1/p${register}`)).toEqual(register === dead ? NO_ANSWER : good(register));
    expect(newest.get(`d2/p${register}`)).toEqual(good(register));
  }
  expect(moves).toEqual([]);
});

test('a device that comes back is found, also by another request than the first', async () => {
  let isOff = true;
  const { newest, moves, asked } = await poll((unit, register) => unit === 1 && (isOff || register === 100));
  await later(700);
  expect(newest.get('d1/p300')).toEqual(NO_ANSWER);
  expect(newest.get('d2/p300')).toEqual(good(300));
  expect(new Set(moves)).toEqual(new Set(['d1 no-answer']));
  // Three rounds of two questions, then one question now and then: the line is for those that answer.
  expect(asked.filter((request) => request.startsWith('1/')).length).toBeLessThan(12);
  isOff = false;
  await expect.poll(() => newest.get('d1/p300'), { timeout: 5000 }).toEqual(good(300));
  expect(newest.get('d1/p100')).toEqual(NO_ANSWER);
});

test('a stop waits for no answer and makes no fault of what it broke off', async () => {
  const { newest, moves, stop } = await poll(() => true, { timeoutMs: 30_000 });
  await later(100);
  const began = performance.now();
  await stop();
  expect(performance.now() - began).toBeLessThan(500);
  expect([newest.size, moves]).toEqual([0, []]);
});

test('what is read once is read once, and again when the device has been away', async () => {
  let isOff = false;
  const { asked, newest } = await poll(
    (unit) => unit === 1 && isOff,
    {},
    (register) => (register === 100 ? { once: true } : { everyMs: 60 }),
  );
  const times = () => asked.filter((place) => place === '1/100').length;
  await later(400);
  expect(newest.get('d1/p100')).toEqual(good(100));
  expect(times()).toBe(1);
  expect(asked.filter((place) => place === '1/200').length).toBeGreaterThan(3);
  isOff = true;
  await later(300);
  isOff = false;
  await later(900);
  expect(times()).toBe(2);
});
