import { createServer, type Server, type Socket } from 'node:net';
import { Aedes, type Client, type PublishPacket } from 'aedes';
import { GuardedStream } from '../cloud-sync/protocol/guarded-stream.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { withoutNumberCache } from '../core/mqtt-memory.ts';
import { aborted, isAbort, type Service } from '../core/service.ts';
import type { DeviceState, Intake } from './intake.ts';
import { listenOrExplain } from './listen.ts';
import type { PointState } from './point-state.ts';
import { setTopic, takeBusWrites } from './writes/bus-writes.ts';
import type { WritePath } from './writes/write-path.ts';

/** Changes are told this often; in between, only the newest counts. */
const TELL_EVERY_MS = 250;

/** Programs connect, subscribe and acknowledge; none of that is long. The broker behind has no bound of its own. */
const PACKET_BOUNDS = { first: 4096, most: 64 * 1024 };
const MOST_CONNECTIONS = 100;

export interface EventBusSettings {
  readonly listen: { readonly host: string; readonly port: number };
  readonly allowWrites: boolean;
}

/** An MQTT broker for programs on the gateway: each point's newest reading, retained, under `sluice/{device}/{point}`. */
export class EventBus implements Service {
  readonly name = 'event-bus';
  readonly #intake: Intake;
  readonly #settings: EventBusSettings;
  readonly #writes: Pick<WritePath, 'take'>;
  readonly #clock: Clock;
  readonly #log: Log;
  /** What was said of each device last. */
  #told = new Map<DeviceState, string>();
  /** What the broker keeps for who comes later. */
  readonly #kept = new Set<string>();
  #seen: Intake['devices'] | undefined;

  constructor(
    intake: Intake,
    settings: EventBusSettings,
    writes: Pick<WritePath, 'take'>,
    { clock, log }: { readonly clock: Clock; readonly log: Log },
  ) {
    this.#intake = intake;
    this.#settings = settings;
    this.#writes = writes;
    this.#clock = clock;
    this.#log = log;
  }

  async run(signal: AbortSignal): Promise<void> {
    const broker = await createBroker(this.#settings.allowWrites);
    if (this.#settings.allowWrites) takeBusWrites(broker, this.#writes);
    const sockets = new Set<Socket>();
    const server = createServer({ noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      broker.handle(new GuardedStream(socket, PACKET_BOUNDS).on('error', () => {}));
    });
    server.maxConnections = MOST_CONNECTIONS;
    try {
      if (!(await listenOrExplain(server, this.#settings.listen, 'event bus', this.#log))) await aborted(signal);
      while (!signal.aborted) {
        await this.#tell(broker);
        await this.#clock.sleep(TELL_EVERY_MS, signal);
      }
    } catch (error) {
      if (!isAbort(error, signal)) throw error;
    } finally {
      await closeAll(broker, server, sockets);
    }
  }

  async #tell(broker: Aedes): Promise<void> {
    const { devices } = this.#intake;
    if (this.#seen !== devices) await this.#forget(broker, devices);
    this.#seen = devices;
    for (const device of devices.values()) {
      await this.#tellState(broker, device);
      for (const point of device.points.values()) {
        if (!point.untold) continue;
        point.untold = false;
        await this.#publish(broker, `sluice/${device.spec.name}/${point.spec.name}`, toMessage(point));
      }
    }
  }

  async #tellState(broker: Aedes, device: DeviceState): Promise<void> {
    const state = `${device.online} ${device.fault}`;
    if (device.online === undefined || this.#told.get(device) === state) return;
    this.#told.set(device, state);
    await this.#publish(broker, `sluice/${device.spec.name}/status`, {
      state: device.online ? 'online' : 'offline',
      ...(device.fault ? { fault: device.fault } : {}),
    });
  }

  #publish(broker: Aedes, topic: string, message: object): Promise<void> {
    this.#kept.add(topic);
    return publish(broker, topic, JSON.stringify(message));
  }

  /** What is no longer there leaves no value behind: an empty message takes the kept one away [MQTT 3.1.1, 3.3.1.3]. */
  async #forget(broker: Aedes, devices: Intake['devices']): Promise<void> {
    const there = new Set(
      [...devices.values()].flatMap(({ spec: { name, points } }) =>
        ['status', ...points.map((point) => point.name)].map((last) => `sluice/${name}/${last}`),
      ),
    );
    this.#told = new Map([...this.#told].filter(([device]) => devices.get(device.spec.name) === device));
    for (const topic of this.#kept) {
      if (there.has(topic)) continue;
      this.#kept.delete(topic);
      await publish(broker, topic, '');
    }
  }
}

function toMessage({ newest, newestAt, spec }: PointState): object {
  const unit = spec.unit === undefined ? {} : { unit: spec.unit };
  if (newest?.quality === 'good') return { at: newestAt, value: newest.value, ...unit, quality: 'good' };
  return { at: newestAt, value: null, ...unit, quality: 'bad', fault: newest?.fault };
}

/** Programs may read everything below `sluice/` and write nothing, or the `set` topics of points alone. */
function createBroker(allowWrites: boolean): Promise<Aedes> {
  withoutNumberCache();
  return Aedes.createBroker({
    drainTimeout: 5000,
    connectTimeout: 10_000,
    authorizePublish: (client, packet, done) => done(whyNoPublish(client, packet, allowWrites)),
    authorizeSubscribe: (_client, subscription, done) =>
      done(null, subscription.topic.startsWith('sluice/') || subscription.topic === '#' ? subscription : null),
  });
}

/** A will comes when its program is gone, a kept message whenever somebody subscribes: neither may move a machine. */
function whyNoPublish(
  client: Client | null,
  { topic, retain }: Pick<PublishPacket, 'topic' | 'retain'>,
  allowWrites: boolean,
): Error | null {
  if (client === null) return new Error('no wills');
  if (!allowWrites || setTopic(topic) === undefined) return new Error('read-only');
  return retain ? new Error('a write is not kept') : null;
}

function publish(broker: Aedes, topic: string, payload: string): Promise<void> {
  return new Promise((resolve, reject) => {
    broker.publish({ cmd: 'publish', topic, payload, qos: 0, retain: true, dup: false }, (error) =>
      error ? reject(error) : resolve(),
    );
  });
}

function closeAll(broker: Aedes, server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    broker.close(() => {
      server.close(() => resolve());
      // Those that never said who they are, the broker does not know.
      for (const socket of sockets) socket.destroy();
    });
  });
}
