import { createServer, type Server } from 'node:net';
import { Aedes } from 'aedes';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { aborted, isAbort, type Service } from '../core/service.ts';
import type { DeviceState, Intake } from './intake.ts';
import { listenOrExplain } from './listen.ts';
import type { PointState } from './point-state.ts';

/** Changes are told this often; in between, only the newest counts. */
const TELL_EVERY_MS = 250;

/** An MQTT broker for programs on the gateway: each point's newest reading, retained, under `sluice/{device}/{point}`. */
export class EventBus implements Service {
  readonly name = 'event-bus';
  readonly #intake: Intake;
  readonly #listen: { readonly host: string; readonly port: number };
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #told = new Map<DeviceState, boolean>();

  constructor(intake: Intake, listen: { host: string; port: number }, clock: Clock, log: Log) {
    this.#intake = intake;
    this.#listen = listen;
    this.#clock = clock;
    this.#log = log;
  }

  async run(signal: AbortSignal): Promise<void> {
    const broker = await createBroker();
    const server = createServer({ noDelay: true }, (socket) => {
      socket.on('error', () => {});
      broker.handle(socket);
    });
    server.maxConnections = 100;
    try {
      if (!(await listenOrExplain(server, this.#listen, 'event bus', this.#log))) await aborted(signal);
      while (!signal.aborted) {
        await this.#tell(broker);
        await this.#clock.sleep(TELL_EVERY_MS, signal);
      }
    } catch (error) {
      if (!isAbort(error, signal)) throw error;
    } finally {
      await closeAll(broker, server);
    }
  }

  async #tell(broker: Aedes): Promise<void> {
    for (const device of this.#intake.devices.values()) {
      if (device.online !== undefined && this.#told.get(device) !== device.online) {
        this.#told.set(device, device.online);
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

function closeAll(broker: Aedes, server: Server): Promise<void> {
  return new Promise((resolve) => {
    broker.close(() => server.close(() => resolve()));
  });
}
