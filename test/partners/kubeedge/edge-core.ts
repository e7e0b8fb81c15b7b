import { linkSync, renameSync, rmSync } from 'node:fs';
import {
  Client,
  credentials,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { loadDmi } from '../../../gateway/kubeedge/dmi.ts';
import { Bucket } from './bucket.ts';
import { DeviceTwin } from './device-twin.ts';
import { type GivenDevice, type GivenModel, wireDevice, wireModel } from './objects.ts';

interface Mapper {
  readonly name: string;
  readonly protocol: string;
  readonly address: string;
  readonly version: string;
}

interface Call<Request> {
  readonly request: Request;
}

interface Options {
  /** Calls that pass at once, and milliseconds until there is one more. */
  readonly burst?: number;
  readonly refillMs?: number;
  /** Below 1.23 a restart forgets the mappers until they register again. */
  readonly remembersMappers?: boolean;
}

type TwinGiven = {
  readonly propertyName: string;
  readonly observedDesired: { readonly value: string } | null;
  readonly reported: { readonly value: string } | null;
};

/** A goroutine for each twin: how late one may come. */
const MOST_LATE_MS = 5;

/**
 * EdgeCore's DMI, as its sources and runs of it have it: one bucket of calls for all mappers, OK for everything, a crash at a twin that
 * lacks a part, callbacks over a fresh connection each, lists that keep what was changed while the node was offline.
 */
export class EdgeCore {
  readonly twin = new DeviceTwin();
  readonly socket: string;
  /** By method, calls that were answered. */
  readonly calls: Record<string, number> = {};
  /** Calls refused by the limiter. */
  rejected = 0;
  crashes = 0;
  /** By callback, what went wrong. */
  readonly callbackErrors: string[] = [];
  /** Every call waits so long; `Infinity`: for ever. */
  delayMs = 0;
  /** It dies in the next call of this name, before it has answered. */
  diesIn: string | undefined;
  /** Times of calls, by process clock. */
  readonly times: number[] = [];
  readonly mappers = new Map<string, Mapper>();
  readonly #options: Required<Options>;
  readonly #dmi = loadDmi();
  /** In its memory: what lists are made of. */
  readonly #devices = new Map<string, GivenDevice>();
  /** In its database: what it begins with. */
  readonly #stored = new Map<string, GivenDevice>();
  readonly #models = new Map<string, GivenModel>();
  /** By protocol, who is called back. */
  readonly #clients = new Map<string, string>();
  #server: Server | undefined;
  readonly #bucket: Bucket;

  constructor(socket: string, options: Options = {}) {
    this.socket = socket;
    this.#options = { burst: 100, refillMs: 1000, remembersMappers: true, ...options };
    this.#bucket = new Bucket(this.#options);
  }

  async start(): Promise<void> {
    const server = new Server();
    server.addService(this.#dmi.managerDefinition, {
      MapperRegister: this.#limited(
        'MapperRegister',
        (call: Call<{ withData: boolean; mapper: Mapper & { address: Buffer } }>) => this.#register(call.request),
      ),
      ReportDeviceStatus: this.#limited('ReportDeviceStatus', (call) => this.#report(call.request as never)),
      ReportDeviceStates: this.#limited('ReportDeviceStates', (call) => {
        const { deviceNamespace, deviceName, state } = call.request as Record<string, string>;
        this.twin.state(`${deviceNamespace}/${deviceName}`, String(state));
        return {};
      }),
    });
    // The old socket is taken away, whoever left it there.
    rmSync(this.socket, { force: true });
    await new Promise<void>((resolve, reject) =>
      server.bindAsync(`unix:${this.socket}`, ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      ),
    );
    this.#server = server;
    this.#bucket.fill();
  }

  /** Ends as it does when it is told to. */
  stop(): void {
    this.#server?.forceShutdown();
    this.#server = undefined;
  }

  /** Ends politely: it tells each connection so and answers what is under way. */
  end(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    return new Promise((resolve) => (server ? server.tryShutdown(() => resolve()) : resolve()));
  }

  /** Ends as it does when it dies: the socket's file stays and nobody listens there. */
  crash(): void {
    this.crashes += 1;
    const kept = `${this.socket}.kept`;
    linkSync(this.socket, kept);
    this.stop();
    renameSync(kept, this.socket);
  }

  /** After `stop` or `crash`. What is in its database it still knows. */
  async restart(): Promise<void> {
    this.#clients.clear();
    this.#devices.clear();
    for (const [id, device] of this.#stored) this.#devices.set(id, device);
    if (this.#options.remembersMappers) {
      for (const { protocol, address } of this.mappers.values()) this.#clients.set(protocol, address);
    }
    await this.start();
  }

  /** What somebody applies while the node is connected. */
  async apply(device: GivenDevice, model?: GivenModel): Promise<void> {
    const id = idOf(device);
    const isNew = !this.#devices.has(id);
    if (model) this.#models.set(idOf(model), model);
    this.#know(device);
    const protocol = device.protocol ?? 'modbus';
    if (model) await this.#callBack(protocol, 'CreateDeviceModel', { model: wireModel(model) });
    await this.#callBack(protocol, isNew ? 'RegisterDevice' : 'UpdateDevice', { device: wireDevice(device) });
  }

  /** What is there before any mapper comes. */
  seed(device: GivenDevice, model: GivenModel): void {
    this.#models.set(idOf(model), model);
    this.#know(device);
  }

  /** In the list of registrations, and told to nobody: as when another mapper has the callbacks. */
  applySilently(device: GivenDevice): void {
    this.#know(device);
  }

  /**
   * Applied while the node was offline: after the link is back it is in the database and nowhere else, and lists are as before until
   * EdgeCore starts anew. A new device is never one that its DeviceTwin knows.
   */
  applyOffline(device: GivenDevice): void {
    this.#stored.set(idOf(device), device);
  }

  /** Deleted while the node was offline: in lists until EdgeCore starts anew. */
  removeOffline(namespace: string, name: string): void {
    this.#stored.delete(`${namespace}/${name}`);
  }

  #know(device: GivenDevice): void {
    const id = idOf(device);
    this.#devices.set(id, device);
    this.#stored.set(id, device);
    this.twin.join(id);
  }

  /** A delete whose callback fails leaves the device in the list. */
  async remove(namespace: string, name: string): Promise<void> {
    const id = `${namespace}/${name}`;
    const protocol = this.#devices.get(id)?.protocol ?? 'modbus';
    this.twin.members.delete(id);
    this.#stored.delete(id);
    if (await this.#callBack(protocol, 'RemoveDevice', { deviceName: name, deviceNamespace: namespace }))
      this.#devices.delete(id);
  }

  /** EdgeCore says everything again when the cloud sends it again. */
  async resend(): Promise<void> {
    for (const model of this.#models.values())
      await this.#callBack('modbus', 'CreateDeviceModel', { model: wireModel(model) });
    for (const device of this.#devices.values())
      await this.#callBack(device.protocol ?? 'modbus', 'RegisterDevice', { device: wireDevice(device) });
  }

  #register({ withData, mapper }: { withData: boolean; mapper: Mapper & { address: Buffer } }): object {
    const { name, protocol, version } = mapper;
    const address = mapper.address.toString();
    if (protocol === '') throw new Error('protocol is empty');
    this.mappers.set(name, { name, protocol, version, address });
    // It returns before it makes the client for callbacks.
    if (!withData) return {};
    this.#clients.set(protocol, address);
    const devices = [...this.#devices.values()].filter((device) => (device.protocol ?? 'modbus') === protocol);
    const models = devices.flatMap(
      ({ namespace = 'default', model }) => this.#models.get(`${namespace}/${model}`) ?? [],
    );
    return {
      deviceList: devices
        .filter(({ namespace = 'default', model }) => this.#models.has(`${namespace}/${model}`))
        .map(wireDevice),
      modelList: models.map(wireModel),
    };
  }

  #report(request: {
    deviceName: string;
    deviceNamespace: string;
    reportedDevice: { twins: readonly TwinGiven[] };
  }): object {
    const { deviceName, deviceNamespace, reportedDevice } = request;
    const { twins } = reportedDevice;
    if (twins.some(({ observedDesired, reported }) => observedDesired === null || reported === null)) {
      setImmediate(() => this.crash());
      return {};
    }
    // Each twin becomes a message of its own, sent from a goroutine of its own: the order is nobody's.
    const id = `${deviceNamespace}/${deviceName}`;
    const updates = [...twins].reverse().map(({ propertyName, observedDesired, reported }) => {
      const twin = { [propertyName]: { reported: reported?.value ?? '', desired: observedDesired?.value ?? '' } };
      return () => this.twin.update(id, twin);
    });
    const late = updates.pop();
    for (const update of updates) update();
    if (late) setTimeout(late, Math.random() * MOST_LATE_MS);
    return {};
  }

  #limited<Request>(name: string, handle: (call: Call<Request>) => object) {
    return (call: ServerUnaryCall<Request, object>, answer: sendUnaryData<object>) => {
      const work = () => {
        if (this.diesIn === name) {
          this.diesIn = undefined;
          return this.crash();
        }
        if (!this.#bucket.take()) {
          this.rejected += 1;
          return answer({ code: status.UNKNOWN, details: 'fail to report device status because of too many request' });
        }
        this.calls[name] = (this.calls[name] ?? 0) + 1;
        this.times.push(performance.now());
        try {
          answer(null, handle(call));
        } catch (error) {
          answer({ code: status.UNKNOWN, details: (error as Error).message });
        }
      };
      if (this.delayMs === 0) work();
      else if (Number.isFinite(this.delayMs)) setTimeout(work, this.delayMs);
    };
  }

  /** A fresh connection, 10 s, no second try; the authority is the percent-encoded path, as grpc-go 1.63 and later have it. */
  #callBack(protocol: string, method: string, request: object): Promise<boolean> {
    const address = this.#clients.get(protocol);
    if (address === undefined) return Promise.resolve(false);
    const client = new Client(`unix:${address}`, credentials.createInsecure(), {
      'grpc.default_authority': encodeURIComponent(address),
      'grpc.enable_retries': 0,
    });
    const { path, requestSerialize, responseDeserialize } = this.#dmi.mapper[method] as MethodDefinition<
      object,
      object
    >;
    return new Promise((resolve) => {
      const call = client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error) => {
        clearTimeout(timer);
        client.close();
        if (error) this.callbackErrors.push(`${method}: ${error.details}`);
        resolve(error === null);
      });
      const timer = setTimeout(() => call.cancel(), 10_000);
    });
  }
}

function idOf({ namespace = 'default', name }: { readonly namespace?: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}
