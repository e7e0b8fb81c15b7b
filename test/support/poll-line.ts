import type { FaultCode } from '../../core/faults.ts';
import { quietLog } from '../../core/log.ts';
import type { Outcome } from '../../core/reading.ts';
import { openChannel } from '../../devices/channels/open-channel.ts';
import type { Driver } from '../../devices/driver.ts';
import { modbusAddress } from '../../devices/modbus/address.ts';
import type { ChannelSpec, DeviceSpec, Rhythm } from '../../devices/plant-types.ts';
import { findDriver } from '../../devices/registry.ts';
import type { PollSink } from '../../gateway/poll/asker.ts';
import { ChannelPoller } from '../../gateway/poll/channel-poller.ts';
import { DevicePlan, type Learnt } from '../../gateway/poll/device-plan.ts';
import { type PollTask, planTasks } from '../../gateway/poll/task.ts';
import { channelAt, farEnd, later } from '../devices/far-end.ts';
import { livedClock } from './lived-clock.ts';
import { plantOf, point } from './plant.ts';

/** A request as a device behind Modbus TCP sees it. */
export interface Asked {
  readonly unit: number;
  readonly register: number;
  readonly count: number;
  /** Milliseconds of the clock that the line lives by. */
  readonly at: number;
}

/** An answer whose every register holds its own number, an exception code, or silence; after some milliseconds. */
export type Behaviour = (asked: Asked) => { readonly answer: 'values' | 'silence' | number; readonly afterMs?: number };

export function deviceWith(
  unitId: number,
  registers: readonly number[],
  rhythm: number | ((register: number) => Rhythm) = 60,
): DeviceSpec {
  const points = registers.map((register) =>
    point(`p${register}`, {
      address: modbusAddress.parse({ table: 'holding', register, type: 'uint16' }),
      rhythm: typeof rhythm === 'number' ? { everyMs: rhythm } : rhythm(register),
    }),
  );
  return plantOf(points, { name: `d${unitId}`, unitId }).devices[0] as DeviceSpec;
}

/** The real poller over a real connection to devices that behave as the test says. */
export class PolledLine {
  readonly asked: Asked[] = [];
  readonly newest = new Map<string, Outcome>();
  readonly moves: string[] = [];
  readonly poller: ChannelPoller;
  readonly plans: readonly DevicePlan[];
  readonly tasks: readonly PollTask[];
  readonly stop: () => Promise<void>;

  private constructor(
    poller: ChannelPoller,
    plans: readonly DevicePlan[],
    tasks: readonly PollTask[],
    stop: () => Promise<void>,
  ) {
    this.poller = poller;
    this.plans = plans;
    this.tasks = tasks;
    this.stop = stop;
  }

  static async start(
    devices: readonly DeviceSpec[],
    behaviour: Behaviour,
    more: Partial<ChannelSpec> = {},
    learnt?: Learnt,
  ): Promise<PolledLine> {
    const asked: Asked[] = [];
    const far = await farEnd((socket) =>
      socket.on('data', (bytes: Buffer) => {
        for (let at = 0; at + 12 <= bytes.length; at += 12) {
          const request = Buffer.from(bytes.subarray(at, at + 12));
          const [unit, register, count] = [request[6] as number, request.readUInt16BE(8), request.readUInt16BE(10)];
          asked.push({ unit, register, count, at: livedClock.ticks() });
          const { answer, afterMs = 0 } = behaviour(asked.at(-1) as Asked);
          if (answer === 'silence') continue;
          const reply = answer === 'values' ? valuesOf(request, register, count) : exceptionOf(request, answer);
          if (afterMs === 0) socket.write(reply);
          else void later(afterMs).then(() => socket.writable && socket.write(reply));
        }
      }),
    );
    const newest = new Map<string, Outcome>();
    const moves: string[] = [];
    const sink: PollSink = {
      answers: ({ name }, answers) => {
        for (const [key, outcome] of answers) newest.set(`${name}/${key}`, outcome);
      },
      fault: ({ name }, points, fault: FaultCode) => {
        for (const key of points) newest.set(`${name}/${key}`, { quality: 'bad', fault });
      },
      away: ({ name }, fault) => void moves.push(`${name} ${fault}`),
    };
    const spec = channelAt(far.port, { driver: 'modbus-tcp', timeoutMs: 20, ...more });
    const channel = openChannel(spec, { clock: livedClock, log: quietLog });
    const driver = findDriver('modbus-tcp') as Driver;
    const plans = devices.map((each) => new DevicePlan(each, driver, 'here', learnt, livedClock.ticks()));
    const tasks = plans.flatMap((plan) => planTasks(plan, livedClock.ticks()));
    const poller = new ChannelPoller({
      ...{ channel, sink, clock: livedClock, onLearnt: () => {} },
      tasks,
      ...{ inFlight: spec.maxInFlight, silentShare: spec.silentShare },
    });
    const [stopPoller, stopChannel] = [new AbortController(), new AbortController()];
    const done = Promise.all([poller.run(stopPoller.signal), channel.run(stopChannel.signal)]);
    const line = new PolledLine(poller, plans, tasks, async () => {
      stopPoller.abort();
      stopChannel.abort();
      await done;
      await far.stop();
    });
    return Object.assign(line, { asked, newest, moves });
  }

  /** Requests to one unit so far. */
  askedOf(unit: number): Asked[] {
    return this.asked.filter((each) => each.unit === unit);
  }
}

/** The answer of Modbus TCP whose every register holds its own number. */
export function valuesOf(request: Buffer, register: number, count: number): Buffer {
  const reply = Buffer.alloc(9 + 2 * count);
  request.copy(reply, 0, 0, 8);
  reply.writeUInt16BE(3 + 2 * count, 4);
  reply[8] = 2 * count;
  for (let i = 0; i < count; i++) reply.writeUInt16BE(register + i, 9 + 2 * i);
  return reply;
}

/** The answer of Modbus TCP that refuses. */
export function exceptionOf(request: Buffer, code: number): Buffer {
  return Buffer.from([...request.subarray(0, 4), 0, 3, request[6] as number, (request[7] as number) | 0x80, code]);
}
