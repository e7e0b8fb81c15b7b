import { randomBytes } from 'node:crypto';
import type { connect, MqttClient } from 'mqtt';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import { withoutNumberCache } from '../../core/mqtt-memory.ts';
import { aborted, type Service } from '../../core/service.ts';
import type { DeviceState } from '../intake.ts';
import type { PointState } from '../point-state.ts';
import { brokerUrl, placeOf } from './broker-url.ts';
import { cycleMs, DEFAULT_CYCLE_MS } from './dialect.ts';
import type { KubeEntry } from './kube-plant.ts';
import type { Push } from './objects.ts';
import { dropUnacknowledged } from './unacknowledged.ts';

const LOOK_EVERY_MS = 200;
/** Brokers that Device objects may name, all together. */
const MOST_BROKERS = 16;
const RECONNECT_MS = 5000;
/** Not acknowledged for so long, and it is taken back. */
const ACKNOWLEDGED_WITHIN_MS = 10_000;
const NO_BROKER = 'that is no address of an MQTT broker, such as tcp://10.0.0.1:1883';
const NOT_YET = 'not connected yet';
const MOST_WHY = 300;
const MOST_SHOWN = 80;
/** [MQTT 3.1.1, 1.5.3]; a longer one throws. */
const MOST_TOPIC_BYTES = 65_535;

export interface PushDeps {
  readonly entries: () => readonly KubeEntry[];
  readonly devices: () => ReadonlyMap<string, DeviceState>;
  readonly clock: Clock;
  readonly log: Log;
}

/** `pushMethod.mqtt` of properties: their newest reading, each report cycle, to the broker and topic that the object names. */
export class MqttPush implements Service {
  readonly name = 'kubeedge-push';
  readonly counts = { sent: 0, failed: 0 };
  readonly #deps: PushDeps;
  readonly #brokers = new Map<string, Broker>();
  /** MQTT's, loaded once an object wants it. */
  #connect: typeof connect | undefined;
  /** By property, of what is not pushed. */
  readonly #failures = new Map<string, { readonly id: string; readonly why: string; readonly reason: string }>();
  /** When each property is due. */
  #due = new Map<string, number>();

  constructor(deps: PushDeps) {
    this.#deps = deps;
  }

  /** By object, what of it is not pushed and why. */
  get problems(): ReadonlyMap<string, string> {
    const problems = new Map<string, string>();
    for (const { id, why } of this.#failures.values())
      problems.set(id, [problems.get(id) ?? [], why].flat().join('; '));
    return problems;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    let cancel: () => void = () => {};
    const look = async () => {
      if (this.#connect === undefined && this.#isWanted()) {
        withoutNumberCache();
        this.#connect = (await import('mqtt')).default.connect;
      }
      if (signal.aborted) return;
      this.#look();
      cancel = clock.after(LOOK_EVERY_MS, look);
    };
    await look();
    await aborted(signal);
    cancel();
    await Promise.allSettled([...this.#brokers.values()].map(({ client }) => client.endAsync(true)));
  }

  #isWanted(): boolean {
    return this.#deps.entries().some(({ object }) => object.properties.some(({ push }) => push !== undefined));
  }

  #look(): void {
    const { entries, devices } = this.#deps;
    const due = new Map<string, number>();
    const addresses = new Set<string>();
    for (const { id, device, points, object } of entries()) {
      const state = device && devices().get(device.name);
      for (const { name, push, reportCycle } of object.properties) {
        if (push === undefined) continue;
        addresses.add(push.address);
        const point = state?.points.get(points.get(name) ?? '');
        if (point?.newest !== undefined && this.#isDue(`${id}/${name}`, reportCycle, due))
          this.#publish({ id, name, push }, messageOf(id, name, point));
      }
    }
    this.#due = due;
    for (const key of this.#failures.keys()) if (!due.has(key)) this.#failures.delete(key);
    this.#letGo(addresses);
  }

  /** `due` takes when it is due next. */
  #isDue(key: string, reportCycle: number, due: Map<string, number>): boolean {
    const ticks = this.#deps.clock.ticks();
    const at = this.#due.get(key) ?? ticks;
    const cycle = cycleMs(reportCycle);
    due.set(key, at > ticks ? at : Math.max(at + ('ms' in cycle ? cycle.ms : DEFAULT_CYCLE_MS), ticks));
    return at <= ticks;
  }

  #publish(pushed: Pushed, message: object): void {
    const { id, name, push } = pushed;
    const key = `${id}/${name}`;
    const broker = this.#broker(push.address);
    if (typeof broker === 'string') {
      this.#failed(pushed, broker);
      return;
    }
    const ticks = this.#deps.clock.ticks();
    takeBackLate(broker, ticks);
    const problem = problemOf(broker, key, push.topic);
    if (problem !== undefined) {
      this.#failed(pushed, problem);
      return;
    }
    const { client, underWay } = broker;
    underWay.set(key, ticks);
    const options = { qos: push.qos === 2 ? 2 : push.qos === 1 ? 1 : 0, retain: push.retained } as const;
    client.publish(push.topic, JSON.stringify(message), options, (error) => {
      underWay.delete(key);
      if (error) this.#failed(pushed, 'the broker did not acknowledge it');
      else this.#worked(key);
    });
  }

  #worked(key: string): void {
    this.counts.sent += 1;
    this.#failures.delete(key);
  }

  #failed({ id, name, push }: Pushed, reason: string): void {
    this.counts.failed += 1;
    const key = `${id}/${name}`;
    const [place, topic] = [placeOf(push.address), push.topic].map((text) => text.slice(0, MOST_SHOWN));
    const why = `${name}: not pushed to ${place}, \`${topic}\`: ${reason}`.slice(0, MOST_WHY);
    // Every connection takes a moment; who waits for one is not worth a word.
    if (reason !== NOT_YET && this.#failures.get(key)?.reason !== reason)
      this.#deps.log.warn({ object: id, why }, 'a push of a property fails');
    this.#failures.set(key, { id, why, reason });
  }

  /** One connection for each broker, kept; or why there is none. */
  #broker(address: string): Broker | string {
    const known = this.#brokers.get(address);
    if (known) return known;
    const url = brokerUrl(address);
    if (url === undefined) return NO_BROKER;
    if (this.#brokers.size >= MOST_BROKERS) return `Device objects name more than ${MOST_BROKERS} brokers`;
    if (this.#connect === undefined) return NOT_YET;
    const { log } = this.#deps;
    const client = opened(this.#connect, url);
    if (client === undefined) return NO_BROKER;
    const broker: Broker = { client, underWay: new Map(), why: NOT_YET };
    client.on('connect', () => log.info({ broker: placeOf(address) }, 'pushing to a broker of Device objects'));
    client.on('error', ({ message }) => {
      broker.why = message;
    });
    client.on('close', () => {
      dropUnacknowledged(client);
      broker.underWay.clear();
    });
    this.#brokers.set(address, broker);
    return broker;
  }

  #letGo(wanted: ReadonlySet<string>): void {
    for (const [address, { client }] of this.#brokers) {
      if (wanted.has(address)) continue;
      this.#brokers.delete(address);
      client.end(true);
    }
  }
}

interface Broker {
  readonly client: MqttClient;
  /** By property, since when its last message waits for an acknowledgement. */
  readonly underWay: Map<string, number>;
  /** What the last attempt to connect came to. */
  why: string;
}

interface Pushed {
  /** Of the object. */
  readonly id: string;
  /** Of the property. */
  readonly name: string;
  readonly push: Push;
}

/** Whatever an object names as its broker, it ends nothing. */
function opened(open: typeof connect, url: string): MqttClient | undefined {
  try {
    return open(url, {
      clientId: `sluice-push-${randomBytes(5).toString('hex')}`,
      ...{ reconnectPeriod: RECONNECT_MS, connectTimeout: RECONNECT_MS, queueQoSZero: false },
    });
  } catch {
    return undefined;
  }
}

/** Why nothing can be published there now. */
function problemOf({ client, underWay, why }: Broker, key: string, topic: string): string | undefined {
  if (topic === '' || /[+#\0]/.test(topic) || Buffer.byteLength(topic) > MOST_TOPIC_BYTES)
    return 'nothing is published on such a topic';
  if (!client.connected) return why;
  // Of each property one is under way: what waits behind it is overtaken by the next one.
  return underWay.has(key) ? 'the broker has not acknowledged the one before' : undefined;
}

/** From a broker that hangs. */
function takeBackLate({ client, underWay }: Broker, ticks: number): void {
  const [oldest = ticks] = underWay.values();
  if (ticks - oldest > ACKNOWLEDGED_WITHIN_MS) dropUnacknowledged(client);
}

function messageOf(device: string, property: string, { newest, newestAt, spec }: PointState): object {
  const unit = spec.unit === undefined ? {} : { unit: spec.unit };
  const value = newest?.quality === 'good' ? { value: newest.value } : { value: null, fault: newest?.fault };
  return { device, property, at: newestAt, ...value, ...unit, quality: newest?.quality };
}
