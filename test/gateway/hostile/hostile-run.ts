import { type Clock, systemClock } from '../../../core/clock.ts';
import type { FaultCode } from '../../../core/faults.ts';
import { quietLog } from '../../../core/log.ts';
import type { Outcome } from '../../../core/reading.ts';
import { openChannel } from '../../../devices/channels/open-channel.ts';
import type { Answers, Driver } from '../../../devices/driver.ts';
import type { DeviceSpec } from '../../../devices/plant-types.ts';
import { findDriver } from '../../../devices/registry.ts';
import type { PollSink } from '../../../gateway/poll/asker.ts';
import { ChannelPoller } from '../../../gateway/poll/channel-poller.ts';
import { DevicePlan } from '../../../gateway/poll/device-plan.ts';
import { planTasks } from '../../../gateway/poll/task.ts';
import { channelAt, later } from '../../devices/far-end.ts';
import { seeded } from '../../support/mutate.ts';
import { FAULT_KINDS, type Framing } from './fault-kinds.ts';
import { serveHostile } from './hostile-server.ts';
import { RandomDevice } from './random-device.ts';

const TIMEOUT_MS = 60;
/** How long replies are spoilt. */
const HOSTILE_MS = 1000;
/** From then on every reply is right; within this every point must be. */
const HEALS_WITHIN_MS = 8000;
/** A register that the device has refused by itself is asked for again after a minute. */
const REFUSED_AGAIN_MS = 61_000;

const REFUSED: readonly (FaultCode | undefined)[] = ['illegal-address', 'illegal-value'];

export interface HostileRun {
  readonly seed: number;
  /** Anything here is a bug. */
  readonly breaches: readonly string[];
  /** Outcomes that were delivered, and of them while replies were spoilt. */
  readonly delivered: number;
  readonly faults: ReadonlyMap<FaultCode, number>;
}

/** The real poller over a real connection to a random line, whose devices answer in random wrong ways for a while and then well. */
export async function runHostile(seed: number, only?: string): Promise<HostileRun> {
  const random = seeded(seed);
  const framing: Framing = random() < 0.4 ? 'modbus-rtu' : 'modbus-tcp';
  const maxInFlight = framing === 'modbus-tcp' && random() < 0.6 ? 4 : 1;
  const devices = Array.from({ length: 2 + Math.floor(random() * 3) }, (_, i) => {
    return new RandomDevice(seed * 10 + i, 4 + i * 5, framing);
  });
  const possible = FAULT_KINDS.filter((kind) => kind.framing === undefined || kind.framing === framing);
  const kinds = possible.filter(({ name }) => (only === undefined ? random() < 0.4 : name === only));
  const chance = 0.1 + random() * 0.6;
  let isHostile = true;
  const nextFault = () => {
    if (!isHostile || random() >= chance) return undefined;
    return kinds[Math.floor(random() * kinds.length)];
  };
  const far = await serveHostile({ framing, devices, timeoutMs: TIMEOUT_MS, random, nextFault });
  const judge = new Judge(devices, new Set([...kinds.flatMap(({ codes }) => codes), 'no-answer', 'line-closed']));

  let skippedMs = 0;
  const clock: Clock = { ...systemClock, ticks: () => systemClock.ticks() + skippedMs };
  const spec = channelAt(far.port, { driver: framing, timeoutMs: TIMEOUT_MS, maxInFlight, silentShare: 0.5 });
  const channel = openChannel(spec, { clock, log: quietLog });
  const driver = judge.watching(findDriver(framing) as Driver);
  const plans = devices.map((each) => new DevicePlan(each.spec, driver, 'here', undefined, clock.ticks()));
  const tasks = plans.flatMap((plan) => planTasks(plan, clock.ticks()));
  const poller = new ChannelPoller({
    ...{ channel, tasks, inFlight: maxInFlight, silentShare: spec.silentShare },
    ...{ sink: judge, clock, onLearnt: () => {} },
  });
  const stopping = new AbortController();
  const done = Promise.all([poller.run(stopping.signal), channel.run(stopping.signal)]);
  await later(HOSTILE_MS);
  isHostile = false;
  // What was asked before may still be spoilt, or late.
  await later(TIMEOUT_MS * 3);
  judge.forget();
  const ill = await judge.untilWell((fault) => !REFUSED.includes(fault));
  let refused = ill;
  // Again where a busy machine made a retry too late.
  for (let minute = 0; minute < 4 && (minute === 0 || refused.length > 0); minute++) {
    skippedMs += REFUSED_AGAIN_MS;
    refused = await judge.untilWell(() => true, HEALS_WITHIN_MS / 4);
  }
  stopping.abort();
  await done;
  await far.stop();
  const how = `${framing}, ${maxInFlight} in flight, ${kinds.map(({ name }) => name).join(', ')}`;
  const breaches = [
    ...judge.breaches,
    ...[...new Set([...ill, ...refused])].map((name) => `${name} did not become well again`),
  ];
  return { ...judge, seed, breaches: breaches.map((breach) => `seed ${seed}: ${breach} (${how})`) };
}

/** Compares all that comes out of the poller with what the devices held. */
class Judge implements PollSink {
  readonly breaches: string[] = [];
  readonly faults = new Map<FaultCode, number>();
  delivered = 0;
  readonly #devices: readonly RandomDevice[];
  readonly #allowed: ReadonlySet<FaultCode>;
  readonly #beganAt = new WeakMap<Answers, number>();
  /** Since `forget`: the fault, or undefined once the point's value has come. */
  readonly #newest = new Map<string, FaultCode | undefined>();

  constructor(devices: readonly RandomDevice[], allowed: ReadonlySet<FaultCode>) {
    this.#devices = devices;
    this.#allowed = allowed;
  }

  /** The driver, and when each of its exchanges began. */
  watching(driver: Driver): Driver {
    return {
      ...driver,
      read: async (...given) => {
        const beganAt = performance.now();
        const answers = await driver.read(...given);
        this.#beganAt.set(answers, beganAt);
        return answers;
      },
    };
  }

  answers({ name, unitId }: DeviceSpec, answers: Answers): void {
    const beganAt = this.#beganAt.get(answers) as number;
    const device = this.#devices.find(({ spec }) => spec.unitId === unitId) as RandomDevice;
    for (const [key, outcome] of answers) {
      this.delivered += 1;
      this.#newest.set(`${name}/${key}`, undefined);
      if (!device.heldSince(beganAt, key, outcome)) this.#breach(name, key, outcome);
    }
  }

  fault({ name }: DeviceSpec, points: readonly string[], fault: FaultCode): void {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
    if (!this.#allowed.has(fault)) this.breaches.push(`${name}: nobody caused ${fault}`);
    for (const key of points) this.#newest.set(`${name}/${key}`, fault);
  }

  away(): void {}

  #breach(name: string, key: string, outcome: Outcome): void {
    this.breaches.push(`${name}/${key} never held ${JSON.stringify(outcome)}`);
  }

  forget(): void {
    for (const [key, fault] of this.#newest) if (!REFUSED.includes(fault)) this.#newest.delete(key);
  }

  /** Names of the points that have not become well in time, of those whose newest fault counts. */
  async untilWell(counts: (fault: FaultCode) => boolean, withinMs = HEALS_WITHIN_MS): Promise<string[]> {
    const names = this.#devices.flatMap(({ spec }) => spec.points.map((point) => `${spec.name}/${point.name}`));
    const giveUpAt = performance.now() + withinMs;
    for (;;) {
      const ill = names.filter((name) => {
        if (!this.#newest.has(name)) return true;
        const fault = this.#newest.get(name);
        return fault !== undefined && counts(fault);
      });
      if (ill.length === 0 || performance.now() > giveUpAt) return ill;
      await later(10);
    }
  }
}
