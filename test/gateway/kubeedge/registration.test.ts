import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fault } from '../../../core/faults.ts';
import { quietLog } from '../../../core/log.ts';
import type { DmiClient } from '../../../gateway/kubeedge/dmi-client.ts';
import { DmiRoad } from '../../../gateway/kubeedge/dmi-road.ts';
import type { KubeDevices, ListNews } from '../../../gateway/kubeedge/kube-devices.ts';
import { Registration } from '../../../gateway/kubeedge/registration.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const NOTHING: ListNews = { fresh: [], changed: [], gone: [], missing: [] };
const settings = { name: 'sluice', protocols: ['modbus'], socket: '/tmp/none.sock' };

let clock: FakeClock;
let stop: AbortController;
/** What the next calls come to; then they work. */
let answers: (Fault | ListNews)[];
let calls: number;
let forgotten: number;
let mapper: Registration;
let running: Promise<void>;

beforeEach(() => {
  [clock, stop, answers, calls, forgotten] = [new FakeClock(), new AbortController(), [], 0, 0];
  let news = NOTHING;
  const client = {
    register: async () => {
      calls += 1;
      const next = answers.shift() ?? NOTHING;
      if (next instanceof Fault) throw next;
      news = next;
      return { devices: [], models: [] };
    },
    lost: () => new Promise<void>(() => {}),
    close: () => {},
  } as unknown as DmiClient;
  const road = new DmiRoad(client, clock);
  road.onOpen(() => {
    forgotten += 1;
  });
  const devices = { takeList: () => news } as unknown as KubeDevices;
  const server = () => ({ listen: async () => {}, close: async () => {} });
  mapper = new Registration({ settings, client, server, road, devices, clock, log: quietLog });
  running = mapper.run(stop.signal);
});
afterEach(async () => {
  stop.abort();
  await running;
});

const minutes = async (count: number) => {
  for (let second = 0; second < count * 60 + 5; second++) await clock.advance(1000);
};

test('a refusal for too many calls, or one without an answer, is no lost connection: nothing is told again, and a rival stays known', async () => {
  await minutes(0);
  expect([mapper.state.state, forgotten]).toEqual(['registered', 1]);
  answers = [{ ...NOTHING, changed: ['default/a'] }];
  await minutes(1);
  expect(mapper.contested).toEqual(['modbus']);
  answers = [new Fault('edgecore-limit'), new Fault('edgecore-silent'), new Fault('edgecore-silent')];
  const before = calls;
  await minutes(4);
  expect(calls - before).toBeGreaterThanOrEqual(3);
  expect([mapper.state.state, forgotten, mapper.contested]).toEqual(['registered', 1, ['modbus']]);
});

test('what was missing from the first list goes without a word; what goes later has been taken', async () => {
  await minutes(0);
  answers = [
    new Fault('edgecore-unreachable'),
    { ...NOTHING, missing: ['default/a'] },
    { ...NOTHING, missing: ['default/a'], gone: ['default/a'] },
  ];
  await minutes(2.5);
  expect([answers, mapper.contested]).toEqual([[], []]);
  answers = [
    { ...NOTHING, missing: ['default/b'] },
    { ...NOTHING, missing: ['default/b'], gone: ['default/b'] },
  ];
  await minutes(2);
  expect(mapper.contested).toEqual(['modbus']);
});

test('one that does not answer three times hangs, and is told everything once it is back', async () => {
  await minutes(0);
  answers = Array.from({ length: 100 }, () => new Fault('edgecore-silent'));
  await minutes(3.2);
  expect(mapper.state).toMatchObject({ state: 'faulted', fault: 'edgecore-silent' });
  answers = [];
  await minutes(1);
  expect([mapper.state.state, forgotten]).toEqual(['registered', 2]);
});
