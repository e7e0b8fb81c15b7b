import { connect, type Socket } from 'node:net';
import mqtt from 'mqtt';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { quietLog } from '../../core/log.ts';
import { good } from '../../core/reading.ts';
import type { DeviceSpec } from '../../devices/plant-types.ts';
import { nextCatalogue } from '../../gateway/catalogue.ts';
import { EventBus } from '../../gateway/event-bus.ts';
import { Intake } from '../../gateway/intake.ts';
import { livedClock } from '../support/lived-clock.ts';
import { ownPort, untilOpen } from '../support/own-port.ts';
import { plantOf, point } from '../support/plant.ts';

let port: number;
let abort: AbortController;
let intake: Intake;
let device: DeviceSpec;
let done: Promise<void>;

beforeEach(async () => {
  port = await ownPort();
  const keeper = { reading: () => {}, event: () => {} };
  const plant = plantOf([point('t', { unit: '°C' })]);
  device = plant.devices[0] as DeviceSpec;
  intake = new Intake(plant, nextCatalogue(null, plant, { site: 's', timezone: 'Etc/UTC' }), keeper, livedClock);
  abort = new AbortController();
  done = new EventBus(
    intake,
    { listen: { host: '127.0.0.1', port }, allowWrites: false },
    { take: async () => ({ state: 'done' }) },
    { clock: livedClock, log: quietLog },
  ).run(abort.signal);
  await untilOpen(port);
});

afterEach(async () => {
  abort.abort();
  await done;
});

async function raw(): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

test('a CONNECT that announces 200 MB ends the connection at once and costs no memory', async () => {
  const before = process.memoryUsage();
  const socket = await raw();
  let sent = 0;
  const closed = new Promise((resolve) => socket.once('close', resolve));
  // Type, then 200 MB in the four bytes of a remaining length [MQTT 3.1.1, 2.2.3].
  socket.write(Buffer.from([0x10, 0x80, 0xf0, 0xae, 0x5f]));
  const flood = setInterval(() => {
    if (!socket.destroyed) sent += socket.write(Buffer.alloc(1024 * 1024)) ? 1 : 0;
  }, 1);
  await closed;
  clearInterval(flood);
  const after = process.memoryUsage();
  const grown = after.rss + after.external - before.rss - before.external;
  expect(sent).toBeLessThan(64);
  expect(grown).toBeLessThan(100 * 1024 * 1024);
});

test('a program connects and subscribes; who only connects does not hold up the stop', async () => {
  await raw();
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, connectTimeout: 3000 });
  const [granted] = await client.subscribeAsync('sluice/#');
  expect(granted?.qos).toBe(0);
  const began = livedClock.ticks();
  abort.abort();
  await done;
  expect(livedClock.ticks() - began).toBeLessThan(3000);
  await client.endAsync(true);
});

/** Newest payload of each topic, as a program sees it that comes now. */
async function retained(): Promise<Record<string, unknown>> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, connectTimeout: 3000 });
  const seen: Record<string, unknown> = {};
  client.on('message', (topic, payload, { retain }) => {
    if (!retain) return;
    const { at, ...rest } = JSON.parse(String(payload));
    seen[topic] = rest;
  });
  await client.subscribeAsync('sluice/#');
  await livedClock.sleep(150);
  await client.endAsync(true);
  return seen;
}

const expectRetained = (wanted: Record<string, unknown>) => expect.poll(retained, { timeout: 15_000 }).toEqual(wanted);

test('who comes later finds the newest of each point and device, and a fault without a number', async () => {
  intake.answers(device, new Map([['t', good(20)]]));
  await expectRetained({
    'sluice/boiler/status': { state: 'online' },
    'sluice/boiler/t': { value: 20, unit: '°C', quality: 'good' },
  });
  intake.fault(device, ['t'], 'no-answer');
  intake.away(device, 'no-answer');
  const t = { value: null, unit: '°C', quality: 'bad', fault: 'no-answer' };
  await expectRetained({ 'sluice/boiler/status': { state: 'offline', fault: 'no-answer' }, 'sluice/boiler/t': t });
  intake.away(device, 'port-missing');
  await expectRetained({ 'sluice/boiler/status': { state: 'offline', fault: 'port-missing' }, 'sluice/boiler/t': t });
});

test('a program may publish nothing', async () => {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, connectTimeout: 3000 });
  client.on('error', () => {});
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  client.publish('sluice/boiler/t', '"forged"', { retain: true, qos: 0 });
  await closed;
  // What was kept before this would be told before it.
  intake.away(device, 'no-answer');
  await expectRetained({ 'sluice/boiler/status': { state: 'offline', fault: 'no-answer' } });
});

test('a point that is gone leaves no value behind, and one that stays keeps its own', async () => {
  intake.answers(device, new Map([['t', good(21)]]));
  const boiler = {
    'sluice/boiler/status': { state: 'online' },
    'sluice/boiler/t': { value: 21, unit: '°C', quality: 'good' },
  };
  await expectRetained(boiler);
  const other = plantOf([point('u')], { name: 'other' });
  const plant = { channels: [], devices: [device, ...other.devices] };
  intake.change(plant, nextCatalogue(null, plant, { site: 's', timezone: 'Etc/UTC' }));
  intake.answers(other.devices[0] as DeviceSpec, new Map([['u', good(1)]]));
  const another = { 'sluice/other/status': { state: 'online' }, 'sluice/other/u': { value: 1, quality: 'good' } };
  await expectRetained({ ...boiler, ...another });
  intake.change(other, nextCatalogue(null, other, { site: 's', timezone: 'Etc/UTC' }));
  await expectRetained(another);
});
