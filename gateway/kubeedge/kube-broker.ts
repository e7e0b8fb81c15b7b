import { randomBytes } from 'node:crypto';
import mqtt, { type MqttClient } from 'mqtt';
import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import { withoutNumberCache } from '../../core/mqtt-memory.ts';
import { aborted, type Service } from '../../core/service.ts';
import { ANSWER_TOPICS, type AnswerKind, addedOf, answerTopic, deltaOf, expectedOf, refusalOf } from './answers.ts';
import type { BrokerAccess } from './broker-access.ts';
import { placeOf } from './broker-url.ts';
import { type Refusal, Refusals } from './refusals.ts';
import type { KubeReport } from './report-queue.ts';
import type { Road } from './road.ts';
import type { BrokerSettings } from './settings.ts';
import { stateMessage, stateTopic, twinMessage, twinTopic } from './topics.ts';
import { dropUnacknowledged } from './unacknowledged.ts';

const RECONNECT_MS = 5000;
const ANSWER_WITHIN_MS = 5000;
/** Instead of a quality of service [MQTT 3.1.1, 3.9.3]. */
const REFUSED = 128;
/** Nothing that is listened to is longer. */
const MOST_PAYLOAD_BYTES = 1024 * 1024;
/** EdgeHub passes 30 messages a second to the cloud for the whole node: half of that. */
const REPORT_EVERY_MS = 67;
/** The reporter looks a few times a second: what it could have sent since its last look it may send. */
const LOOK_BACK_MS = 1000;

/** What others of us do with what is heard there. */
export interface BrokerListener {
  /** EdgeCore holds this as wanted of a device, by property. */
  readonly wanted?: (id: string, wanted: Readonly<Record<string, string>>) => void;
  /** EdgeCore has begun to know these devices: what they were told before it dropped. */
  readonly added?: (ids: readonly string[]) => void;
  /** Another topic that is listened to, with `+` for any level. */
  readonly topic?: string;
  readonly heard?: (topic: string, message: Heard) => void;
}

export interface Heard {
  readonly payload: Buffer;
  readonly dup: boolean;
  readonly retain: boolean;
}

export interface BrokerDeps {
  readonly access?: BrokerAccess;
  readonly clock: Clock;
  readonly log: Log;
}

/** The MQTT broker of the node: what EdgeCore answers, and, where wanted, the way of the reports. */
export class KubeBroker implements Service, Road {
  readonly name = 'kubeedge-broker';
  readonly gapMs: number;
  readonly #settings: BrokerSettings;
  readonly #access: BrokerAccess;
  /** In logs and faults. */
  readonly #place: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #refusals = new Refusals();
  #client: MqttClient | undefined;
  #isOpen = false;
  /** Why it is away. */
  #fault: string | undefined;
  /** What it does not let us do. */
  #denied: string | undefined;
  #nextTicks = 0;
  readonly #onOpen: (() => void)[] = [];
  readonly #listeners: BrokerListener[] = [];

  constructor(settings: BrokerSettings, { access = {}, clock, log }: BrokerDeps) {
    this.#settings = settings;
    this.#access = access;
    this.#place = placeOf(settings.url);
    this.gapMs = settings.every;
    this.#clock = clock;
    this.#log = log;
  }

  async run(signal: AbortSignal): Promise<void> {
    withoutNumberCache();
    const client = mqtt.connect(this.#settings.url, {
      clientId: `sluice-${randomBytes(5).toString('hex')}`,
      ...this.#access,
      reconnectPeriod: RECONNECT_MS,
      // A password may be put right, and a broker begin before its list of users.
      reconnectOnConnackError: true,
      connectTimeout: RECONNECT_MS,
      // What EdgeCore said while we were away is no news any more; what we say is made anew.
      ...{ clean: true, queueQoSZero: false, resubscribe: true },
    });
    this.#client = client;
    client.on('connect', () => this.#opened(client));
    client.on('close', () => {
      this.#closed();
      dropUnacknowledged(client);
    });
    client.on('error', (error) => this.#closed(error.message));
    client.on('message', (topic, payload, { dup, retain }) => this.#heard(topic, { payload, dup, retain }));
    await aborted(signal);
    await client.endAsync(true);
  }

  /** Why it is away, or what it refuses although it is there. */
  get fault(): string | undefined {
    return this.#fault ?? this.#denied;
  }

  /** By device; the id is empty where EdgeCore could not read of which one it was. */
  refusals(): ReadonlyMap<string, Refusal> {
    return this.#refusals.list(this.#clock.now());
  }

  listen(listener: BrokerListener): void {
    this.#listeners.push(listener);
  }

  isOpen(): boolean {
    return this.#isOpen;
  }

  onOpen(listener: () => void): void {
    this.#onOpen.push(listener);
  }

  may(ticks: number): boolean {
    return ticks >= this.#nextTicks;
  }

  /** What could not go while nothing had to does not pile up. */
  take(ticks: number): void {
    this.#nextTicks = Math.max(this.#nextTicks + REPORT_EVERY_MS, ticks - LOOK_BACK_MS);
  }

  async send(report: KubeReport): Promise<void> {
    const [event, at] = [randomBytes(8).toString('hex'), this.#clock.now()];
    if (report.kind === 'state') await this.publish(stateTopic(report.id), stateMessage(event, at, report.state));
    else await this.publish(twinTopic(report.id), twinMessage(event, at, report.twins));
  }

  /** Throws Fault edge-broker. */
  async publish(topic: string, payload: string): Promise<void> {
    const client = this.#client;
    if (!this.#isOpen || client === undefined) throw new Fault('edge-broker', this.#place);
    await new Promise<void>((resolve, reject) => {
      const cancel = this.#clock.after(ANSWER_WITHIN_MS, () => {
        reject(new Fault('edge-broker', 'it does not acknowledge'));
        dropUnacknowledged(client);
      });
      client.publish(topic, payload, { qos: 1 }, (cause) => {
        cancel();
        if (cause) reject(new Fault('edge-broker', cause.message, { cause }));
        else resolve();
      });
    });
  }

  #opened(client: MqttClient): void {
    this.#isOpen = true;
    this.#fault = undefined;
    this.#denied = undefined;
    this.#log.info({ broker: this.#place }, 'the broker of the node is there');
    for (const topic of [...ANSWER_TOPICS, ...this.#listeners.flatMap((listener) => listener.topic ?? [])])
      client.subscribe(topic, { qos: 1 }, (error, granted = []) => {
        // What is lost with the connection is asked for again with the next.
        if (client.connected && (error || granted.some(({ qos }) => qos >= REFUSED))) this.#isDenied(topic);
      });
    for (const listener of this.#onOpen) listener();
  }

  #isDenied(topic: string): void {
    this.#denied ??= `it refuses the subscription to ${topic}`;
    this.#log.warn({ broker: this.#place, topic }, 'the broker of the node refuses a subscription');
  }

  /** That it is closed says less than why. */
  #closed(why?: string): void {
    if (this.#fault === undefined) this.#log.warn({ broker: this.#place, why }, 'the broker of the node is not there');
    this.#isOpen = false;
    this.#fault = (why ?? this.#fault ?? 'the connection is closed').slice(0, 300);
  }

  #heard(topic: string, message: Heard): void {
    if (message.payload.length > MOST_PAYLOAD_BYTES) return;
    const answer = answerTopic(topic);
    if (answer === undefined) {
      for (const listener of this.#listeners) if (matches(topic, listener.topic)) listener.heard?.(topic, message);
      return;
    }
    const text = message.payload.toString();
    if (answer.kind === 'members') this.#added(addedOf(text));
    else this.#answered(answer.id, answer.kind, text);
  }

  #added(ids: readonly string[]): void {
    for (const id of ids) this.#refusals.forget(id);
    if (ids.length > 0) for (const { added } of this.#listeners) added?.(ids);
  }

  #answered(id: string, kind: AnswerKind, text: string): void {
    const wanted = kind === 'twin/update/delta' ? deltaOf(text) : kind === 'twin/get/result' ? expectedOf(text) : {};
    if (Object.keys(wanted).length > 0) for (const listener of this.#listeners) listener.wanted?.(id, wanted);
    if (kind === 'twin/update/delta') return;
    const refusal = refusalOf(text);
    const isFirst = this.#refusals.heard(id, kind, refusal && { ...refusal, at: this.#clock.now() });
    if (isFirst) this.#log.warn({ object: id, kind, ...refusal }, 'EdgeCore refuses what it is told of a device');
  }
}

function matches(topic: string, filter: string | undefined): boolean {
  const [levels, wanted] = [topic.split('/'), filter?.split('/')];
  return wanted?.length === levels.length && wanted.every((level, i) => level === '+' || level === levels[i]);
}
