import { createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { GuardedStream } from '../cloud-sync/protocol/guarded-stream.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { aborted, isAbort, type Service } from '../core/service.ts';
import type { DeviceState, Intake } from './intake.ts';
import { listenOrExplain } from './listen.ts';
import type { PointState } from './point-state.ts';

/** Changes are told this often; in between, only the newest counts. */
const TELL_EVERY_MS = 250;

/** Programs connect, subscribe and acknowledge; none of that is long. The broker behind has no bound of its own. */
const PACKET_BOUNDS = { first: 4096, most: 64 * 1024 };
const MOST_CONNECTIONS = 100;

/** An MQTT broker for programs on the gateway: each point's newest reading, retained, under `sluice/{device}/{point}`. */
export class EventBus implements Service {
  readonly name = 'event-bus';
  readonly #intake: Intake;
  readonly #listen: { readonly host: string; readonly port: number };
  readonly #clock: Clock;
  readonly #log: Log;
  /** What was said of each device last. */
  readonly #told = new Map<DeviceState, string>();

  constructor(intake: Intake, listen: { host: string; port: number }, clock: Clock, log: Log) {
    this.#intake = intake;
    this.#listen = listen;
    this.#clock = clock;
    this.#log = log;
  }

  async run(signal: AbortSignal): Promise<void> {
    const broker = await createBroker();
    const sockets = new Set<Socket>();
    const server = createServer({ noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      broker.handle(new GuardedStream(socket, PACKET_BOUNDS).on('error', () => {}));
    });
    server.maxConnections = MOST_CONNECTIONS;
    try {
      if (!(await listenOrExplain(server, this.#listen, 'event bus', this.#log))) await aborted(signal);
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
    for (const device of this.#intake.devices.values()) {
      const state = `${device.online} ${device.fault}`;
      if (device.online !== undefined && this.#told.get(device) !== state) {
        this.#told.set(device, state);
        await publish(broker, `sluice/${device.spec.name}/status`, {
          state: device.online ? 'online' : 'offline',
          ...(device.fault ? { fault: device.fault } : {}),
        });
      }
      for (const point of device.points.values()) {
        if (!point.untold) continue;
        point.untold = false;
        await publish(broker, `sluice/${device.spec.name}/${point.spec.name}`, toMessage(point));
      }
    }
  }
}

function toMessage({ newest, newestAt, spec }: PointState): object {
  const unit = spec.unit === undefined ? {} : { unit: spec.unit };
  if (newest?.quality === 'good') return { at: newestAt, value: newest.value, ...unit, quality: 'good' };
  return { at: newestAt, value: null, ...unit, quality: 'bad', fault: newest?.fault };
}

/** Programs may read everything below `sluice/` and write nothing. */
function createBroker(): Promise<Aedes> {
  return Aedes.createBroker({
    drainTimeout: 5000,
    connectTimeout: 10_000,
    authorizePublish: (client, _packet, done) => done(client === null ? new Error('no wills') : new Error('read-only')),
    authorizeSubscribe: (_client, subscription, done) =>
      done(null, subscription.topic.startsWith('sluice/') || subscription.topic === '#' ? subscription : null),
  });
}

function publish(broker: Aedes, topic: string, message: object): Promise<void> {
  return new Promise((resolve, reject) => {
    broker.publish(
      { cmd: 'publish', topic, payload: JSON.stringify(message), qos: 0, retain: true, dup: false },
      (error) => (error ? reject(error) : resolve()),
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
