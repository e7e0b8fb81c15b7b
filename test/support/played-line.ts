import { Fault } from '../../core/faults.ts';
import type { Outcome } from '../../core/reading.ts';
import { aborted } from '../../core/service.ts';
import type { Channel } from '../../devices/channels/channel.ts';
import type { Driver, Line } from '../../devices/driver.ts';
import type { DeviceSpec } from '../../devices/plant-types.ts';
import { findDriver } from '../../devices/registry.ts';
import { ChannelPoller } from '../../gateway/poll/channel-poller.ts';
import { DevicePlan, type Learnt } from '../../gateway/poll/device-plan.ts';
import { planTasks } from '../../gateway/poll/task.ts';
import { FakeClock } from './fake-clock.ts';
import { type Asked, type Behaviour, exceptionOf, valuesOf } from './poll-line.ts';

/** How long an answer takes, if the test does not say. */
const ANSWER_MS = 5;

/** The real poller on a line that is played, as time is: hours of it pass at once when the clock is moved. */
export function playLine(
  devices: readonly DeviceSpec[],
  behaviour: Behaviour,
  { timeoutMs = 1000, silentShare = 0.1, learnt }: { timeoutMs?: number; silentShare?: number; learnt?: Learnt } = {},
) {
  const clock = new FakeClock();
  const asked: Asked[] = [];
  const newest = new Map<string, Outcome>();
  const moves: string[] = [];
  const line: Line = {
    serial: { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 },
    retunable: true,
    tell: async () => {},
    async exchange({ send }) {
      const request = Buffer.from(send);
      const [unit, register, count] = [request[6] as number, request.readUInt16BE(8), request.readUInt16BE(10)];
      const question = { unit, register, count, at: clock.ticks() };
      asked.push(question);
      const { answer, afterMs = ANSWER_MS } = behaviour(question);
      await clock.sleep(answer === 'silence' ? timeoutMs : afterMs);
      if (answer === 'silence') throw new Fault('no-answer', `unit ${unit}`);
      return answer === 'values' ? valuesOf(request, register, count) : exceptionOf(request, answer);
    },
  };
  const plans = devices.map((each) => new DevicePlan(each, findDriver('modbus-tcp') as Driver, 'here', learnt, 0));
  const poller = new ChannelPoller({
    ...{
      channel: channelOf(line),
      tasks: plans.flatMap((plan) => planTasks(plan, 0)),
      inFlight: 1,
      silentShare,
      clock,
    },
    sink: {
      answers: ({ name }, answers) => {
        for (const [key, outcome] of answers) newest.set(`${name}/${key}`, outcome);
      },
      fault: ({ name }, points, fault) => {
        for (const key of points) newest.set(`${name}/${key}`, { quality: 'bad', fault });
      },
      away: ({ name }, fault) => void moves.push(`${name} ${fault}`),
    },
    onLearnt: () => {},
  });
  void poller.run(new AbortController().signal);
  return { clock, asked, newest, moves, plans, poller };
}

/** One lease at a time, in turn. */
function channelOf(line: Line): Channel {
  let free: Promise<unknown> = Promise.resolve();
  return {
    name: 'line',
    state: { state: 'open' },
    lease(work) {
      const done = free.then(() => work(line));
      free = done.catch(() => {});
      return done;
    },
    listen: async function* () {},
    statistics: () => ({ exchanges: 0, faults: 0, bytesIn: 0, bytesOut: 0, busyMs: 0 }),
    run: aborted,
  };
}
